using Muster.Batches;
using Muster.Jobs;
using Muster.Requests;
using Muster.Runs;

namespace Muster.Verdicts;

/// <summary>What the job allows.</summary>
/// <param name="Tiers">Rungs of the ladder.</param>
/// <param name="Attempts">Requests for one row in all that count.</param>
public sealed record PolicyLimits(int Tiers, int Attempts, OnViolation OnViolation);

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
/// every retry counts.
/// </summary>
public static class FailurePolicy
{
    private enum Next
    {
        Accept, Review, Pause, Retry, LargerCapThenTier, OnceThenTier, ViolationThenTier, OnceThenQuarantine, Quarantine, End,
    }

    private sealed record Rule(Fault Fault, Next Next, string Reason, RowState AtLimit);

    private static readonly Dictionary<Cause, Rule> Rules = new()
    {
        [Cause.Accepted] = new(Fault.None, Next.Accept, "", RowState.Succeeded),
        [Cause.HumanRequested] = new(Fault.ByDesign, Next.Review, Reasons.HumanRequested, RowState.HumanQueued),
        [Cause.MaxTokens] = new(Fault.Request, Next.LargerCapThenTier, Reasons.MaxTokens, RowState.Quarantined),
        [Cause.ContextWindow] = new(Fault.Model, Next.Quarantine, Reasons.StopUnexpected + ".context_window", RowState.Quarantined),
        [Cause.Refusal] = new(Fault.Model, Next.Review, Reasons.Refusal, RowState.HumanQueued),
        [Cause.PauseTurn] = new(Fault.Model, Next.OnceThenQuarantine, Reasons.StopUnexpected + ".pause_turn", RowState.Quarantined),
        [Cause.ToolUse] = new(Fault.Model, Next.OnceThenQuarantine, Reasons.StopUnexpected + ".tool_use", RowState.Quarantined),
        [Cause.Empty] = new(Fault.Model, Next.OnceThenQuarantine, Reasons.StopUnexpected + ".empty", RowState.Quarantined),
        [Cause.NotJson] = new(Fault.Model, Next.OnceThenTier, Reasons.NotJson, RowState.Quarantined),
        [Cause.Schema] = new(Fault.Model, Next.ViolationThenTier, Reasons.Schema, RowState.Quarantined),
        [Cause.EnumUnknown] = new(Fault.Model, Next.ViolationThenTier, Reasons.EnumUnknown, RowState.Quarantined),
        [Cause.RequestInvalid] = new(Fault.Request, Next.Quarantine, Reasons.RowInvalid, RowState.Quarantined),
        [Cause.NotFound] = new(Fault.Request, Next.Quarantine, Reasons.RowInvalid + ".not_found", RowState.Quarantined),
        [Cause.Account] = new(Fault.Account, Next.Pause, Reasons.Account, RowState.Pending),
        [Cause.RateLimited] = new(Fault.Platform, Next.Retry, Reasons.Transient + ".rate_limited", RowState.Errored),
        [Cause.Overloaded] = new(Fault.Platform, Next.Retry, Reasons.Transient + ".overloaded", RowState.Errored),
        [Cause.ServerError] = new(Fault.Platform, Next.Retry, Reasons.Transient + ".server", RowState.Errored),
        [Cause.Expired] = new(Fault.Platform, Next.Retry, Reasons.Expired, RowState.Expired),
        [Cause.CanceledByRemote] = new(Fault.Platform, Next.Retry, Reasons.Canceled, RowState.Canceled),
        [Cause.CanceledByUs] = new(Fault.Operator, Next.End, Reasons.Canceled, RowState.Canceled),
    };

    public static Fault FaultOf(Cause cause) => Rules[cause].Fault;

    /// <summary>The reason code of a cause, before its detail.</summary>
    public static string ReasonOf(Cause cause) => Rules[cause].Reason;

    /// <summary>True when the request counts against the job's limit of attempts.</summary>
    public static bool Counts(Cause cause) => Rules[cause].Next != Next.Pause;

    /// <summary>True when the answer counts as a try at its tier.</summary>
    public static bool IsTry(Cause cause) => Rules[cause].Fault == Fault.Model || cause == Cause.MaxTokens;

    public static Disposition Decide(Cause cause, Tried tried, PolicyLimits limits)
    {
        var rule = Rules[cause];
        var again = tried.Spent < limits.Attempts;
        var last = new Disposition(rule.AtLimit, tried.Tier, tried.Variant);
        var up = tried.Tier + 1 < limits.Tiers && again
            ? new Disposition(RowState.Pending, tried.Tier + 1, VariantKind.Same)
            : last;
        Disposition Once(VariantKind variant) =>
            tried.Tries <= 1 && again ? new Disposition(RowState.Pending, tried.Tier, variant) : up;

        return rule.Next switch
        {
            Next.Accept or Next.Review or Next.Quarantine or Next.End => last,
            Next.Pause => new Disposition(RowState.Pending, tried.Tier, tried.Variant) { PausesRun = true },
            Next.Retry => again ? new Disposition(RowState.Pending, tried.Tier, tried.Variant) : last,
            Next.LargerCapThenTier => tried.Variant == VariantKind.LargerCap ? up : Once(VariantKind.LargerCap),
            Next.OnceThenTier => Once(tried.Variant),
            Next.OnceThenQuarantine => tried.Tries <= 1 && again ? new Disposition(RowState.Pending, tried.Tier, tried.Variant) : last,
            Next.ViolationThenTier => limits.OnViolation == OnViolation.Reask ? Once(VariantKind.Reask) : up,
            _ => throw new System.Diagnostics.UnreachableException(rule.Next.ToString()),
        };
    }
}
