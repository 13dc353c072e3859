using Muster.Batches;
using Muster.Jobs;
using Muster.Requests;
using Muster.Runs;

namespace Muster.Verdicts;

/// <summary>What the job allows.</summary>
/// <param name="Tiers">Rungs of the ladder.</param>
/// <param name="Attempts">Requests for one row in all that count.</param>
/// <param name="HasLane">The job has a synchronous lane, where a row is asked once more when its attempts are used up.</param>
public sealed record PolicyLimits(int Tiers, int Attempts, OnViolation OnViolation, bool HasLane = false);

/// <summary>What was tried for a row before, this request included.</summary>
/// <param name="Tier">The tier just asked, from 0.</param>
/// <param name="Spent">Requests that count against the limit, this one included.</param>
/// <param name="Tries">Unacceptable answers at this tier, this one included when it is one.</param>
/// <param name="Variant">How this request differed from the row's first.</param>
public sealed record Tried(int Tier, int Spent, int Tries, VariantKind Variant);

/// <summary>Where the row goes.</summary>
public sealed record Disposition(RowState State, int Tier, VariantKind Variant)
{
    /// <summary>True when the run stops submitting until a person acts on the account; no row is blamed.</summary>
    public bool PausesRun { get; init; }
}

/// <summary>
/// The failure policy as one table. Pure: cause and history in, disposition out. Only failed rows are ever asked again, and
/// every retry counts. docs/failure-policy.md shows it; a test compares the two.
/// </summary>
public static class FailurePolicy
{
    /// <summary>An answer is billed and spends an attempt; one that cannot be used also spends a try at its tier.</summary>
    private const Burns Answer = Burns.Attempt | Burns.Money;
    private const Burns Unusable = Answer | Burns.Try;
    private const Burns Failure = Burns.Attempt | Burns.Row;
    private const Burns Outage = Failure | Burns.Batch;

    /// <summary>Of one row in the synchronous lane; at most one of them is answered.</summary>
    internal const int MostLaneTries = 5;

    private static readonly Dictionary<Cause, PolicyRow> Rows = new()
    {
        [Cause.Accepted] = PolicyRow.Ends(Fault.None, Answer, RowState.Succeeded, ""),
        [Cause.HumanRequested] = PolicyRow.Ends(Fault.ByDesign, Answer, RowState.HumanQueued, Reasons.HumanRequested),
        [Cause.MaxTokens] = PolicyRow.OnceThenTier(Fault.Request, VariantKind.LargerCap, Reasons.MaxTokens),
        [Cause.ContextWindow] = PolicyRow.Ends(Fault.Model, Unusable | Burns.Row, RowState.Quarantined, Reasons.StopUnexpected + ".context_window"),
        [Cause.Refusal] = PolicyRow.Ends(Fault.Model, Unusable, RowState.HumanQueued, Reasons.Refusal),
        [Cause.PauseTurn] = PolicyRow.Once(Fault.Model, Reasons.StopUnexpected + ".pause_turn"),
        [Cause.ToolUse] = PolicyRow.Once(Fault.Model, Reasons.StopUnexpected + ".tool_use"),
        [Cause.Empty] = PolicyRow.Once(Fault.Model, Reasons.StopUnexpected + ".empty"),
        [Cause.NotJson] = PolicyRow.OnceThenTier(Fault.Model, null, Reasons.NotJson),
        [Cause.Schema] = PolicyRow.OnceThenTier(Fault.Model, VariantKind.Reask, Reasons.Schema),
        [Cause.EnumUnknown] = PolicyRow.OnceThenTier(Fault.Model, VariantKind.Reask, Reasons.EnumUnknown),
        [Cause.RequestInvalid] = PolicyRow.Ends(Fault.Request, Failure, RowState.Quarantined, Reasons.RowInvalid),
        [Cause.NotFound] = PolicyRow.Ends(Fault.Request, Failure, RowState.Quarantined, Reasons.RowInvalid + ".not_found"),
        [Cause.Account] = new(Fault.Account, Retry.Same, Chances.UntilTheAccountHolds, Retry.No, Burns.Nothing, RowState.Pending, Reasons.Account),
        [Cause.RateLimited] = PolicyRow.Unchanged(Outage, RowState.Errored, Reasons.Transient + ".rate_limited"),
        [Cause.Overloaded] = PolicyRow.Unchanged(Outage, RowState.Errored, Reasons.Transient + ".overloaded"),
        [Cause.ServerError] = PolicyRow.Unchanged(Outage, RowState.Errored, Reasons.Transient + ".server"),
        [Cause.Expired] = PolicyRow.Unchanged(Outage, RowState.Expired, Reasons.Expired),
        [Cause.CanceledByRemote] = PolicyRow.Unchanged(Failure, RowState.Canceled, Reasons.Canceled),
        [Cause.CanceledByUs] = PolicyRow.Ends(Fault.Operator, Burns.Attempt, RowState.Canceled, Reasons.Canceled),
        [Cause.NotTaken] = new(Fault.Platform, Retry.Same, Chances.UntilItIsTaken, Retry.No, Burns.Nothing, RowState.Pending, Reasons.Transient + ".not_taken"),
        [Cause.ReplyLost] = PolicyRow.Ends(Fault.Platform, Failure | Burns.Money, RowState.Errored, Reasons.FallbackFailed + ".reply_lost"),
        [Cause.Unscored] = PolicyRow.Ends(Fault.Instrument, Burns.Nothing, RowState.Succeeded, Reasons.Unscored),
    };

    public static Fault FaultOf(Cause cause) => Rows[cause].Fault;

    /// <summary>The reason code of a cause, before its detail.</summary>
    public static string ReasonOf(Cause cause) => Rows[cause].Reason;

    /// <summary>True when the request counts against the job's limit of attempts.</summary>
    public static bool Counts(Cause cause) => Rows[cause].Burns.HasFlag(Burns.Attempt);

    /// <summary>True when the answer counts as a try at its tier.</summary>
    public static bool IsTry(Cause cause) => Rows[cause].Burns.HasFlag(Burns.Try);

    /// <summary>True when the row, ended so, is one of <c>budget.failures</c>.</summary>
    public static bool FailsRow(Cause cause) => Rows[cause].Burns.HasFlag(Burns.Row);

    /// <summary>True when the request is one of those by which the platform failed its batch.</summary>
    public static bool FailsBatch(Cause cause) => Rows[cause].Burns.HasFlag(Burns.Batch);

    public static Disposition Decide(Cause cause, Tried tried, PolicyLimits limits)
    {
        var row = Rows[cause];
        if (row.PausesRun)
            return new Disposition(RowState.Pending, tried.Tier, tried.Variant) { PausesRun = true };
        if (row.Chances == Chances.UntilItIsTaken)
            return new Disposition(RowState.Pending, tried.Tier, tried.Variant);
        var hasAttempt = tried.Spent < limits.Attempts;
        if (hasAttempt && IsAskedAgain(row, tried, limits))
            return new Disposition(RowState.Pending, tried.Tier, row.Change ?? tried.Variant);
        return row.Then switch
        {
            Retry.NextTier when hasAttempt && tried.Tier + 1 < limits.Tiers => new Disposition(RowState.Pending, tried.Tier + 1, VariantKind.Same),
            Retry.SynchronousLane when limits.HasLane && tried.Spent < limits.Attempts + LaneTries(cause) => new Disposition(RowState.Pending, tried.Tier, tried.Variant),
            _ => new Disposition(row.End, tried.Tier, tried.Variant),
        };
    }

    /// <summary>Requests in the lane beyond the job's limit: one that may be answered, and some more for what the service did not take.</summary>
    private static int LaneTries(Cause cause) => cause is Cause.Overloaded or Cause.RateLimited ? MostLaneTries : 1;

    internal static PolicyRow RowOf(Cause cause) => Rows[cause];

    private static bool IsAskedAgain(PolicyRow row, Tried tried, PolicyLimits limits) => row.Chances switch
    {
        Chances.None => false,
        Chances.WhileAttemptsLast => true,
        Chances.Once => tried.Tries <= 1 && row.Change switch
        {
            VariantKind.Reask => limits.OnViolation == OnViolation.Reask,
            VariantKind.LargerCap => tried.Variant != VariantKind.LargerCap,
            _ => true,
        },
        _ => throw new System.Diagnostics.UnreachableException(row.Chances.ToString()),
    };
}
