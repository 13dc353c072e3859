namespace Muster.Pilots;

/// <summary>
/// Rows whose letter pairs are unlike the bulk's. The model is learnt while the rows pass, so the first rows wait until it has seen
/// some, and all candidates are judged again by the whole model at the end, against a random sample of the rows.
/// </summary>
internal sealed class LanguagePool(int rows)
{
    /// <summary>A row counts as other when it is dearer than this share of the sample…</summary>
    public const double DearerThan = 0.98;

    /// <summary>…and by so many bits a pair than the sample's median: in a source of one language most of the dearest 2 % are not.</summary>
    public const double MinExtraBits = 0.75;

    private const int WarmUp = 4_096;
    private const int SampleRows = 1_024;
    private const int KeptChars = 400;

    private readonly PairModel model = new();
    private readonly BestRows candidates = new((4 * rows) + 256);
    private readonly BestRows sample = new(SampleRows);
    private readonly List<(ulong Tie, Candidate Row)> waiting = [];
    private long seen;

    /// <summary>What is kept of a text to judge it again.</summary>
    public static string Kept(ReadOnlySpan<char> folded) => folded[..Math.Min(folded.Length, KeptChars)].ToString();

    public void Add(RowText text, ulong tie, Func<Candidate> candidate)
    {
        var folded = text.Folded[..Math.Min(text.Folded.Length, KeptChars)];
        model.Learn(folded);
        if (text.AllLetters < PairModel.MinPairs)
            return;
        seen++;
        Candidate? made = null;
        if (sample.Admits(0, tie))
            sample.Add(0, tie, made = candidate());
        if (seen <= WarmUp)
            waiting.Add((tie, made ?? candidate()));
        else if (model.Cost(folded) is { } cost && candidates.Admits(cost, tie))
            candidates.Add(cost, tie, made ?? candidate());
        if (seen == WarmUp)
            EndWarmUp();
    }

    /// <summary>The rows that the whole model finds unlike the bulk, dearest first, and about how many there are.</summary>
    public (IEnumerable<Candidate> Rows, long Seen) Other()
    {
        EndWarmUp();
        var costs = sample.BestFirst().Select(row => model.Cost(row.Row.Text)).OfType<double>().Order().ToList();
        if (costs.Count == 0)
            return ([], 0);
        var median = costs[costs.Count / 2];
        var floor = Math.Max(costs[(int)(DearerThan * (costs.Count - 1))], median + MinExtraBits);
        var other = candidates.BestFirst().Select(row => (row.Row, row.Tie, Cost: model.Cost(row.Row.Text) ?? 0)).Where(row => row.Cost > floor)
            .OrderByDescending(row => row.Cost).ThenBy(row => row.Tie)
            .Select(row => row.Row with { Detail = $"{row.Cost:F1} bits a letter pair, the median is {median:F1}: {row.Row.Detail}" }).ToList();
        return (other, (long)((double)seen * costs.Count(cost => cost > floor) / costs.Count));
    }

    private void EndWarmUp()
    {
        foreach (var (tie, row) in waiting)
        {
            if (model.Cost(row.Text) is { } cost && candidates.Admits(cost, tie))
                candidates.Add(cost, tie, row);
        }

        waiting.Clear();
    }
}
