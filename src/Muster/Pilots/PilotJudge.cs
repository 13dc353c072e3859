using System.Globalization;
using Muster.Runs;
using Muster.Verdicts;

namespace Muster.Pilots;

/// <summary>
/// Makes a report of a pilot's rows. Pure. A row passes when its answer was accepted; a row that the job sends to people by design
/// counts neither way; one that waits for people for another reason, as a refusal, has not passed.
/// </summary>
internal static class PilotJudge
{
    /// <summary>With fewer random rows no cost is projected: the resampled interval would be a pretence.</summary>
    public const int MinRandomRows = 10;

    private const int Resamples = 2_000;

    /// <summary>The API ends a batch after this, finished or not.</summary>
    private static readonly TimeSpan LongestRound = TimeSpan.FromHours(24);

    public static PilotReport Judge(
        IReadOnlyList<PilotRow> rows, IReadOnlyList<PilotAnswer> answers, IReadOnlyList<PilotTier> tiers, PilotCourse course, ShareBounds bounds)
    {
        var random = rows.Where(row => row.Stratum == Stratum.Random).ToList();
        var all = RateOf(rows, bounds);
        var verdict = course.Pass is not { } pass || all.Rate is not { } rate ? PilotVerdict.NotJudged
            : rate >= pass ? PilotVerdict.Reached : PilotVerdict.Missed;
        var cost = CostOf(random, course);
        return new PilotReport(all, RateOf(random, bounds), verdict,
            [.. rows.GroupBy(row => row.Stratum).OrderBy(group => group.Key)
                .Select(group => new StratumPass(group.Key, group.Count(Passed), group.Count(Counts), group.Count(row => !Counts(row))))],
            [.. rows.Where(row => row.Reason is not null).CountBy(row => row.Reason!).OrderByDescending(reason => reason.Value)
                .ThenBy(reason => reason.Key, StringComparer.Ordinal).Select(reason => new PilotReason(reason.Key, reason.Value))],
            [.. tiers.Select(tier => TokensOf(tier, answers))], cost, TimeOf(course), [.. NotesOf(rows, random, cost)]);
    }

    /// <summary>The value that <paramref name="share"/> of the sorted numbers do not exceed, by nearest rank.</summary>
    public static int Percentile(IReadOnlyList<int> sorted, double share) =>
        sorted.Count == 0 ? 0 : sorted[Math.Clamp((int)Math.Ceiling(share * sorted.Count) - 1, 0, sorted.Count - 1)];

    /// <summary>
    /// One and a half times the longest answer, rounded up to fifty; with answers cut at the cap, at least twice the cap, because how long
    /// they would have become is unknown. Never above the model's own limit.
    /// </summary>
    public static int ProposedMaxTokens(PilotTier tier, int longest, long cut)
    {
        if (longest == 0)
            return tier.MaxTokens;
        var wanted = (longest * 3L / 2) + (longest * 3L % 2);
        wanted = (wanted + 49) / 50 * 50;
        if (cut > 0)
            wanted = Math.Max(wanted, 2L * tier.MaxTokens);
        return (int)Math.Min(wanted, tier.ModelMaxTokens ?? int.MaxValue);
    }

    private static bool Passed(PilotRow row) => row.State == RowState.Succeeded;

    private static bool Counts(PilotRow row) =>
        row.State != RowState.HumanQueued || row.Reason?.StartsWith(Reasons.HumanRequested, StringComparison.Ordinal) != true;

    private static PassRate RateOf(IReadOnlyList<PilotRow> rows, ShareBounds bounds)
    {
        var (passed, of) = (rows.LongCount(Passed), rows.LongCount(Counts));
        return of == 0 ? new PassRate(0, 0, null, null) : new PassRate(passed, of, (double)passed / of, bounds(passed, of));
    }

    private static OutputTokens TokensOf(PilotTier tier, IReadOnlyList<PilotAnswer> answers)
    {
        var own = answers.Where(answer => answer.Tier == tier.Tier).ToList();
        var sorted = own.Select(answer => answer.OutputTokens).Order().ToList();
        var cut = own.LongCount(answer => answer.WasCut);
        var longest = sorted.Count == 0 ? 0 : sorted[^1];
        var proposed = ProposedMaxTokens(tier, longest, cut);
        var why = (sorted.Count, cut) switch
        {
            (0, _) => "no answer at this tier: the cap stays",
            (_, > 0) => $"{Amount.Of(cut, "answer")} cut at the cap: at least twice the cap",
            _ => "one and a half times the longest answer",
        };
        return new OutputTokens(tier, sorted.Count, cut, Percentile(sorted, 0.5), Percentile(sorted, 0.95), Percentile(sorted, 0.99), longest, proposed, why);
    }

    private static CostProjection? CostOf(IReadOnlyList<PilotRow> random, PilotCourse course)
    {
        if (random.Count < MinRandomRows)
            return null;
        var means = new decimal[Resamples];
        for (var i = 0; i < Resamples; i++)
        {
            var sum = 0m;
            for (var j = 0; j < random.Count; j++)
                sum += random[(int)(SeededOrder.Place(course.Seed, (ulong)i, j) % (ulong)random.Count)].PicoUsd;
            means[i] = sum / random.Count;
        }

        Array.Sort(means);
        return new CostProjection(random.Sum(row => (decimal)row.PicoUsd) / random.Count * course.FullRows,
            means[(int)(Resamples * 0.025)] * course.FullRows, means[(int)(Resamples * 0.975) - 1] * course.FullRows, random.Count);
    }

    private static TimeProjection? TimeOf(PilotCourse course)
    {
        if (course.Rounds.Count == 0 || course.FullRows == 0)
            return null;
        var fillings = (course.FullRows + course.QueuedRequests - 1) / course.QueuedRequests;
        var rounds = TimeSpan.FromTicks(course.Rounds.Sum(round => round.Ticks));
        return new TimeProjection(rounds * fillings, LongestRound * (fillings * course.Rounds.Count), fillings, course.Rounds.Count);
    }

    private static IEnumerable<string> NotesOf(IReadOnlyList<PilotRow> rows, IReadOnlyList<PilotRow> random, CostProjection? cost)
    {
        yield return "Picked rows are harder than the source on purpose: their pass rate shows what breaks, not how often.";
        if (random.Count > 0 && random.All(Passed))
        {
            var upper = (1 - Math.Pow(0.05, 1.0 / random.Count)).ToString("P0", CultureInfo.InvariantCulture);
            yield return $"All {random.Count} random rows passed; up to {upper} of the source may still fail (95 %, one-sided).";
        }

        if (cost is null)
            yield return $"{Amount.Of(random.Count, "random row")}: too few to project a cost; a pilot has 30 or more.";
        else if (random.Count < 100)
            yield return $"The cost's interval rests on {random.Count} rows; rows that are rare and dear widen it beyond what they show.";
        if (rows.Any(row => row.State is RowState.Pending or RowState.InFlight))
            yield return "Some rows are still open; the figures are those of now.";
    }
}
