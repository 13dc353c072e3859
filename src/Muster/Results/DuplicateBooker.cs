using Muster.Batches;
using Muster.Claude;
using Muster.Runs;
using Muster.Verdicts;

namespace Muster.Results;

/// <param name="Open">Duplicates whose cost is not known yet.</param>
/// <param name="Account">Why the account stops the booking.</param>
internal readonly record struct Booking(int Open, ApiError? Account);

/// <summary>Cancels the duplicates of a run, archives their results, and books what they cost. No row is touched.</summary>
internal sealed class DuplicateBooker(RunContext context, string folder)
{
    private readonly Streaks<string> streaks = new(context.Time);
    private readonly Dictionary<string, DateTimeOffset> notBefore = new(StringComparer.Ordinal);

    public async Task<Booking> BookAsync(CancellationToken cancellationToken)
    {
        var unbooked = (await context.Store.DuplicatesAsync(context.Run.Id, cancellationToken)).Where(duplicate => duplicate.Bill is null).ToList();
        var open = unbooked.Count;
        foreach (var duplicate in unbooked)
        {
            if (notBefore.TryGetValue(duplicate.RemoteId, out var due) && due > context.SteadyNow)
                continue;
            switch (await BillAsync(duplicate, cancellationToken))
            {
                case Step.Known known:
                    await context.Store.BookDuplicateAsync(duplicate.RemoteId, known.Bill, cancellationToken);
                    streaks.End(duplicate.RemoteId);
                    context.Tell(RunEventKind.BatchDuplicate, DuplicateBill.Text([duplicate with { Bill = known.Bill }]));
                    open--;
                    break;
                case Step.Later later:
                    notBefore[duplicate.RemoteId] = context.SteadyNow + later.Wait;
                    break;
                case Step.Stop stop:
                    return new Booking(open, stop.Error);
            }
        }

        return new Booking(open, null);
    }

    private async Task<Step> BillAsync(Duplicate duplicate, CancellationToken cancellationToken)
    {
        var reply = await context.Client.RetrieveAsync(duplicate.RemoteId, cancellationToken);
        if (reply is not RemoteReply<RemoteBatch>.Unreachable)
            context.Reach.Answered(context);
        switch (reply)
        {
            case RemoteReply<RemoteBatch>.Answered { Value: { Status: RemoteStatus.Ended } ended }:
                return await ReadAsync(duplicate, ended, cancellationToken);
            case RemoteReply<RemoteBatch>.Answered answered:
                if (answered.Value.Status == RemoteStatus.InProgress)
                    await context.Client.CancelAsync(duplicate.RemoteId, cancellationToken);
                streaks.End(duplicate.RemoteId);
                return new Step.Later(PollSchedule.AfterAnswer(answered.RetryAfter, context.Options.PollInterval));
            case RemoteReply<RemoteBatch>.NotFound:
                return await AgainAsync(duplicate, Trouble.NotFound, null, null, cancellationToken);
            case RemoteReply<RemoteBatch>.Refused { Error: { Cause: ErrorCause.Account } account }:
                return new Step.Stop(account);
            case RemoteReply<RemoteBatch>.Refused refused:
                return await AgainAsync(duplicate, Trouble.Refused, refused.RetryAfter, null, cancellationToken);
            case RemoteReply<RemoteBatch>.Unreachable unreachable:
                context.Reach.Missed(context, unreachable.Why);
                return new Step.Later(PollSchedule.AfterAnswer(null, context.Options.PollInterval));
            default:
                throw new System.Diagnostics.UnreachableException();
        }
    }

    private async Task<Step> ReadAsync(Duplicate duplicate, RemoteBatch ended, CancellationToken cancellationToken)
    {
        switch (await context.Client.OpenResultsAsync(duplicate.RemoteId, cancellationToken))
        {
            case RemoteReply<HttpResponseMessage>.Answered answered:
                using (answered.Value)
                    return await StreamAsync(duplicate, ended, answered.Value, cancellationToken);
            case RemoteReply<HttpResponseMessage>.Refused { Error: { Cause: ErrorCause.Account } account }:
                return new Step.Stop(account);
            case var refused when ended.IsArchivedAt(context.ServerNow):
                context.Tell(RunEventKind.Trouble, $"the results of {duplicate.RemoteId} are gone: {RemoteComparison.Why(refused)}");
                return new Step.Known(Unknown(ended.Counts.Succeeded));
            case RemoteReply<HttpResponseMessage>.NotFound:
                return await AgainAsync(duplicate, Trouble.NotFound, null, ended, cancellationToken);
            case RemoteReply<HttpResponseMessage>.Refused refused:
                return await AgainAsync(duplicate, CallPolicy.TroubleOf(RemoteCall.Results, refused.Error.Cause), refused.RetryAfter, ended, cancellationToken);
            default:
                // The remote answered a moment ago: this is no outage, the download breaks off before its first byte.
                return await AgainAsync(duplicate, Trouble.Broken, null, ended, cancellationToken);
        }
    }

    private async Task<Step> StreamAsync(Duplicate duplicate, RemoteBatch ended, HttpResponseMessage reply, CancellationToken cancellationToken)
    {
        using var limit = new IdleLimit(context.Client.Options.IdleTimeout, context.Time, cancellationToken);
        using var archive = new ArchiveWriter(Path.Combine(folder, FileName(duplicate)));
        try
        {
            await using var body = await reply.Content.ReadAsStreamAsync(limit.Token);
            var lines = new Utf8Lines(body, ResultDefaults.MaxLineBytes, limit.Restart);
            var bill = await SumAsync(lines, archive, DateOnly.FromDateTime(ended.CreatedAt.UtcDateTime), cancellationToken);
            if (archive.Lines == ended.Counts.Total)
                return new Step.Known(bill with { Archive = archive.Complete() });
        }
        catch (Exception problem) when (limit.WhyBroken(problem) is not null)
        {
            // Counted below, as a download that ended too soon.
        }

        return await AgainAsync(duplicate, Trouble.Broken, null, ended, cancellationToken);
    }

    private async Task<DuplicateBill> SumAsync(Utf8Lines lines, ArchiveWriter archive, DateOnly day, CancellationToken cancellationToken)
    {
        var line = new ResultLine();
        var sum = new DuplicateBill(0, 0, 0, 0, 0, 0, null);
        while (await lines.NextAsync(cancellationToken))
        {
            if (lines.Line.IsEmpty)
                continue;
            archive.Write(lines.Line.Span);
            if (!line.TryRead(lines.Line.Span) || line.Type != ResultType.Succeeded)
                continue;
            var bill = Bill.Of(line, context.Tools.Prices, day, PriceChannel.Batch);
            sum = sum with
            {
                Succeeded = sum.Succeeded + 1, InputTokens = sum.InputTokens + bill.InputTokens, OutputTokens = sum.OutputTokens + bill.OutputTokens,
                CacheTokens = sum.CacheTokens + bill.CacheWrite5mTokens + bill.CacheWrite1hTokens + bill.CacheReadTokens,
                CostPicoUsd = sum.CostPicoUsd + (bill.CostPicoUsd ?? 0), Unpriced = sum.Unpriced + (bill.CostPicoUsd is null ? 1 : 0),
            };
        }

        return sum;
    }

    /// <summary>Tries again later; after enough failures of one kind the cost is booked as unknown, so that the run can end.</summary>
    /// <param name="ended">What the remote counts; null when it does not show the batch.</param>
    private async Task<Step> AgainAsync(
        Duplicate duplicate, Trouble kind, TimeSpan? hint, RemoteBatch? ended, CancellationToken cancellationToken)
    {
        var streak = streaks.Add(duplicate.RemoteId, kind);
        if (!CallPolicy.Of(RemoteCall.Results, kind).IsOver(streak.Count, streak.Since))
            return new Step.Later(PollSchedule.AfterFailure(streak.Count, hint, context.Options.PollInterval));
        var paid = ended?.Counts.Succeeded
            ?? (await context.Store.BatchesAsync(context.Run.Id, cancellationToken)).First(batch => batch.Id == duplicate.BatchId).Requests;
        return new Step.Known(Unknown(paid));
    }

    /// <summary>The most that may have been paid for, at no known price.</summary>
    private static DuplicateBill Unknown(long requests) => new(requests, 0, 0, 0, 0, requests, null);

    /// <summary>The remote's id is anyone's text and no file name; the batch's name in front lets a purge find the file.</summary>
    public static string FileName(Duplicate duplicate)
    {
        var hash = System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(duplicate.RemoteId));
        return $"b-{duplicate.BatchId}.duplicate-{Convert.ToHexStringLower(hash.AsSpan(0, 8))}.jsonl.gz";
    }

    /// <summary>What came of looking at one duplicate.</summary>
    private abstract record Step
    {
        public sealed record Known(DuplicateBill Bill) : Step;

        public sealed record Later(TimeSpan Wait) : Step;

        public sealed record Stop(ApiError Error) : Step;
    }
}
