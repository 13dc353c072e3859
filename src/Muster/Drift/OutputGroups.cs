namespace Muster.Drift;

/// <summary>
/// The largest group of equal outputs and the number of different ones, in fixed memory: a bounded count that never exceeds the true
/// one (Misra and Gries) and the smallest hashes seen (Bar-Yossef et al.).
/// </summary>
internal sealed class OutputGroups
{
    private const int MaxGroups = 1024;
    private const int MaxSmallest = 1024;

    private readonly Dictionary<ulong, long> groups = new(MaxGroups);
    private readonly SortedSet<ulong> smallest = [];
    private long n;

    public void Add(ulong hash)
    {
        n++;
        if (smallest.Count < MaxSmallest)
            smallest.Add(hash);
        else if (hash < smallest.Max && smallest.Add(hash))
            smallest.Remove(smallest.Max);

        if (groups.TryGetValue(hash, out var count))
            groups[hash] = count + 1;
        else if (groups.Count < MaxGroups)
            groups[hash] = 1;
        else
            LowerAll();
    }

    public OutputGroupProfile ToProfile() => new(n, groups.Count == 0 ? 0 : groups.Values.Max(), Math.Min(n, Distinct()));

    private double Distinct() => smallest.Count < MaxSmallest ? smallest.Count : (MaxSmallest - 1) / ((double)smallest.Max / ulong.MaxValue);

    private void LowerAll()
    {
        foreach (var hash in groups.Keys.ToList())
        {
            if (--groups[hash] == 0)
                groups.Remove(hash);
        }
    }
}
