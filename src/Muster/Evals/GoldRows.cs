namespace Muster.Evals;

/// <summary>
/// Which cases ride in a batch: each run is graded on the same transport at the same moment as its rows. They are never promoted and
/// are no rows of the run's ledger.
/// </summary>
internal static class GoldRows
{
    public const int MinPerBatch = 30;
    public const int MaxPerBatch = 200;
    private const long RowsPerCase = 100;

    /// <summary>One case for a hundred rows, at least 30 and at most 200, and never more than the set has.</summary>
    public static int Count(EvalSet set, long batchRows) =>
        (int)Math.Min(set.Cases.Count, Math.Clamp((batchRows + RowsPerCase - 1) / RowsPerCase, MinPerBatch, MaxPerBatch));

    /// <summary>Must-pass cases first, in every batch; the others in turn, so that a run of several batches asks them all.</summary>
    /// <param name="batch">The batch's number in its run, from 0.</param>
    public static IReadOnlyList<EvalCase> Pick(EvalSet set, long batchRows, long batch) => Take(set, Count(set, batchRows), batch);

    /// <inheritdoc cref="Pick"/>
    /// <param name="count">How many of them; no more than the set has.</param>
    public static IReadOnlyList<EvalCase> Take(EvalSet set, int count, long batch)
    {
        var always = set.Cases.Where(one => one.MustPass).Take(count).ToList();
        var others = set.Cases.Where(one => !one.MustPass).ToList();
        var room = count - always.Count;
        return [.. always, .. Enumerable.Range(0, Math.Min(room, others.Count)).Select(i => others[(int)((batch * room + i) % others.Count)])];
    }
}
