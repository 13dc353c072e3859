namespace Muster.Drift;

/// <summary>
/// How answers moved, counted per slice: from a case's expected value, or from the same row's answer in the reference run, to the
/// answer of this run. Bounded; what finds no room is counted.
/// </summary>
internal sealed class Transitions
{
    private const int MaxPairs = 100_000;

    private readonly Dictionary<(string Field, string Slice), Dictionary<(string From, string To), long>> tables = [];
    private int pairs;

    public long Cuts { get; private set; }

    /// <param name="slices">Names as <see cref="SliceProfile"/> has them, without the whole run, which is counted always.</param>
    public void Add(string field, IReadOnlyList<string> slices, string from, string to)
    {
        Count(field, "", from, to);
        foreach (var slice in slices)
            Count(field, slice, from, to);
    }

    public IEnumerable<TransitionTable> Tables() => tables
        .OrderBy(table => table.Key.Field, StringComparer.Ordinal).ThenBy(table => table.Key.Slice, StringComparer.Ordinal)
        .Select(table => new TransitionTable(table.Key.Field, table.Key.Slice, table.Value));

    private void Count(string field, string slice, string from, string to)
    {
        if (!tables.TryGetValue((field, slice), out var table))
            tables[(field, slice)] = table = [];
        if (!table.TryGetValue((from, to), out var count) && ++pairs > MaxPairs)
        {
            Cuts++;
            return;
        }

        table[(from, to)] = count + 1;
    }
}

internal sealed record TransitionTable(string Field, string Slice, IReadOnlyDictionary<(string From, string To), long> Counts)
{
    public long N => Counts.Values.Sum();

    public long From(string value) => Counts.Where(pair => pair.Key.From == value).Sum(pair => pair.Value);
}
