namespace Muster.Promotion;

/// <summary>The target cannot be used, or a promotion was stopped before it changed anything.</summary>
public sealed class TargetException(string message, string hint, Exception? inner = null) : MusterException(message, hint, inner)
{
    /// <summary>What a check found; empty for other refusals.</summary>
    public IReadOnlyList<TargetFault> Faults { get; init; } = [];

    internal static TargetException Of(IReadOnlyList<TargetFault> faults) =>
        new(string.Join("; ", faults.Select(f => f.Message)), faults[0].Hint) { Faults = faults };
}

/// <param name="Message">What is wrong and where.</param>
/// <param name="Hint">The next step.</param>
public sealed record TargetFault(string Message, string Hint);
