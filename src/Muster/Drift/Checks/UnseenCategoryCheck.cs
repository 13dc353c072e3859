using Muster.Statistics;

namespace Muster.Drift.Checks;

/// <summary>A6: categories that the reference never had.</summary>
internal sealed class UnseenCategoryCheck : ICheck
{
    private const long MinRows = 100;
    private static readonly Floors Rate = new(0.001, 0.01);

    public string Id => "A6";

    public string Title => "unseen categories";

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
        if (before[0] > 0)
            return Measurement.None(Id, pair.Pointer, $"The reference has more values of {pair.Pointer} than are kept by name.");
        var unseen = Enumerable.Range(0, now.Length).Where(i => before[i] == 0 && now[i] > 0).ToList();
        var hits = unseen.Sum(i => now[i]);
        var rate = Proportions.Wilson(hits, now.Sum());
        var shown = Excerpt.List([.. unseen.OrderByDescending(i => now[i]).Take(5).Select(i => Excerpt.Quoted(pair.Names[i], 40))]);

        // Good and Turing: what was seen once tells how much was not seen at all.
        var missing = (before.Count(count => count == 1) + 1.0) / (before.Sum() + 1.0);
        return new Measurement(Id, pair.Pointer, "", Text.Of(new Share(hits, now.Sum())), "0 %", hits == 0
            ? $"Every value of {pair.Pointer} is one that the reference has."
            : $"{pair.Pointer} has values that the reference never had in {Text.Of(new Share(hits, now.Sum()))} of rows: {shown}.")
        {
            P = Proportions.AtLeast(hits, now.Sum(), missing), Effect = rate.Low, Floors = Rate, N = Math.Min(now.Sum(), before.Sum()), MinN = MinRows,
        };
    }
}
