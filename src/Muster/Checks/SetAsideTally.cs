using Muster.Sources;

namespace Muster.Checks;

/// <summary>Counts rows that cannot be asked, by reason, and keeps the first places of each.</summary>
internal sealed class SetAsideTally
{
    private const int Places = 3;

    private readonly Dictionary<string, (long Rows, List<string> Places)> byReason = new(StringComparer.Ordinal);

    public void Add(string line, SourceFault fault)
    {
        var (rows, places) = byReason.GetValueOrDefault(fault.Reason, (0, []));
        if (places.Count < Places)
            places.Add($"{line}: {fault.Detail}");
        byReason[fault.Reason] = (rows + 1, places);
    }

    /// <summary>The most frequent first.</summary>
    public IReadOnlyList<SetAsideReason> ToList() =>
        [.. byReason.OrderByDescending(entry => entry.Value.Rows).ThenBy(entry => entry.Key, StringComparer.Ordinal)
            .Select(entry => new SetAsideReason(entry.Key, entry.Value.Rows, entry.Value.Places))];
}
