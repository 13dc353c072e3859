using Muster.Statistics;

namespace Muster.Drift.Checks;

/// <summary>A18: a row takes more tokens, less of them from the cache, or costs more.</summary>
internal sealed class EconomicsCheck : ICheck
{
    private const long MinRows = 100;

    // A share of cached tokens below this was no saving that could be lost.
    private const double MinCachedShare = 0.05;
    private static readonly Floors Ratio = new(0.15, 0.40);

    public string Id => "A18";

    public string Title => "tokens and cost per row";

    public IEnumerable<Measurement> Measure(DriftInput input)
    {
        if (input.Reference is not { } reference)
            return [Measurement.None(Id, "", Text.NoReference)];
        EconomicsProfile now = input.Current.Economics, before = reference.Economics;
        var found = new List<Measurement>
        {
            Compare("input tokens per row", now.InputTokens, before.InputTokens, "0"),
            Compare("output tokens per row", now.OutputTokens, before.OutputTokens, "0"),
        };
        if (before.CostUsd.Mean > 0)
            found.Add(Compare("USD per row", now.CostUsd, before.CostUsd, "0.000000"));
        if (before.CachedShare.Mean >= MinCachedShare)
            found.Add(Compare("share of input tokens read from the cache", now.CachedShare, before.CachedShare, "0.000"));
        return found;
    }

    private Measurement Compare(string what, Moments now, Moments before, string format)
    {
        var ratio = before.Mean > 0 ? now.Mean / before.Mean : 1;
        string measured = now.Mean.ToString(format), reference = before.Mean.ToString(format);
        return new Measurement(Id, "", "", $"{measured} {what}", reference, $"{measured} {what}, {reference} before ({Text.Change(ratio)}).")
        {
            P = Moments.P(now, before, Tail.Either), Effect = Math.Abs(ratio - 1), Floors = Ratio, N = Math.Min(now.N, before.N), MinN = MinRows,
        };
    }
}
