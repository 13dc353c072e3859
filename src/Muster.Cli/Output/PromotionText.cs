using Muster.Promotion;

namespace Muster.Cli.Output;

/// <summary>A promotion in words: its plan, its receipt, and what was read back of it.</summary>
internal static class PromotionText
{
    private const int Shown = 5;
    private const int MinValue = 40;
    private const int MaxValue = 160;

    public static IEnumerable<string> Lines(PlannedPromotion planned, int width)
    {
        var plan = planned.Plan;
        yield return $"{planned.Run} → {Figures.Clean(plan.Target)}   plan {plan.PlanId}";
        if (planned.SourceChange is { } change)
            yield return $"  since the run {Figures.Clean(change)}; every row was compared with the source as it is now";
        yield return $"  {Figures.Count(plan.Counts.Total)} accepted = {Counts(plan.Counts)}";
        var changes = plan.Changes.Where(column => column.Rows > 0).Select(column => $"{Figures.Clean(column.Column)} {Figures.Count(column.Rows)}").ToList();
        if (changes.Count > 0)
            yield return $"  changes by column: {string.Join(", ", changes)}";
        foreach (var line in Examples(plan.Examples, width))
            yield return line;
    }

    public static IEnumerable<string> Lines(Receipt receipt, int width)
    {
        if (receipt.AlreadyApplied)
            yield return $"The plan was applied before, as {receipt.PromotionId}; nothing was written now.";
        yield return $"{receipt.PromotionId} {Figures.Clock(receipt.At)} {Figures.Clean(receipt.Target)}: {Counts(receipt.Counts)}";
        if (receipt.Stale)
            yield return "  keys that changed between plan and promotion were skipped:";
        foreach (var line in Examples(receipt.Listed, width))
            yield return line;
    }

    public static string Counts(PromotionCounts counts)
    {
        var text = $"{Figures.Count(counts.Insert)} insert + {Figures.Count(counts.Update)} update + {Figures.Count(counts.Unchanged)} unchanged"
            + $" + {Figures.Count(counts.Conflict)} conflict + {Figures.Count(counts.SourceChanged)} source changed + {Figures.Count(counts.Missing)} missing";
        return counts.Constraint > 0 ? $"{text} + {Figures.Count(counts.Constraint)} refused by the target's rules" : text;
    }

    private static IEnumerable<string> Examples(IReadOnlyList<PromotionExample> examples, int width)
    {
        foreach (var group in examples.GroupBy(example => example.Op))
        {
            foreach (var example in group.Take(Shown))
            {
                var values = (example.Before, example.After) switch
                {
                    ({ } before, { } after) => $"{before} → {after}",
                    (null, { } after) => after,
                    ({ } before, null) => before,
                    _ => "",
                };
                var head = $"  {Figures.Words(example.Op)} {Figures.Fit(Figures.Clean(example.Key), 60)}{(example.Reason is { } reason ? $" {reason}" : "")}"
                    + $"{(example.Detail is { } detail ? $" ({Figures.Clean(detail)})" : "")} ";
                yield return (head + Value(values, width - head.Length)).TrimEnd();
            }
        }
    }

    /// <summary>The managed columns of a row, cut to what is left of a line.</summary>
    public static string Value(string json, int width) => Figures.Fit(Figures.Clean(json), Math.Clamp(width, MinValue, MaxValue));

    public static IEnumerable<string> Lines(string promotion, Verification found)
    {
        yield return $"{promotion} {(found.Holds ? "holds" : "DOES NOT HOLD")}: {Figures.Count(found.Present)} of {Figures.Count(found.Written)} written rows are there,"
            + $" {Figures.Count(found.Keys - found.Wrong.Count)} of {Figures.Count(found.Keys, "key")} read back hold what was written";
        foreach (var key in found.Wrong.Take(Shown))
            yield return $"  changed since: {Figures.Fit(Figures.Clean(key), 60)}";
        if (found.Wrong.Count > Shown)
            yield return $"  and {Figures.Count(found.Wrong.Count - Shown)} more";
    }

    /// <summary>What holds the run back.</summary>
    public static IEnumerable<string> Lines(IReadOnlyList<PromotionHold> holds) =>
        holds.Select(hold => $"  held by {hold.By}: {Figures.Clean(hold.Reason)} See `{hold.See}`.");
}
