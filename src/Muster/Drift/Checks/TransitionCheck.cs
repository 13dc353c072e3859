using Muster.Statistics;

namespace Muster.Drift.Checks;

/// <summary>
/// A15 per slice: rows whose right or former answer is known went one way. By chance two categories are confused in both directions
/// alike, so that the count of one direction among both is binomial with one half: exact, however few the rows.
/// </summary>
internal sealed class TransitionCheck : ICheck
{
    private const long MinCases = 10;
    private static readonly Floors Moved = new(0.2, 0.4);

    public string Id => "A15.confusion";

    public string Title => "known answers that went one way";

    public IEnumerable<Measurement> Measure(DriftInput input)
    {
        var found = input.Transitions?.Tables().SelectMany(Table).ToList() ?? [];
        return found.Count > 0 ? found : [Measurement.None(Id, "", $"No category has {MinCases} rows whose answer is known from elsewhere.")];
    }

    private IEnumerable<Measurement> Table(TransitionTable table)
    {
        var from = table.Counts.GroupBy(pair => pair.Key.From).ToDictionary(group => group.Key, group => group.Sum(pair => pair.Value));
        foreach (var (value, n) in from.Where(pair => pair.Value >= MinCases).OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            var others = table.Counts.Where(pair => pair.Key.From == value && pair.Key.To != value).OrderByDescending(pair => pair.Value)
                .ThenBy(pair => pair.Key.To, StringComparer.Ordinal).ToList();
            var (to, went) = others.Count == 0 ? ("another value", 0) : (others[0].Key.To, others[0].Value);
            var back = table.Counts.GetValueOrDefault((to, value));
            string quoted = Excerpt.Quoted(value), other = Excerpt.Quoted(to);
            yield return new Measurement(Id, table.Field, table.Slice, $"{went:N0} of {n:N0}", $"{back:N0} back",
                $"{table.Field} {quoted} is answered as {other} in {(table.Slice.Length == 0 ? "all rows" : $"slice {table.Slice}")}: {went:N0} of {n:N0} known rows, {back:N0} the other way.")
            {
                P = Math.Min(1, McNemar.P(went, back) * Math.Max(1, others.Count)),
                Effect = (double)(went - back) / n,
                Floors = Moved,
                N = n,
                MinN = MinCases,
                Scan = $"{table.Field} {quoted} {other}",
                Select = others.Count == 0 ? null : FindingSelector.Answered(table.Field, to, table.Slice.Length == 0 ? [] : [table.Slice]),
                Strength = went + back == 0 ? 0 : (went - back) / Math.Sqrt(went + back),
            };
        }
    }
}
