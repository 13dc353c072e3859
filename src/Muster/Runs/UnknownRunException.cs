namespace Muster.Runs;

/// <summary>A job has no run of that name, none over all rows, or none at all.</summary>
public sealed class UnknownRunException : MusterException
{
    internal UnknownRunException(string job, IReadOnlyList<Run> runs, string? name)
        : base(Told(job, runs, name), runs.Count == 0 || name is null ? "Run all rows with `muster run`." : "Name one of these.")
    {
        (Job, Run, Runs) = (job, name, [.. runs.Select(run => run.Name)]);
    }

    public string Job { get; }

    /// <summary>The name that was given; null for none.</summary>
    public string? Run { get; }

    /// <summary>Those that the job has, oldest first.</summary>
    public IReadOnlyList<string> Runs { get; }

    public override int ExitCode => ExitCodes.Usage;

    private static string Told(string job, IReadOnlyList<Run> runs, string? name) =>
        runs.Count == 0 ? $"{job} has not been run yet."
        : $"{job} has no {(name is null ? "full run yet" : $"run {Excerpt.Quoted(name)}")}; its runs are {Excerpt.List([.. runs.Select(run => run.Name)])}.";
}
