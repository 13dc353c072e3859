namespace Muster.Drift;

/// <summary>Names given numbers in order of arrival, up to a bound; number 0 stands for every name beyond it.</summary>
internal sealed class NameTable(int maxNames, string others)
{
    private readonly Dictionary<string, int> numbers = [];
    private readonly List<string> names = [others];

    public IReadOnlyList<string> Names => names;

    public int Number(ReadOnlySpan<char> name)
    {
        var lookup = numbers.GetAlternateLookup<ReadOnlySpan<char>>();
        if (lookup.TryGetValue(name, out var number))
            return number;
        if (names.Count > maxNames)
            return 0;
        names.Add(name.ToString());
        lookup[name] = names.Count - 1;
        return names.Count - 1;
    }
}

/// <summary>Counts by number, grown as numbers come.</summary>
internal sealed class GrowingCounts
{
    private long[] counts = [];

    public IReadOnlyList<long> Counts => counts;

    public void Add(int number)
    {
        if (number >= counts.Length)
            Array.Resize(ref counts, number + 1);
        counts[number]++;
    }
}
