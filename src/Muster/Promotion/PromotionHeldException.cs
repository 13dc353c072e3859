using Muster.Runs;

namespace Muster.Promotion;

/// <summary>A promotion that something holds. Nothing was written.</summary>
public sealed class PromotionHeldException : MusterException
{
    internal PromotionHeldException(Run run, IReadOnlyList<PromotionHold> holds)
        : base($"{run.Name} is not promoted: {string.Join("; ", holds.Select(hold => hold.Reason))}",
            $"Look with `{holds[0].See}`; to promote it all the same: {string.Join(" ", holds.Select(hold => hold.Override).Distinct())} \"REASON\", which is recorded.")
    {
        ExitCode = holds.All(hold => hold.IsUndecided) ? ExitCodes.Inconclusive : ExitCodes.Unbalanced;
        Holds = [.. holds.Select(hold => hold.Reason)];
    }

    /// <summary>What holds it, one sentence each.</summary>
    public IReadOnlyList<string> Holds { get; }

    /// <summary><see cref="ExitCodes.Inconclusive"/> when nothing could decide, else <see cref="ExitCodes.Unbalanced"/>.</summary>
    public override int ExitCode { get; }
}
