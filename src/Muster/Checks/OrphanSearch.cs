using Muster.Claude;
using Muster.Runs;
using Muster.Stores.Sqlite;

namespace Muster.Checks;

/// <summary>Looks in the remote's list for batches that carry our ids and that nobody here owns.</summary>
internal sealed class OrphanSearch(SqliteStore store, BatchesClient remote)
{
    public async Task<IReadOnlyList<DoctorLine>> SearchAsync(CancellationToken cancellationToken = default)
    {
        var runs = await store.RunsAsync(cancellationToken);
        var batches = new List<Batches.Batch>();
        var deleted = new HashSet<string>(StringComparer.Ordinal);
        foreach (var run in runs)
        {
            var purged = store.PurgedRemotes(run.Id);
            var own = await store.BatchesAsync(run.Id, cancellationToken);
            batches.AddRange(own);
            deleted.UnionWith(own.Where(batch => purged.Contains(batch.Id)).Select(batch => batch.Name));
        }

        var seen = await new RemoteComparison(store, remote).CompareAsync(runs, batches, cancellationToken);
        if (seen.Skipped is { } why)
            return [new DoctorLine("orphans", DoctorStatus.Warn, $"the remote's list could not be compared: {why}", "Ask again later.")];
        var lines = seen.Equations.Where(equation => !equation.Holds)
            .Select(equation => new DoctorLine("orphans", DoctorStatus.Fail, $"{equation.Of}: {equation.Text} does not hold", "Look at them with `muster reconcile`; nothing is changed there."))
            .Concat(seen.Notices.Where(notice => !deleted.Contains(notice.Of))
                .Select(notice => new DoctorLine("orphans", DoctorStatus.Warn, $"{notice.Of}: {notice.Text}", notice.Hint)))
            .ToList();
        return lines.Count > 0 ? lines : [new DoctorLine("orphans", DoctorStatus.Ok, $"none among the batches since the first of {batches.Count} here")];
    }
}
