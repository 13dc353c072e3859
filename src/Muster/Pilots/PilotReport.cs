namespace Muster.Pilots;

internal enum PilotVerdict
{
    /// <summary>The job states no share, or no row counts.</summary>
    NotJudged,

    Reached,
    Missed,
}

/// <summary>A share of rows that passed, with its interval; null when no row counts.</summary>
internal sealed record PassRate(long Passed, long Of, double? Rate, Bounds? Interval);

internal sealed record StratumPass(Stratum Stratum, long Passed, long Of, long ForPeople);

internal sealed record PilotReason(string Reason, long Rows);

/// <param name="Proposed">The cap to write into the job; the present one when there is nothing to go by.</param>
/// <param name="Why">The rule's own words.</param>
internal sealed record OutputTokens(PilotTier Tier, long Answers, long Cut, int P50, int P95, int P99, int Max, int Proposed, string Why);

/// <param name="PicoUsd">The mean of the random rows times the full run's rows.</param>
/// <param name="Low">2.5 % of 2,000 resamples lie below.</param>
/// <param name="High">2.5 % lie above.</param>
internal sealed record CostProjection(decimal PicoUsd, decimal Low, decimal High, long FromRows);

/// <param name="Low">The pilot's rounds once for each time the queue must be filled.</param>
/// <param name="High">The same, each round at the API's limit of 24 hours.</param>
internal sealed record TimeProjection(TimeSpan Low, TimeSpan High, long Fillings, int Rounds);

/// <summary>What a pilot says, and of what.</summary>
/// <param name="All">Of all picked rows: how the job stands up to hard input. It is no estimate of the full run.</param>
/// <param name="Random">Of the simple random sample alone: an estimate of the full run.</param>
/// <param name="Cost">From the random sample; null with fewer than <see cref="PilotJudge.MinRandomRows"/> of them.</param>
internal sealed record PilotReport(
    PassRate All, PassRate Random, PilotVerdict Verdict, IReadOnlyList<StratumPass> Strata, IReadOnlyList<PilotReason> Reasons,
    IReadOnlyList<OutputTokens> Tokens, CostProjection? Cost, TimeProjection? Time, IReadOnlyList<string> Notes);
