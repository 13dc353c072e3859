namespace Muster.Runs;

/// <summary>What the conductor sees after a pass.</summary>
/// <param name="OpenRows">Rows pending or in flight.</param>
/// <param name="OpenBatches">Batches neither settled nor withdrawn.</param>
/// <param name="GivenUp">Those of them that this process no longer waits for.</param>
/// <param name="Unbooked">Duplicates whose cost is not known yet, and the look for them when it is not done.</param>
/// <param name="Stop">Why nothing more may be submitted; null when it may.</param>
/// <param name="StopNow">True when even polling is refused, so waiting for what is in flight is of no use.</param>
internal readonly record struct Seen(long OpenRows, int OpenBatches, int GivenUp, int Unbooked, StopReason? Stop, bool StopNow, bool Canceling, bool TimeIsUp);

internal sealed record StopReason(RunOutcome Outcome, string Why);

/// <summary>Decides after each pass whether the run goes on. Pure.</summary>
internal static class Conduct
{
    /// <summary>Null to go on.</summary>
    public static RunOutcome? Decide(in Seen seen)
    {
        if (seen is { Canceling: true, OpenBatches: 0, Unbooked: 0 })
            return RunOutcome.Canceled;
        // What is in flight is paid for: it is collected before a stopped run ends, unless the remote will not even talk.
        if (seen.Stop is { } stop && (seen.StopNow || seen.OpenBatches == seen.GivenUp))
            return stop.Outcome;
        if (seen is { OpenRows: 0, OpenBatches: 0, Unbooked: 0 })
            return RunOutcome.Done;
        return seen.TimeIsUp ? RunOutcome.StillProcessing : null;
    }

    /// <summary>True when more failed, of rows that were asked or of batches, than the job allows.</summary>
    /// <param name="share">0 to 1 of <paramref name="all"/>; null sets no limit.</param>
    public static bool OverBudget(long failed, long all, double? share) => share is { } s && failed > s * all;
}
