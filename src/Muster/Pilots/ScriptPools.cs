namespace Muster.Pilots;

/// <summary>For each script the rows with most letters of it; which scripts are not the bulk's is known at the end.</summary>
internal sealed class ScriptPools(int capacity)
{
    /// <summary>A script that a smaller share of the rows has is not the bulk's.</summary>
    public const double BulkShare = 0.05;

    // Past this many letters a row is not more foreign for having more.
    private const int EnoughLetters = 32;

    private readonly BestRows[] pools = [.. Enumerable.Range(0, Letters.Scripts).Select(_ => new BestRows(capacity))];

    public void Add(RowText text, ulong tie, Func<string, Candidate> candidate)
    {
        if (text.AllLetters == 0)
            return;
        for (var script = Script.Latin; script <= Script.Other; script++)
        {
            var letters = text.LettersOf(script);
            var rank = Math.Min(letters, EnoughLetters);
            if (letters > 0 && pools[(int)script].Admits(rank, tie))
                pools[(int)script].Add(rank, tie, candidate($"{Amount.Of(letters, "letter")} of {script}"));
        }
    }

    /// <summary>Rows of the scripts that are not the bulk's, the scripts taking turns, the rarest first.</summary>
    public (IEnumerable<Candidate> Rows, long Seen) Other(long askable)
    {
        var other = pools.Where(pool => pool.Seen > 0 && pool.Seen < askable * BulkShare).OrderBy(pool => pool.Seen).ToList();
        var ranked = other.SelectMany(pool => pool.BestFirst().Select((row, turn) => (Turn: turn, row.Row)));
        return (ranked.OrderBy(row => row.Turn).Select(row => row.Row), other.Sum(pool => pool.Seen));
    }
}
