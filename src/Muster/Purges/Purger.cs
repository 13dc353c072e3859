using Muster.Batches;
using Muster.Claude;
using Muster.Promotion;
using Muster.Runs;
using Muster.Stores;
using Muster.Stores.Sqlite;

namespace Muster.Purges;

/// <summary>
/// Removes the words of a run or of some keys from everything of ours: archives, images beside the target, the database with its free
/// pages and its log, and last the remote batch, whose other rows our archive holds. States, counts, costs and keyed hashes stay, so
/// that the books go on balancing. Killed at any point, the same call finishes.
/// </summary>
internal sealed class Purger(SqliteStore store, PurgeOptions options)
{
    /// <summary>More keys at once are a run's worth of rows, and are held in memory.</summary>
    internal const int MaxKeys = 100_000;

    private readonly StandIn standIn = new(KeySecret.Of(store.Folder, options.Chance));

    /// <param name="keys">The source keys whose rows go; null for the whole run.</param>
    /// <exception cref="PurgeException">There is no such run, or it is not over.</exception>
    public async Task<PurgePlan> PlanAsync(string runName, IReadOnlyCollection<string>? keys, CancellationToken cancellationToken = default)
    {
        var (run, batches, duplicates) = await OpenAsync(runName, cancellationToken);
        var scope = keys is null ? PurgeScope.Run : PurgeScope.Keys;
        var found = keys is null ? null : Find(run, keys);
        var counts = store.Count(run.Id, found?.Rows);
        var concerned = batches.Where(batch => scope == PurgeScope.Run || counts.Batches.Contains(batch.Id)).ToList();
        var asked = counts.Batches.Concat(store.BatchesOfPurges(run.Id)).ToHashSet();
        var purged = store.PurgedArchives(run.Id);
        var archives = concerned.Select(batch => purged.TryGetValue(batch.Id, out var left) ? left.Left : batch.Archive).OfType<Results.Archive>().ToList();
        return new PurgePlan(run.Name, scope, counts.Rows, counts.Requests, counts.Staged, archives.Count, archives.Sum(archive => archive.Bytes),
            found?.Before ?? 0, found?.Missing ?? 0, Unfinished(run).Count, keys is null ? [] : await AlsoInAsync(run, keys, cancellationToken),
            [
                .. There(run, batches, scope, asked).Select(batch => FateOf(batch, scope, purged)),
                .. Remaining(run, duplicates, scope, asked).Select(copy => RemoteFate.Of(copy.Duplicate, copy.Batch, Now)),
            ]);
    }

    /// <summary>Removes what <see cref="PlanAsync"/> lists, after finishing what an earlier purge of the run left undone.</summary>
    /// <exception cref="PurgeException">As for the plan; or an archive is damaged, or a reader keeps the log from being emptied.</exception>
    public async Task<PurgeReceipt> ApplyAsync(string runName, IReadOnlyCollection<string>? keys, CancellationToken cancellationToken = default)
    {
        var (run, batches, duplicates) = await OpenAsync(runName, cancellationToken);
        long images = 0, lines = 0;
        var unfinished = Unfinished(run);
        foreach (var purge in unfinished)
        {
            var done = await FinishAsync(purge, run, batches, duplicates, cancellationToken);
            (images, lines) = (images + done.Images, lines + done.Lines);
        }

        var scope = keys is null ? PurgeScope.Run : PurgeScope.Keys;
        var rows = keys is null ? null : Find(run, keys).Rows;
        var counts = store.Count(run.Id, rows);
        if (counts.Rows > 0)
        {
            options.Reached("planned");
            var purge = store.BeginPurge(run.Id, scope, rows, Now);
            options.Reached("begun");
            var done = await FinishAsync(purge, run, batches, duplicates, cancellationToken);
            (images, lines) = (images + done.Images, lines + done.Lines);
        }

        var last = store.Purges(run.Id).LastOrDefault();
        var left = last is null
            ? []
            // What an earlier purge could not delete at the remote is tried again.
            : await RemotesAsync(last, run, scope, batches, duplicates, store.BatchesOfPurges(run.Id), cancellationToken);
        return new PurgeReceipt(run.Name, scope, counts.Rows + unfinished.Sum(purge => store.RowsOfPurge(purge.Id).Count), lines, images,
            store.PurgedRemotes(run.Id).Count + store.PurgedDuplicates(run.Id).Count, left, await store.LedgerAsync(run.Id, cancellationToken));
    }

    private DateTimeOffset Now => options.Time.GetUtcNow();

    private async Task<Finished> FinishAsync(
        Purge purge, Run run, IReadOnlyList<Batch> batches, IReadOnlyList<Copy> duplicates, CancellationToken cancellationToken)
    {
        long images = 0, lines = 0;
        if (purge.State == PurgeState.Begun)
        {
            lines = await PurgeArchivesAsync(purge, run, batches, cancellationToken);
            var asked = store.BatchesOfPurge(purge.Id).Keys.ToHashSet();
            lines += duplicates.Where(copy => IsConcerned(copy, purge.Scope, asked)).Sum(copy => (long)new ArchivePurge(store).RemoveDuplicate(copy.Duplicate));
            options.Reached("archives");
            if (options.Target is { } target)
            {
                var keys = purge.Scope == PurgeScope.Keys ? store.KeysOfPurge(purge.Id).ToList() : null;
                images = await target.ForgetAsync(new ForgetRequest(Promotions.RunIdOf(run), keys, standIn.Of), cancellationToken);
            }

            options.Reached("target");
            store.RemoveRows(purge, standIn);
            options.Reached("removed");
        }

        if (!store.Scrub(purge, Now))
        {
            throw new PurgeException($"Another process reads the store of {run.Name}, so its log cannot be emptied yet; everything else of the purge is done.",
                "End `muster watch` and whatever else reads the store, then repeat the command.");
        }

        options.Reached("done");
        return new Finished(images, lines);
    }

    private async Task<long> PurgeArchivesAsync(Purge purge, Run run, IReadOnlyList<Batch> batches, CancellationToken cancellationToken)
    {
        if (purge.Scope == PurgeScope.Run)
        {
            foreach (var batch in batches)
                new ArchivePurge(store).RemoveAll(purge, batch);
            return batches.Sum(batch => (long)(batch.Archive?.Lines ?? 0));
        }

        var rows = store.RowsOfPurge(purge.Id).ToHashSet();
        var concerned = store.BatchesOfPurge(purge.Id);
        var before = store.PurgedArchives(run.Id);
        long lines = 0;
        foreach (var batch in batches.Where(batch => concerned.ContainsKey(batch.Id)))
        {
            var earlier = before.GetValueOrDefault(batch.Id);
            await new ArchivePurge(store, options.Reached).RemoveRowsAsync(
                purge, run, batch, earlier?.Left ?? batch.Archive, rows, concerned[batch.Id], cancellationToken);
            lines += concerned[batch.Id] - (earlier?.Removed ?? 0);
            options.Reached("archive");
        }

        return lines;
    }

    /// <summary>Deletes what may be deleted, and says of the rest how long it lives.</summary>
    private async Task<IReadOnlyList<LeftRemote>> RemotesAsync(
        Purge purge, Run run, PurgeScope scope, IReadOnlyList<Batch> batches, IReadOnlyList<Copy> duplicates, IReadOnlySet<long> asked,
        CancellationToken cancellationToken)
    {
        var purged = store.PurgedArchives(run.Id);
        var left = new List<LeftRemote>();
        foreach (var batch in There(run, batches, scope, asked))
        {
            var fate = FateOf(batch, scope, purged);
            if (fate.Fate == Fate.Delete)
            {
                if (await DeleteAsync(batch.RemoteId!, cancellationToken) is { } why)
                    left.Add(new LeftRemote(batch.Name, batch.RemoteId!, fate.Fate, fate.KeptUntil, why));
                else
                    store.RecordPurgedRemote(purge.Id, batch.Id, Now);
                options.Reached("remote");
            }
            else if (fate.Fate == Fate.Shared)
            {
                left.Add(new LeftRemote(batch.Name, batch.RemoteId!, fate.Fate, fate.KeptUntil, fate.Why!));
            }
        }

        foreach (var copy in Remaining(run, duplicates, scope, asked))
        {
            var fate = RemoteFate.Of(copy.Duplicate, copy.Batch, Now);
            if (fate.Fate == Fate.Delete && await DeleteAsync(fate.RemoteId, cancellationToken) is { } why)
                left.Add(new LeftRemote(fate.Batch, fate.RemoteId, fate.Fate, fate.KeptUntil, why));
            else
                store.RecordPurgedDuplicate(purge.Id, fate.RemoteId, Now);
            options.Reached("remote");
        }

        return left;
    }

    /// <summary>Batches that hold words of the rows and are at the remote, as far as is known.</summary>
    private IEnumerable<Batch> There(Run run, IReadOnlyList<Batch> batches, PurgeScope scope, IReadOnlySet<long> asked)
    {
        var gone = store.PurgedRemotes(run.Id);
        return batches.Where(batch => batch.RemoteId is not null && !gone.Contains(batch.Id) && (scope == PurgeScope.Run || asked.Contains(batch.Id)));
    }

    private RemoteFate FateOf(Batch batch, PurgeScope scope, IReadOnlyDictionary<long, PurgedArchive> purged)
    {
        var archive = purged.TryGetValue(batch.Id, out var part) ? part.Left : batch.Archive;
        var damage = scope == PurgeScope.Run || archive is null ? null : Results.ArchiveReader.Verify(store.ArchiveFolder, archive);
        return RemoteFate.Of(batch, scope, damage, Now);
    }

    /// <summary>Duplicates that hold words of the rows and are at the remote, as far as is known.</summary>
    private IEnumerable<Copy> Remaining(Run run, IReadOnlyList<Copy> duplicates, PurgeScope scope, IReadOnlySet<long> asked)
    {
        var gone = store.PurgedDuplicates(run.Id);
        return duplicates.Where(copy => IsConcerned(copy, scope, asked) && !gone.Contains(copy.Duplicate.RemoteId));
    }

    // Which rows a withdrawn batch asked about is no longer known: its duplicate may hold any of them.
    private static bool IsConcerned(Copy copy, PurgeScope scope, IReadOnlySet<long> asked) =>
        scope == PurgeScope.Run || asked.Contains(copy.Batch.Id) || copy.Batch.State == BatchState.Withdrawn;

    /// <summary>Null when the batch is gone.</summary>
    private async Task<string?> DeleteAsync(string remoteId, CancellationToken cancellationToken)
    {
        if (options.Remote is not { } remote)
            return "the remote was not asked";
        return await remote.DeleteAsync(remoteId, cancellationToken) switch
        {
            RemoteReply<string>.Answered or RemoteReply<string>.NotFound => null,
            var refused => RemoteComparison.Why(refused),
        };
    }

    private async Task<Opened> OpenAsync(string name, CancellationToken cancellationToken)
    {
        var runs = await store.RunsAsync(cancellationToken);
        var run = runs.FirstOrDefault(run => run.Name == name) ?? throw new PurgeException(
            $"The store has no run {Excerpt.Quoted(name)}{(runs.Count == 0 ? "." : $"; it has {Excerpt.List([.. runs.Select(run => run.Name)])}.")}",
            "Name one of them; `muster status` lists them.");
        if (!RunStates.IsFinal(run.State))
        {
            throw new PurgeException($"{run.Name} is {RunStates.Word(run.State)}, not over: what is in flight would come back.",
                "Finish it with `muster run`, or cancel it with `muster cancel`; then purge it.");
        }

        var batches = await store.BatchesAsync(run.Id, cancellationToken);
        var duplicates = (await store.DuplicatesAsync(run.Id, cancellationToken))
            .Select(duplicate => new Copy(duplicate, batches.First(batch => batch.Id == duplicate.BatchId))).ToList();
        return new Opened(run, [.. batches.Where(batch => batch.State != BatchState.Withdrawn)], duplicates);
    }

    private Found Find(Run run, IReadOnlyCollection<string> keys)
    {
        if (keys.Count > MaxKeys)
            throw new PurgeException($"{keys.Count} keys were given; one purge takes {MaxKeys}.", "Split the file, or purge the whole run.");
        var rows = new HashSet<long>();
        int before = 0, missing = 0;
        foreach (var key in keys)
        {
            var found = store.RowsOfKey(run.Id, key);
            rows.UnionWith(found);
            if (found.Count > 0)
                continue;
            if (store.WasPurged(run.Id, standIn.Of(key)))
                before++;
            else
                missing++;
        }

        return new Found(rows, before, missing);
    }

    private List<Purge> Unfinished(Run run) => [.. store.Purges(run.Id).Where(purge => purge.State != PurgeState.Done)];

    private async Task<IReadOnlyList<string>> AlsoInAsync(Run run, IReadOnlyCollection<string> keys, CancellationToken cancellationToken) =>
        [.. (await store.RunsAsync(cancellationToken)).Where(other => other.Id != run.Id && keys.Any(key => store.RowsOfKey(other.Id, key).Count > 0))
            .Select(other => other.Name)];

    private sealed record Opened(Run Run, IReadOnlyList<Batch> Batches, IReadOnlyList<Copy> Duplicates);

    /// <summary>A duplicate and the batch whose requests it repeats.</summary>
    private sealed record Copy(Duplicate Duplicate, Batch Batch);

    private sealed record Found(HashSet<long> Rows, int Before, int Missing);

    private readonly record struct Finished(long Images, long Lines);
}
