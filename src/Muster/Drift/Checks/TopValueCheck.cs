using Muster.Statistics;

namespace Muster.Drift.Checks;

/// <summary>A4: one value takes over.</summary>
internal sealed class TopValueCheck : ICheck
{
    private const long MinRows = 100;
    private static readonly Floors Rise = new(0.05, 0.15);

    public string Id => "A4";

    public string Title => "share of the top value";

    public IEnumerable<Measurement> Measure(DriftInput input)
    {
        if (input.Reference is not { } reference)
            return [Measurement.None(Id, "", Text.NoReference)];
        var pairs = CategoryPair.All(input.Current, reference);
        return pairs.Count == 0 ? [Measurement.None(Id, "", CategoryPair.NoField)] : pairs.Select(pair => Measure(pair, input.Current, reference));
    }

    private Measurement Measure(CategoryPair pair, RunProfile current, RunProfile reference)
    {
        long[] now = pair.CountsOf(current.Slices[0], isReference: false), before = pair.CountsOf(reference.Slices[0], isReference: true);
        var top = Array.IndexOf(now, now.Max());
        Share share = new(now[top], now.Sum()), was = new(before[top], before.Sum());
        return ShareRise.Of(Id, pair.Pointer, share, was, Rise, MinRows, $"{Excerpt.Quoted(pair.Names[top])}, the most frequent {pair.Pointer}, stands") with
        {
            // The top value is the one that rose by chance the most.
            P = Math.Min(1, Proportions.P(share.Hits, share.N, was.Hits, was.N, Tail.Greater) * now.Count(count => count > 0)),
            Measured = $"{Text.Of(share)}, entropy {Entropy(now):0.00} bit",
            Reference = $"{Text.Of(was)}, entropy {Entropy(before):0.00} bit",
        };
    }

    private static double Entropy(long[] counts)
    {
        double n = counts.Sum();
        return n == 0 ? 0 : -counts.Where(count => count > 0).Sum(count => count / n * Math.Log2(count / n));
    }
}
