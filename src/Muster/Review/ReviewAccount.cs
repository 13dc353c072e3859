using Muster.Runs;
using Muster.Statistics;

namespace Muster.Review;

/// <summary>
/// How many of the rows that passed are wrong, as far as people looked: rows drawn at random from them, and how many of those were
/// edited, rejected or sent back.
/// </summary>
/// <param name="Passed">Rows that the contract accepted.</param>
/// <param name="Drawn">Of these, drawn for the queue.</param>
/// <param name="Looked">Of these, decided.</param>
/// <param name="Defects">Of these, not accepted as they were.</param>
internal sealed record DefectRate(long Passed, long Drawn, long Looked, long Defects)
{
    /// <summary>Null when nobody looked at any.</summary>
    public double? Rate => Looked == 0 ? null : (double)Defects / Looked;

    /// <summary>Wilson's interval, 95 %; 0 to 1 when nobody looked at any.</summary>
    public Interval Bounds => Proportions.Wilson(Defects, Looked);
}

/// <summary>What people did with a run's rows, and what waits for them.</summary>
/// <param name="Waiting">Items open or escalated.</param>
/// <param name="Leased">Of these, with a reviewer now.</param>
/// <param name="Escalated">Of these, waiting for the last word.</param>
/// <param name="Unqueued">Rows that wait for people and are not in the queue yet: it is filled when somebody reviews.</param>
/// <param name="Rows">Rows by decision, without what was taken back.</param>
/// <param name="Waived">Quarantined rows that stay without an answer, knowingly.</param>
internal sealed record ReviewAccount(
    long Waiting, long Leased, long Escalated, long Unqueued, IReadOnlyDictionary<Decision, long> Rows, long Waived, DefectRate Defects)
{
    public long Decided => Rows.Values.Sum();

    /// <summary>Reads it beside whoever works on the store.</summary>
    public static ReviewAccount Read(Stores.Sqlite.SqliteStore store, Run run, DateTimeOffset now) => store.ReviewAccount(run.Id, now);
}
