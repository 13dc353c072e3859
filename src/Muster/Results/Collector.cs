using Muster.Batches;
using Muster.Claude;
using Muster.Runs;
using Muster.Verdicts;

namespace Muster.Results;

/// <summary>What a pass of the collector leaves for the run.</summary>
internal abstract record Collection
{
    private Collection() { }

    public sealed record Went : Collection;

    /// <summary>The account stopped it.</summary>
    /// <param name="Why">What was seen.</param>
    /// <param name="AtOnce">True when the remote refuses to hand out results; false when result lines said so, and others can be had.</param>
    public sealed record MustPause(string Why, bool AtOnce) : Collection;

    /// <summary>The books cannot be made to balance; nothing of the batch was used.</summary>
    public sealed record MustHold(string Why) : Collection;
}

/// <summary>Fetches the results of ended batches into their archives, then applies them from there in bulk.</summary>
internal sealed class Collector
{
    private readonly RunContext context;
    private readonly string archives;
    private readonly Archiver archiver;
    private readonly BatchIndex index = new();
    private readonly Dictionary<long, int> failures = [];

    public Collector(RunContext context, string archives)
    {
        this.context = context;
        this.archives = archives;
        archiver = new Archiver(context.Client, archives, context.Client.Options.IdleTimeout, context.Time);
    }

    public async Task<Collection> CollectAsync(bool runIsCanceling, CancellationToken cancellationToken)
    {
        foreach (var batch in await context.Store.BatchesAsync(context.Run.Id, cancellationToken))
        {
            if (batch.State is not (BatchState.Ended or BatchState.Archived) || (batch.State == BatchState.Ended && batch.NextPollAt > context.Now
                    && failures.ContainsKey(batch.Id)))
                continue;
            await index.LoadAsync(context.Store, context.Run, batch, cancellationToken);
            var archive = batch.Archive;
            if (batch.State == BatchState.Ended)
            {
                var (fetched, stop) = await FetchAsync(batch, cancellationToken);
                if (stop is not null)
                    return stop;
                if (fetched is null)
                    continue;
                archive = fetched;
            }

            if (await ApplyAsync(batch, archive!, runIsCanceling, cancellationToken) is { } reason)
                return reason;
        }

        return new Collection.Went();
    }

    private async Task<(Archive? Archive, Collection? Stop)> FetchAsync(Batch batch, CancellationToken cancellationToken)
    {
        Fetch.Mismatch? mismatch = null;
        for (var download = 0; download < ResultDefaults.Downloads; download++)
        {
            switch (await archiver.FetchAsync(context.Run.Tag, batch, index, cancellationToken))
            {
                case Fetch.Whole whole:
                    if (batch.Proof == Proof.Count)
                        await context.Store.ProveBatchAsync(batch.Id, cancellationToken);
                    await context.Store.RecordArchiveAsync(batch.Id, whole.Archive, cancellationToken);
                    failures.Remove(batch.Id);
                    context.Tell(RunEventKind.BatchArchived, $"{Amount.Of(whole.Archive.Lines, "line")}, {whole.Archive.Bytes} bytes on disk", batch.Name);
                    return (whole.Archive, null);
                case Fetch.Foreign foreign:
                    await context.Store.ReleaseBatchAsync(batch.Id, batch.RemoteId!, cancellationToken);
                    context.Tell(RunEventKind.BatchReleased, $"{batch.RemoteId} holds {foreign.SeenId}, which is not ours; looking further", batch.Name);
                    return (null, null);
                case Fetch.Account account:
                    return (null, new Collection.MustPause($"{Reasons.Account}: {account.Error}", AtOnce: true));
                case Fetch.Broken broken:
                    await DeferAsync(batch, broken, cancellationToken);
                    return (null, null);
                case Fetch.Mismatch wrong:
                    mismatch = wrong;
                    context.Tell(RunEventKind.Trouble, $"{wrong.Reason}: {wrong.Why}; downloading again", batch.Name);
                    break;
            }
        }

        return (null, new Collection.MustHold($"{mismatch!.Reason}: {batch.Name} ({batch.RemoteId}): {mismatch.Why}"));
    }

    private async Task DeferAsync(Batch batch, Fetch.Broken broken, CancellationToken cancellationToken)
    {
        var count = failures[batch.Id] = failures.GetValueOrDefault(batch.Id) + 1;
        var wait = PollSchedule.AfterFailure(count, broken.RetryAfter, context.Options.PollInterval);
        await context.Store.DeferBatchAsync(batch.Id, context.Now + wait, cancellationToken);
        context.Tell(RunEventKind.Trouble, $"{broken.Why}; downloading again in {wait.TotalSeconds:0.#} s", batch.Name);
    }

    /// <summary>Null when the batch is settled.</summary>
    private async Task<Collection?> ApplyAsync(
        Batch batch, Archive archive, bool runIsCanceling, CancellationToken cancellationToken)
    {
        if (ArchiveReader.Verify(archives, archive) is { } damage)
            return new Collection.MustHold($"{Reasons.Accounting}: {batch.Name}: {damage}");

        var judge = new Judge(context.Tools.Contract, context.Tools.Human,
            new PolicyLimits(context.Job.Tiers.Count, context.Job.Limits.Attempts, context.Job.Contract.OnViolation),
            context.Tools.Prices, DateOnly.FromDateTime(batch.SealedAt.UtcDateTime), runIsCanceling);
        await using var stream = ArchiveReader.Decompress(archives, archive);
        var lines = ArchiveReader.Lines(stream);
        var line = new ResultLine();
        var chunk = new List<ResultRecord>(ResultDefaults.ChunkRows);
        var held = 0;
        while (await lines.NextAsync(cancellationToken))
        {
            if (!line.TryRead(lines.Line.Span) || index.Find(line.CustomId) is not { } request)
                return new Collection.MustHold($"{Reasons.ResultUnmatched}: {batch.Name}: the archive holds a line that its own accounting did not");
            var record = judge.Decide(request, line);
            chunk.Add(record);
            held += record.Output.Length;
            if (chunk.Count < ResultDefaults.ChunkRows && held < ResultDefaults.ChunkBytes)
                continue;
            await context.Store.RecordResultsAsync(batch.Id, chunk, cancellationToken);
            chunk.Clear();
            held = 0;
        }

        await context.Store.RecordResultsAsync(batch.Id, chunk, cancellationToken);
        if (!await context.Store.SettleBatchAsync(batch.Id, context.Now, cancellationToken))
            return new Collection.MustHold($"{Reasons.Accounting}: {batch.Name}: not every request has a result after applying them all");
        context.Tell(RunEventKind.BatchSettled, $"{archive.Lines} results applied", batch.Name);
        return judge.AccountError is { } account ? new Collection.MustPause($"{Reasons.Account}: {account}", AtOnce: false) : null;
    }
}
