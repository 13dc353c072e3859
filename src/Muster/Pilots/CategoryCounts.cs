using System.Text;
using Muster.Requests;

namespace Muster.Pilots;

/// <param name="Rows">Rows with the value.</param>
/// <param name="Row">One of them, drawn by the seed.</param>
internal sealed record RareValue(long Rows, ulong Tie, Candidate Row);

/// <summary>
/// Counts the values of one column as long as it looks like a list of categories: at most 4,096 different values, none longer than
/// 200 bytes, each used by five rows on average. A column that shows otherwise is dropped with its counts.
/// </summary>
internal sealed class CategoryCounts(string column)
{
    private const int MaxValues = 4_096;
    private const int MaxValueBytes = 200;
    private const int RowsPerValue = 5;

    // From here on a column of mostly new values is not one of categories.
    private const int Settled = 1_000;

    private Dictionary<ulong, Tally>? values = [];
    private long rows;

    public void Add(RowInput row, in RowValue value, ulong tie, Func<string, Candidate> candidate)
    {
        if (values is null || value.IsBlank)
            return;
        rows++;
        var bytes = row.Bytes(value);
        if (bytes.Length > MaxValueBytes)
        {
            values = null;
            return;
        }

        var hash = Hash(bytes);
        if (!values.TryGetValue(hash, out var tally))
        {
            if (values.Count == MaxValues || (rows > Settled && values.Count * 2L > rows))
            {
                values = null;
                return;
            }

            values.Add(hash, tally = new Tally());
        }

        tally.Rows++;
        if (tally.Row is null || tie < tally.Tie)
            (tally.Tie, tally.Row) = (tie, candidate($"{Excerpt.Of(column)} is {Excerpt.Quoted(Encoding.UTF8.GetString(bytes), 60)}"));
    }

    /// <summary>Values with at most half of an even share, rarest first.</summary>
    public IReadOnlyList<RareValue> Rare()
    {
        if (values is not { Count: > 1 } || rows < (long)RowsPerValue * values.Count)
            return [];
        return
        [
            .. values.Values.Where(tally => tally.Rows * 2 * values.Count <= rows)
                .Select(tally => new RareValue(tally.Rows, tally.Tie, tally.Row!))
                .OrderBy(value => value.Rows).ThenBy(value => value.Tie),
        ];
    }

    private static ulong Hash(ReadOnlySpan<byte> bytes)
    {
        var hash = 14695981039346656037UL;
        foreach (var b in bytes)
            hash = (hash ^ b) * 1099511628211UL;
        return SeededOrder.Mix(hash);
    }

    private sealed class Tally
    {
        public long Rows { get; set; }

        public ulong Tie { get; set; }

        public Candidate? Row { get; set; }
    }
}
