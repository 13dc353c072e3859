using Muster.Batches;
using Muster.Claude;
using Muster.Runs;
using Muster.Stores.Sqlite;

namespace Muster.Checks;

/// <summary>
/// Looks in the remote's list for batches that carry our ids and that nobody here owns, and says what the next run does with them; and
/// what runs did with those they found.
/// </summary>
internal sealed class OrphanSearch(SqliteStore store, BatchesClient remote)
{
    public async Task<IReadOnlyList<DoctorLine>> SearchAsync(CancellationToken cancellationToken = default)
    {
        var runs = await store.RunsAsync(cancellationToken);
        var batches = new List<Batch>();
        var done = new List<DoctorLine>();
        var deleted = new HashSet<string>(StringComparer.Ordinal);
        foreach (var run in runs)
        {
            var purged = store.PurgedRemotes(run.Id);
            var own = await store.BatchesAsync(run.Id, cancellationToken);
            batches.AddRange(own);
            done.AddRange(own.Where(batch => batch.Proof is Proof.Count or Proof.Tag).Select(Adopted));
            done.AddRange((await store.DuplicatesAsync(run.Id, cancellationToken)).Select(Booked));
            deleted.UnionWith(own.Where(batch => purged.Contains(batch.Id)).Select(batch => batch.Name));
        }

        var seen = await new RemoteComparison(store, remote).CompareAsync(runs, batches, cancellationToken);
        if (seen.Skipped is { } why)
            return [new DoctorLine("orphans", DoctorStatus.Warn, $"the remote's list could not be compared: {why}", "Ask again later.")];
        var lines = seen.Equations.Where(equation => !equation.Holds)
            .Select(equation => new DoctorLine("orphans", DoctorStatus.Fail, $"{equation.Of}: {equation.Text} does not hold", equation.Of == "remote"
                ? "Each is named below, with what will be done with it."
                : "Look at it with `muster reconcile`; nothing is changed there."))
            .Concat(seen.Notices.Where(notice => !deleted.Contains(notice.Of))
                .Select(notice => new DoctorLine("orphans", DoctorStatus.Warn, $"{notice.Of}: {notice.Text}", notice.Hint)))
            .ToList();
        if (lines.Count == 0)
            lines.Add(new DoctorLine("orphans", DoctorStatus.Ok, $"none among the batches since the first of {batches.Count} here"));
        return [.. lines, .. done];
    }

    private static DoctorLine Adopted(Batch batch) => new("orphans", DoctorStatus.Ok,
        $"{batch.Name}, whose create had no certain outcome, was found and adopted: {batch.RemoteId}, "
        + (batch.Proof == Proof.Tag ? "proven by its ids" : "held by its count until its ids prove it"));

    private static DoctorLine Booked(Duplicate duplicate) => duplicate.Bill is null
        ? new("orphans", DoctorStatus.Warn, $"{duplicate.RemoteId} is a duplicate of b-{duplicate.BatchId}; what it cost is not known yet",
            "`muster run` cancels it, archives it and books what it cost.")
        : new("orphans", DoctorStatus.Ok, $"{DuplicateBill.Text([duplicate])}; {(duplicate.Bill.Archive is null ? "" : "archived and ")}booked beside b-{duplicate.BatchId}");
}
