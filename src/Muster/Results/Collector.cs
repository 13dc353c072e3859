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

    /// <summary>The books cannot be made to balance, or a batch's results cannot be had; nothing of the batch was used.</summary>
    public sealed record MustHold(RunOutcome Outcome, string Why) : Collection;
}

/// <summary>Fetches the results of ended batches into their archives, then applies them from there in bulk.</summary>
internal sealed class Collector
{
    private readonly RunContext context;
    private readonly string folder;
    private readonly Archiver archiver;
    private readonly BatchIndex index = new();
    private readonly Streaks<long> streaks;
    private readonly Dictionary<long, string> givenUp = [];

    /// <summary>Another day's download may succeed.</summary>
    private const string MayCome = "";

    public Collector(RunContext context, string folder)
    {
        this.context = context;
        this.folder = folder;
        streaks = new Streaks<long>(context.Time);
        archiver = new Archiver(context.Client, folder, context.Client.Options.IdleTimeout, context.Time);
    }

    /// <summary>True when this process no longer tries to get the batch's results.</summary>
    public bool HasGivenUp(Batch batch) => givenUp.ContainsKey(batch.Id);

    /// <summary>The reason when there will never be results of the batch; null when there are, or may be.</summary>
    public string? WhyGone(Batch batch) => givenUp.GetValueOrDefault(batch.Id) is { } why && why != MayCome ? why : null;

    public async Task<Collection> CollectAsync(bool runIsCanceling, CancellationToken cancellationToken)
    {
        foreach (var batch in await context.Store.BatchesAsync(context.Run.Id, cancellationToken))
        {
            if (batch.State is not (BatchState.Ended or BatchState.Archived) || givenUp.ContainsKey(batch.Id)
                || (batch.State == BatchState.Ended && streaks.Has(batch.Id) && batch.NextPollAt > context.SteadyNow))
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

    private async Task<Fetched> FetchAsync(Batch batch, CancellationToken cancellationToken)
    {
        Fetch.Mismatch? mismatch = null;
        for (var download = 0; download < ResultDefaults.Downloads; download++)
        {
            switch (await archiver.FetchAsync(context.Run.Tag, batch, index, cancellationToken))
            {
                case Fetch.Whole whole:
                    context.Reach.Answered(context);
                    if (batch.Proof == Proof.Count)
                        await context.Store.ProveBatchAsync(batch.Id, cancellationToken);
                    await context.Store.RecordArchiveAsync(batch.Id, whole.Archive, cancellationToken);
                    streaks.End(batch.Id);
                    context.Tell(RunEventKind.BatchArchived, $"{Amount.Of(whole.Archive.Lines, "line")}, {whole.Archive.Bytes} bytes on disk", batch.Name);
                    return new Fetched(whole.Archive, null);
                case Fetch.Foreign foreign:
                    await context.Store.ReleaseBatchAsync(batch.Id, batch.RemoteId!, cancellationToken);
                    context.Tell(RunEventKind.BatchReleased, $"{batch.RemoteId} holds {foreign.SeenId}, which is not ours; looking further", batch.Name);
                    return Fetched.Later;
                case Fetch.Account account:
                    return new Fetched(null, new Collection.MustPause($"{Rule(Trouble.Account).Reason}: {account.Error}", AtOnce: true));
                case Fetch.Broken broken:
                    return new Fetched(null, await BreakAsync(batch, broken.Why, cancellationToken));
                case Fetch.Refused refused:
                    var refusals = await DeferAsync(batch, Trouble.Refused, refused.RetryAfter, refused.Why, cancellationToken);
                    return new Fetched(null, !Rule(Trouble.Refused).IsOver(refusals.Count, refusals.Since) ? null : Hold(batch, Rule(Trouble.Refused), MayCome,
                        $"the results of {batch.Name} ({batch.RemoteId}) were refused {refusals.Count} times in a row: {refused.Why}. "
                        + "`muster run` downloads them again."));
                case Fetch.NotFound missing:
                    return new Fetched(null, await MissAsync(batch, missing, cancellationToken));
                // A remote that answers otherwise has no outage: this download breaks off before its first byte.
                case Fetch.Unreachable unreachable when await context.Client.RetrieveAsync(batch.RemoteId!, cancellationToken)
                    is RemoteReply<RemoteBatch>.Answered:
                    return new Fetched(null, await BreakAsync(batch, unreachable.Why, cancellationToken));
                case Fetch.Unreachable unreachable:
                    context.Reach.Missed(context, unreachable.Why);
                    await DeferAsync(batch, Trouble.Unreachable, null, null, cancellationToken);
                    return Fetched.Later;
                case Fetch.Mismatch wrong:
                    mismatch = wrong;
                    context.Tell(RunEventKind.Trouble, $"{wrong.Reason}: {wrong.Why}; downloading again", batch.Name);
                    break;
            }
        }

        return new Fetched(null, new Collection.MustHold(RunOutcome.Unbalanced,
            $"{mismatch!.Reason}: {batch.Name} ({batch.RemoteId}): {mismatch.Why}. The last download is kept as {mismatch.Kept}; `muster run` downloads them again"));
    }

    private async Task<Collection?> BreakAsync(Batch batch, string why, CancellationToken cancellationToken)
    {
        var streak = await DeferAsync(batch, Trouble.Broken, null, why, cancellationToken);
        return !Rule(Trouble.Broken).IsOver(streak.Count, streak.Since) ? null : Hold(batch, Rule(Trouble.Broken), MayCome,
            $"the results of {batch.Name} ({batch.RemoteId}) broke off in {streak.Count} downloads in a row: {why}. "
            + "Check the network and what stands between; `muster run` downloads them again.");
    }

    /// <summary>404 on results: not there yet, archived, or the batch is gone, which the batch itself tells.</summary>
    private async Task<Collection?> MissAsync(Batch batch, Fetch.NotFound missing, CancellationToken cancellationToken)
    {
        var known = await context.Client.RetrieveAsync(batch.RemoteId!, cancellationToken);
        if (known is RemoteReply<RemoteBatch>.Answered { Value: var remote } && remote.IsArchivedAt(context.ServerNow))
        {
            return Hold(batch, Rule(Trouble.Gone), Rule(Trouble.Gone).Reason, $"{batch.Name} ({batch.RemoteId}) was created on "
                + $"{remote.CreatedAt:yyyy-MM-dd}, and the remote removes results {ResultsWindow.Days} days after that. `muster cancel` ends the run without them: "
                + "their rows are errored, and the next `muster run` asks them again.");
        }

        var streak = await DeferAsync(batch, Trouble.NotFound, null, $"results not there yet: {missing.Why}", cancellationToken);
        if (!Rule(Trouble.NotFound).IsOver(streak.Count, streak.Since))
            return null;
        var times = $"{streak.Count} times in {streak.Since.TotalMinutes:0} minutes";
        return known is RemoteReply<RemoteBatch>.NotFound
            ? Hold(batch, BatchGone, BatchGone.Reason, $"{batch.Name} ({batch.RemoteId}) was not found {times}. It was deleted, or the key is of another "
                + "workspace; `muster run` asks for it again, and `muster cancel` ends the run without it.")
            : Hold(batch, Rule(Trouble.NotFound), MayCome, $"the results of {batch.Name} ({batch.RemoteId}) were not found {times} although it ended; `muster run` downloads them again.");
    }

    private static CallRule BatchGone => CallPolicy.Of(RemoteCall.Retrieve, Trouble.NotFound);

    private static CallRule Rule(Trouble trouble) => CallPolicy.Of(RemoteCall.Results, trouble);

    /// <param name="gone">The reason of its rows when its results will never come; <see cref="MayCome"/> when they may.</param>
    private Collection.MustHold Hold(Batch batch, CallRule rule, string gone, string why)
    {
        givenUp[batch.Id] = gone;
        return new Collection.MustHold(rule.Outcome, $"{rule.Reason}: {why}");
    }

    /// <param name="why">Null when it has been told.</param>
    private async Task<Streak> DeferAsync(Batch batch, Trouble kind, TimeSpan? hint, string? why, CancellationToken cancellationToken)
    {
        var streak = streaks.Add(batch.Id, kind);
        var wait = PollSchedule.AfterFailure(streak.Count, hint, context.Options.PollInterval);
        await context.Store.DeferBatchAsync(batch.Id, context.SteadyNow + wait, cancellationToken);
        if (why is not null)
            context.Tell(RunEventKind.Trouble, $"{why}; downloading again in {wait.TotalSeconds:0.#} s", batch.Name);
        return streak;
    }

    /// <summary>Null when the batch is settled.</summary>
    private async Task<Collection?> ApplyAsync(
        Batch batch, Archive archive, bool runIsCanceling, CancellationToken cancellationToken)
    {
        if (ArchiveReader.Verify(folder, archive) is { } damage)
            return new Collection.MustHold(RunOutcome.Unbalanced, $"{Reasons.Accounting}: {batch.Name}: {damage}");

        var judge = new Judge(context.Tools.Contract, context.Tools.Human,
            new PolicyLimits(context.Job.Tiers.Count, context.Job.Limits.Attempts, context.Job.Contract.OnViolation, context.Job.Fallback is not null),
            context.Tools.Prices, DateOnly.FromDateTime(batch.SealedAt.UtcDateTime), batch.Lane, runIsCanceling);
        await using var stream = ArchiveReader.Decompress(folder, archive);
        var lines = ArchiveReader.Lines(stream);
        var line = new ResultLine();
        var chunk = new List<ResultRecord>(ResultDefaults.ChunkRows);
        var held = 0;
        while (await lines.NextAsync(cancellationToken))
        {
            if (!line.TryRead(lines.Line.Span) || index.Find(line.CustomId) is not { } request)
                return new Collection.MustHold(RunOutcome.Unbalanced, $"{Reasons.ResultUnmatched}: {batch.Name}: the archive holds a line that its own accounting did not");
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
            return new Collection.MustHold(RunOutcome.Unbalanced, $"{Reasons.Accounting}: {batch.Name}: not every request has a result after applying them all");
        context.Tell(RunEventKind.BatchSettled, $"{Amount.Of(archive.Lines, "result")} applied", batch.Name);
        return judge.AccountError is { } account ? new Collection.MustPause($"{Reasons.Account}: {account}", AtOnce: false) : null;
    }

    /// <param name="Archive">Null when there is none in this pass.</param>
    /// <param name="Stop">What it leaves for the run, if anything.</param>
    private readonly record struct Fetched(Archive? Archive, Collection? Stop)
    {
        public static Fetched Later => default;
    }
}
