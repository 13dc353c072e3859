namespace Muster.Evals;

/// <summary>One thing wrong with an eval set.</summary>
/// <param name="Line">1-based; 0 for the file as a whole.</param>
/// <param name="Message">What was found, cut and escaped.</param>
/// <param name="Hint">What to write instead.</param>
public sealed record EvalSetFault(int Line, string Message, string Hint);

/// <summary>An eval set that cannot be used, with one fault for each bad line. Nothing of it is graded.</summary>
public sealed class EvalSetException : MusterException
{
    internal EvalSetException(string path, IReadOnlyList<EvalSetFault> faults, int total)
        : base(Describe(path, faults, total), faults.Count == 1 ? faults[0].Hint : "Correct these lines; none of the set was used.") =>
        (Path, Faults) = (path, faults);

    /// <summary>The same with one next step for all of its lines.</summary>
    internal EvalSetException(EvalSetException fault, string hint) : base(fault.Message, hint, fault) =>
        (Path, Faults) = (fault.Path, [.. fault.Faults.Select(one => one with { Hint = hint })]);

    public string Path { get; }

    /// <summary>In the order of the file; at least one.</summary>
    public IReadOnlyList<EvalSetFault> Faults { get; }

    /// <summary>A fault with its place.</summary>
    internal static string Said(string path, EvalSetFault fault) => fault.Line == 0 ? $"{path}: {fault.Message}" : $"{path}:{fault.Line}: {fault.Message}";

    private static string Describe(string path, IReadOnlyList<EvalSetFault> faults, int total)
    {
        if (total == 1)
            return Said(path, faults[0]);
        var lines = faults.Select(fault => $"  {Said(path, fault)}{Environment.NewLine}      {fault.Hint}");
        var rest = total > faults.Count ? $"{Environment.NewLine}  and {total - faults.Count} more" : "";
        return $"{path} has {total} faults:{Environment.NewLine}{string.Join(Environment.NewLine, lines)}{rest}";
    }
}
