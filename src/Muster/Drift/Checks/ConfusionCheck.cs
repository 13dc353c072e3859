using Muster.Statistics;

namespace Muster.Drift.Checks;

/// <summary>
/// A5 per slice: one category answered as another. In a slice the first loses rows against the reference's same slice and the second
/// gains as many, while every single row looks plausible.
/// </summary>
internal sealed class ConfusionCheck : ICheck
{
    // Of a category with fewer rows in the slice not even a complete change is told from chance.
    private const double MinExpected = 10;
    private const double MinMovedRows = 8;

    // Loss and gain are of one cause when they agree within a factor of two or within three standard errors.
    private const double MaxRatio = 2;
    private const double MaxErrors = 3;
    private static readonly Floors Moved = new(0.2, 0.4);

    public string Id => "A5.confusion";

    public string Title => "one category answered as another";

    public IEnumerable<Measurement> Measure(DriftInput input)
    {
        if (input.Reference is not { } reference)
            return [Measurement.None(Id, "", Text.NoReference)];
        var pairs = CategoryPair.All(input.Current, reference);
        return pairs.Count == 0 ? [Measurement.None(Id, "", CategoryPair.NoField)] : pairs.SelectMany(pair => Field(pair, input.Current, reference));
    }

    private IEnumerable<Measurement> Field(CategoryPair pair, RunProfile current, RunProfile reference)
    {
        var before = reference.Slices.Where(slice => !slice.IsBatch).ToDictionary(slice => slice.Name);
        var found = current.Slices.Where(slice => before.ContainsKey(slice.Name) && slice.Answered >= SliceTable.MinRows && before[slice.Name].Answered >= SliceTable.MinRows)
            .Select(slice => Slice(pair, slice, before[slice.Name])).OfType<Measurement>().ToList();
        return found.Count > 0 ? found : [Measurement.None(Id, pair.Pointer, $"No slice has {SliceTable.MinRows} rows in both runs and a category of {MinExpected} in it.")];
    }

    private Measurement? Slice(CategoryPair pair, SliceProfile current, SliceProfile reference)
    {
        long[] now = pair.CountsOf(current, isReference: false), before = pair.CountsOf(reference, isReference: true);
        long m = now.Sum(), n = before.Sum();
        var scale = (double)m / n;
        var candidates = Enumerable.Range(0, now.Length).Where(i => before[i] * scale >= MinExpected && before[i] >= MinExpected).ToList();
        if (candidates.Count == 0)
            return null;
        var loser = candidates.MinBy(i => Proportions.Z(now[i], m, before[i], n));
        var gainer = Enumerable.Range(0, now.Length).Where(i => i != loser).MaxBy(i => Proportions.Z(now[i], m, before[i], n));
        var expected = before[loser] * scale;
        double lost = expected - now[loser], gained = now[gainer] - before[gainer] * scale;
        var error = Math.Sqrt((expected + now[loser]) * (1 + scale) / 2) + Math.Sqrt((before[gainer] * scale + now[gainer]) * (1 + scale) / 2);
        var agree = Math.Max(lost, gained) <= MaxRatio * Math.Min(lost, gained) || Math.Abs(lost - gained) <= MaxErrors * error;
        var moved = Math.Max(0, Math.Min(lost, gained));
        var worse = Math.Max(Proportions.P(now[loser], m, before[loser], n, Tail.Less), Proportions.P(now[gainer], m, before[gainer], n, Tail.Greater));
        string from = Excerpt.Quoted(pair.Names[loser]), to = Excerpt.Quoted(pair.Names[gainer]);
        return new Measurement(Id, pair.Pointer, current.Predicates.Count == 0 ? "" : current.Name,
            $"{now[loser]:N0} {from}, {now[gainer]:N0} {to}", $"{expected:N0} {from}, {before[gainer] * scale:N0} {to}",
            $"{pair.Pointer} {from} is answered as {to} in slice {current.Name}: about {moved:N0} of {expected:N0} rows ({Text.Percent(moved / expected)}).")
        {
            // Loser and gainer are each the extreme of all classes, and both must be beyond chance.
            P = Math.Min(1, worse * Math.Max(candidates.Count, now.Count(count => count > 0) - 1)),
            Effect = agree && moved >= MinMovedRows ? moved / expected : 0,
            Floors = Moved,
            N = Math.Min(current.Answered, reference.Answered),
            MinN = SliceTable.MinRows,
            Scan = $"{pair.Pointer} {from} {to}",
            Select = FindingSelector.Answered(pair.Pointer, pair.Names[gainer], current.Predicates),
            Strength = Math.Min(-Proportions.Z(now[loser], m, before[loser], n), Proportions.Z(now[gainer], m, before[gainer], n)),
        };
    }
}
