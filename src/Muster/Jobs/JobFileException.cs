namespace Muster.Jobs;

/// <summary>A job file that cannot be used, with every fault that was found in it.</summary>
public sealed class JobFileException : MusterException
{
    internal JobFileException(string path, IReadOnlyList<JobFault> faults)
        : base(Describe(path, faults), Advise(path, faults)) => Faults = faults;

    /// <summary>In the order of the file; at least one.</summary>
    public IReadOnlyList<JobFault> Faults { get; }

    private static string Describe(string path, IReadOnlyList<JobFault> faults)
    {
        if (faults.Count == 1)
        {
            return faults[0].ToString();
        }

        var lines = faults.Select(fault => $"  {fault}{Environment.NewLine}      {fault.Hint}");
        return $"{path} has {faults.Count} faults:{Environment.NewLine}{string.Join(Environment.NewLine, lines)}";
    }

    private static string Advise(string path, IReadOnlyList<JobFault> faults) => faults.Count == 1
        ? faults[0].Hint
        : $"Correct the {faults.Count} places above, then run `muster check {path}` again.";
}
