using Muster.Claude;
using Muster.Runs;

namespace Muster.Cli.Output;

/// <summary>Requests, tokens and money by tier and model, the same wherever they are shown.</summary>
internal static class UsageTable
{
    public static IEnumerable<string> Lines(IReadOnlyList<Usage> by, int width)
    {
        if (by.Count == 0)
            yield break;
        var table = new Columns("rlrrrrrrrr").Add(
            "tier", "model", "requests", "input tokens", "output tokens", "thinking", "cache written", "cache read", "batch", "synchronous");
        foreach (var usage in by)
            Add(table, $"{usage.Tier + 1}", Figures.Clean(usage.Model), [usage]);
        if (by.Count > 1)
            Add(table, "all", "", by);
        foreach (var line in table.Lines(width))
            yield return line;
        var spend = Spend.Of(by);
        yield return $"  spent {Usd.Text(spend.CostPicoUsd)}; synchronous calls would be {Usd.Text(spend.SyncPicoUsd)}, so {Usd.Text(spend.SavedPicoUsd)} saved"
            + (spend.Unpriced > 0 ? $"; cost unknown for {Figures.Count(spend.Unpriced, "request")}, whose model has no price" : "");
    }

    private static void Add(Columns table, string tier, string model, IReadOnlyList<Usage> by)
    {
        var isUnpriced = by.All(usage => usage.Unpriced == usage.Requests);
        table.Add(tier, model, Sum(by, usage => usage.Requests), Sum(by, usage => usage.InputTokens), Sum(by, usage => usage.OutputTokens),
            Sum(by, usage => usage.ThinkingTokens), Sum(by, usage => usage.CacheWrite5mTokens + usage.CacheWrite1hTokens),
            Sum(by, usage => usage.CacheReadTokens), isUnpriced ? "unknown" : Usd.Text(by.Sum(usage => usage.CostPicoUsd)),
            isUnpriced ? "unknown" : Usd.Text(by.Sum(usage => usage.SyncPicoUsd)));
    }

    private static string Sum(IReadOnlyList<Usage> by, Func<Usage, long> of) => Figures.Count(by.Sum(of));
}
