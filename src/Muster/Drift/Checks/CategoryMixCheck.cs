using Muster.Statistics;

namespace Muster.Drift.Checks;

/// <summary>A5: the mix of a category moved, as a whole or in one class that the whole hides.</summary>
internal sealed class CategoryMixCheck : ICheck
{
    private const long MinRows = 100;

    // χ² is a good approximation from five expected rows in each bin.
    private const double MinExpected = 5;

    // A class must also have moved by this share of all rows: doubling from one row in ten thousand changes nothing.
    private const double MinMove = 0.005;
    private static readonly Floors Index = new(0.10, 0.25);
    private static readonly Floors Ratio = new(2, 4);

    public string Id => "A5";

    public string Title => "category mix";

    public IEnumerable<Measurement> Measure(DriftInput input)
    {
        if (input.Reference is not { } reference)
            return [Measurement.None(Id, "", Text.NoReference)];
        var pairs = CategoryPair.All(input.Current, reference);
        return pairs.Count == 0 ? [Measurement.None(Id, "", CategoryPair.NoField)] : pairs.SelectMany(pair => Measure(pair, input.Current, reference));
    }

    private IEnumerable<Measurement> Measure(CategoryPair pair, RunProfile current, RunProfile reference)
    {
        long[] now = pair.CountsOf(current.Slices[0], isReference: false), before = pair.CountsOf(reference.Slices[0], isReference: true);
        long n = before.Sum(), m = now.Sum();
        var common = Enumerable.Range(0, now.Length).Where(i => before[i] * (double)Math.Min(n, m) / Math.Max(1, n) >= MinExpected).ToList();
        var stability = PopulationStability.Of(Binned(before, common), Binned(now, common));
        yield return new Measurement(Id, pair.Pointer, "", $"{stability.Index:0.000}", "0",
            $"The mix of {pair.Pointer} moved by a stability index of {stability.Index:0.000} over {common.Count} frequent classes and the rest.")
        {
            P = stability.P, Effect = stability.Index, Floors = Index, N = Math.Min(n, m), MinN = MinRows,
        };
        foreach (var i in common)
            yield return OneClass(pair, i, new Share(now[i], m), new Share(before[i], n));
    }

    private Measurement OneClass(CategoryPair pair, int i, Share now, Share before)
    {
        var ratio = (now.Hits + 0.5) / (now.N + 1) / ((before.Hits + 0.5) / (before.N + 1));
        var name = Excerpt.Quoted(pair.Names[i]);
        return new Measurement(Id, pair.Pointer, "", $"{name} {Text.Of(now)}", Text.Of(before),
            $"{pair.Pointer} is {name} in {Text.Of(now)} of {now.N:N0} rows, {Text.Of(before)} before.")
        {
            P = Proportions.P(now.Hits, now.N, before.Hits, before.N, Tail.Either),
            Effect = Math.Abs(now.Value - before.Value) < MinMove ? 1 : Math.Max(ratio, 1 / ratio),
            Floors = Ratio,
            N = Math.Min(now.N, before.N),
            MinN = MinRows,
            Scan = $"{pair.Pointer} {name}",
            Strength = Math.Abs(Proportions.Z(now.Hits, now.N, before.Hits, before.N)),
        };
    }

    // Frequent classes each by itself, the others as one.
    private static long[] Binned(long[] counts, List<int> common)
    {
        var chosen = common.Select(i => counts[i]).ToList();
        return [.. chosen, counts.Sum() - chosen.Sum()];
    }
}
