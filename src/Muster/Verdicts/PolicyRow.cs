using Muster.Requests;
using Muster.Runs;

namespace Muster.Verdicts;

/// <summary>One row of <see cref="FailurePolicy"/>: what is done about one cause.</summary>
/// <param name="First">How the row is asked again first.</param>
/// <param name="Chances">How often.</param>
/// <param name="Then">What follows when those are used up.</param>
/// <param name="Burns">What the request costs its row and its job.</param>
/// <param name="End">Where the row goes when nothing is left.</param>
internal sealed record PolicyRow(Fault Fault, Retry First, Chances Chances, Retry Then, Burns Burns, RowState End, string Reason)
{
    private const Burns Unusable = Burns.Attempt | Burns.Try | Burns.Money | Burns.Row;

    /// <summary>How a changed request differs; null when it is not changed.</summary>
    public VariantKind? Change { get; private init; }

    /// <summary>True when the run, and no row, waits until a person has acted.</summary>
    public bool PausesRun => Chances == Chances.UntilTheAccountHolds;

    public static PolicyRow Ends(Fault fault, Burns burns, RowState end, string reason) => new(fault, Retry.No, Chances.None, Retry.No, burns, end, reason);

    /// <summary>The platform failed the request, which is not billed then.</summary>
    public static PolicyRow Unchanged(Burns burns, RowState end, string reason) =>
        new(Fault.Platform, Retry.Same, Chances.WhileAttemptsLast, Retry.SynchronousLane, burns, end, reason);

    public static PolicyRow Once(Fault fault, string reason) => new(fault, Retry.Same, Chances.Once, Retry.No, Unusable, RowState.Quarantined, reason);

    public static PolicyRow OnceThenTier(Fault fault, VariantKind? change, string reason) =>
        new(fault, change is null ? Retry.Same : Retry.Changed, Chances.Once, Retry.NextTier, Unusable, RowState.Quarantined, reason) { Change = change };
}

/// <summary>How a row is asked again.</summary>
internal enum Retry
{
    No,
    Same,

    /// <summary>With a larger cap, or with the validator's message.</summary>
    Changed,
    NextTier,

    /// <summary>Once more at the same tier by a synchronous call, if the job has a <c>fallback</c>.</summary>
    SynchronousLane,
}

internal enum Chances
{
    None,

    /// <summary>Once at its tier.</summary>
    Once,

    /// <summary>As long as the job's <c>limits.attempts</c> allow.</summary>
    WhileAttemptsLast,

    /// <summary>Whenever the run goes on; it counts for nothing.</summary>
    UntilTheAccountHolds,

    /// <summary>Whenever the lane goes on; it counts for nothing.</summary>
    UntilItIsTaken,
}

/// <summary>What a request uses up.</summary>
[Flags]
internal enum Burns
{
    Nothing = 0,

    /// <summary>One of the row's <c>limits.attempts</c>.</summary>
    Attempt = 1,

    /// <summary>One of the unacceptable answers that a tier may give.</summary>
    Try = 2,

    /// <summary>It is billed: part of <c>budget.usd</c>.</summary>
    Money = 4,

    /// <summary>Its row, where it ends so, is part of <c>budget.failures</c>.</summary>
    Row = 8,

    /// <summary>Its batch is failed by the platform, part of <c>budget.batches</c>, where more than half of its requests are so.</summary>
    Batch = 16,
}
