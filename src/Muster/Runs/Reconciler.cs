using Muster.Batches;
using Muster.Claude;
using Muster.Promotion;
using Muster.Results;
using Muster.Stores;
using Muster.Stores.Sqlite;

namespace Muster.Runs;

/// <summary>
/// Counts everything again, from the rows to the archives on disk, the intent log, the remote's list and the target, and compares it
/// with the books. Reads only. A batch that is under way has no result lines yet, so its equation stops where it stands.
/// </summary>
internal sealed class Reconciler(SqliteStore store, TimeProvider time)
{
    /// <summary>Lines without a batch that are named; a whole run of them says no more.</summary>
    private const int MaxStrayIntents = 20;

    private readonly List<Equation> equations = [];
    private readonly List<string> differences = [];
    private readonly List<Notice> notices = [];

    /// <param name="remote">Asked for its list; null skips it.</param>
    /// <param name="remoteSkipped">Why there is no <paramref name="remote"/>.</param>
    /// <param name="target">Asked for its promotions; null skips it.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public async Task<Reconciliation> ReconcileAsync(
        BatchesClient? remote, string? remoteSkipped, ITarget? target, CancellationToken cancellationToken = default)
    {
        var runs = await store.RunsAsync(cancellationToken);
        var batches = new List<Batch>();
        foreach (var run in runs)
        {
            await AddRunAsync(run, cancellationToken);
            foreach (var batch in await store.BatchesAsync(run.Id, cancellationToken))
            {
                batches.Add(batch);
                if (batch.State != BatchState.Withdrawn)
                    await AddBatchAsync(run, batch, cancellationToken);
            }
        }

        AddIntents(runs, batches);
        if (remote is not null)
        {
            var seen = await new RemoteComparison(store, remote).CompareAsync(runs, batches, cancellationToken);
            equations.AddRange(seen.Equations);
            var deleted = runs.SelectMany(run => store.PurgedRemotes(run.Id)).ToHashSet();
            notices.AddRange(seen.Notices.Where(notice => !batches.Exists(batch => batch.Name == notice.Of && deleted.Contains(batch.Id))));
            remoteSkipped = seen.Skipped;
        }

        var targetSkipped = target is null ? "the job names no target" : await AddPromotionsAsync(runs, target, cancellationToken);
        return new Reconciliation(equations, differences, notices, remoteSkipped, targetSkipped);
    }

    private async Task AddRunAsync(Run run, CancellationToken cancellationToken)
    {
        var ledger = await store.LedgerAsync(run.Id, cancellationToken);
        equations.Add(new Equation(run.Name, ledger.ToString(), ledger.Balances && (run.State != RunState.Done || ledger.Open == 0)));
        if (await store.GoldLedgerAsync(run.Id, cancellationToken) is { } gold)
            equations.Add(new Equation($"{run.Name} gold", gold.ToString(), gold.Balances && (run.State != RunState.Done || gold.Open == 0)));
        if (run.Merged > 0)
            equations.Add(new Equation(run.Name, $"{Amount.Of(run.Records, "source record")} = {Amount.Of(ledger.Rows, "row")} + {Amount.Grouping(run.Merged)} merged", run.Records == ledger.Rows + run.Merged));
        foreach (var duplicate in await store.DuplicatesAsync(run.Id, cancellationToken))
        {
            if (duplicate.Bill?.Archive is { } archive && ArchiveReader.Verify(store.ArchiveFolder, archive) is { } damage)
                differences.Add($"{run.Name}: duplicate {duplicate.RemoteId}: {damage}");
        }

        differences.AddRange((await store.AuditAsync(run.Id, cancellationToken)).Select(difference => $"{run.Name}: {difference}"));
    }

    /// <summary>ids sent = Σ request_counts = result lines = distinct custom_ids</summary>
    private async Task AddBatchAsync(Run run, Batch batch, CancellationToken cancellationToken)
    {
        notices.AddRange(BatchNotices.Of(batch, time.GetUtcNow()));
        var terms = new List<string> { $"{Amount.Of(batch.Requests, "id")} sent" };
        var holds = true;
        if (batch.Remote is { Status: RemoteStatus.Ended } remote)
        {
            terms.Add($"{Amount.Grouping(remote.Counts.Total)} counted by the remote");
            holds = remote.Counts.Total == batch.Requests;
        }

        var purged = store.PurgedArchives(run.Id).GetValueOrDefault(batch.Id);
        if (purged is { Left: null })
        {
            terms.Add($"{Amount.Grouping(purged.Removed)} purged");
            holds = holds && purged.Removed == batch.Requests;
        }
        else if ((purged?.Left ?? batch.Archive) is { } archive)
        {
            if (ArchiveReader.Verify(store.ArchiveFolder, archive) is { } damage)
            {
                differences.Add($"{batch.Name}: {damage}");
                holds = false;
            }
            else
            {
                var found = await CountAsync(run, batch, archive, cancellationToken);
                var there = batch.Requests - (purged?.Removed ?? 0);
                var gone = purged is null ? "" : $" + {Amount.Grouping(purged.Removed)} purged";
                terms.Add($"{Amount.Of(found.Lines, "result line")}{gone}");
                terms.Add($"{Amount.Of(found.Distinct, "distinct id")}{gone}");
                holds = holds && found == new Counted(there, there, 0) && archive.Lines == found.Lines;
                if (found.Foreign > 0)
                    differences.Add($"{batch.Name}: {found.Foreign} lines of its archive carry an id that it did not send");
            }
        }

        var standing = batch.State == BatchState.Settled ? "" : $" ({EnumName.Words(batch.State)})";
        equations.Add(new Equation(batch.Name, string.Join(" = ", terms) + standing, holds));
    }

    private async Task<Counted> CountAsync(Run run, Batch batch, Archive archive, CancellationToken cancellationToken)
    {
        var index = new BatchIndex();
        await index.LoadAsync(store, run, batch, cancellationToken);
        await using var stream = ArchiveReader.Decompress(store.ArchiveFolder, archive);
        var lines = ArchiveReader.Lines(stream);
        var line = new ResultLine();
        int count = 0, foreign = 0;
        while (await lines.NextAsync(cancellationToken))
        {
            count++;
            if (!line.TryRead(lines.Line.Span) || index.See(line.CustomId) == Mark.Unknown)
                foreign++;
        }

        return new Counted(count, index.Seen, foreign);
    }

    /// <summary>Every batch has its line in the intent log; a line without a batch was never sent unless it says that its seal was committed: then the database has lost it.</summary>
    private void AddIntents(IReadOnlyList<Run> runs, List<Batch> batches)
    {
        var path = Path.Combine(store.Folder, IntentLog.FileName);
        var logged = IntentLog.Read(path, out var unreadable);
        if (unreadable > 0)
            notices.Add(new Notice(IntentLog.FileName, $"{Amount.Of(unreadable, "line")} cannot be read", "A machine that lost power may leave a cut line; nothing depends on it while the database is whole."));
        var tags = runs.ToDictionary(run => run.Id, run => run.Tag);
        var byNonce = logged.ToLookup(line => line.Nonce, StringComparer.Ordinal);
        var matched = 0;
        foreach (var batch in batches)
        {
            if (byNonce[batch.Nonce].Any(line => line.Batch == batch.Name && line.Requests == batch.Requests && line.Run == tags[batch.RunId]))
                matched++;
            else
                differences.Add($"{batch.Name}: the intent log has no line with its nonce {batch.Nonce} and {Amount.Of(batch.Requests, "request")}");
        }

        equations.Add(new Equation("intents", $"{Amount.Of(batches.Count, "batch")} = {matched} found in the intent log", matched == batches.Count));
        var nonces = batches.Select(batch => batch.Nonce).ToHashSet(StringComparer.Ordinal);
        foreach (var line in logged.Where(line => !nonces.Contains(line.Nonce)).OrderByDescending(line => line.IsSealed).Take(MaxStrayIntents))
        {
            notices.Add(new Notice(IntentLog.FileName, $"{line.Batch} with {Amount.Of(line.Requests, "request")} (run {line.Run}, nonce {line.Nonce}) is not in the store",
                line.IsSealed ? "It was sealed: the database is older than the log. Restore a newer copy; until then nothing is sent."
                    : "The process ended before its seal, or the database is older than the log: compare with the remote's list."));
        }
    }

    private async Task<string?> AddPromotionsAsync(IReadOnlyList<Run> runs, ITarget target, CancellationToken cancellationToken)
    {
        IReadOnlyList<Receipt> receipts;
        try
        {
            receipts = await target.ReceiptsAsync(cancellationToken);
        }
        catch (TargetException refusal)
        {
            return refusal.Message;
        }

        foreach (var run in runs)
        {
            var staged = (await store.LedgerAsync(run.Id, cancellationToken)).Succeeded;
            var takenOut = store.TakenOutOfStaging(run.Id);
            foreach (var receipt in receipts.Where(receipt => receipt.RunId == Promotions.RunIdOf(run)))
            {
                var counts = receipt.Counts;
                equations.Add(new Equation(receipt.PromotionId,
                    $"{Amount.Of(counts.Total, "key")} = {Amount.Grouping(counts.Insert)} inserted + {Amount.Grouping(counts.Update)} updated + "
                    + $"{Amount.Grouping(counts.Unchanged)} unchanged + {Amount.Grouping(counts.Total - counts.Written - counts.Unchanged)} left alone, "
                    + $"of {Amount.Grouping(staged)} staged by {run.Name}"
                    + (takenOut > 0 ? $" and {Amount.Grouping(takenOut)} that people took out of staging" : "")
                    + (receipt.State == PromotionState.RolledBack ? " (rolled back)" : ""),
                    counts.Total <= staged + takenOut));
            }
        }

        return null;
    }

    private readonly record struct Counted(int Lines, int Distinct, int Foreign);
}
