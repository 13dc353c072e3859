using Muster.Batches;
using Muster.Claude;
using Muster.Runs;
using Muster.Verdicts;

namespace Muster.Results;

/// <summary>Cancels the duplicates of a run, archives their results, and books what they cost. No row is touched.</summary>
internal sealed class DuplicateBooker(RunContext context, string folder)
{
    private enum Trouble { NotFound, Broken }

    private readonly Streaks<Trouble> streaks = new(context.Time);
    private readonly Dictionary<string, DateTimeOffset> notBefore = new(StringComparer.Ordinal);

    /// <summary>How many duplicates are not booked yet.</summary>
    public async Task<int> BookAsync(CancellationToken cancellationToken)
    {
        var open = 0;
        foreach (var duplicate in (await context.Store.DuplicatesAsync(context.Run.Id, cancellationToken)).Where(duplicate => duplicate.Bill is null))
        {
            if (notBefore.TryGetValue(duplicate.RemoteId, out var due) && due > context.SteadyNow)
                open++;
            else if (await BillAsync(duplicate, cancellationToken) is not { } bill)
                open++;
            else
            {
                await context.Store.BookDuplicateAsync(duplicate.RemoteId, bill, cancellationToken);
                context.Tell(RunEventKind.BatchDuplicate, DuplicateBill.Text([duplicate with { Bill = bill }]));
            }
        }

        return open;
    }

    /// <summary>Null while it is not known.</summary>
    private async Task<DuplicateBill?> BillAsync(Duplicate duplicate, CancellationToken cancellationToken)
    {
        switch (await context.Client.RetrieveAsync(duplicate.RemoteId, cancellationToken))
        {
            case RemoteReply<RemoteBatch>.Answered { Value: { Status: RemoteStatus.Ended } ended }:
                return await ReadAsync(duplicate, ended, cancellationToken);
            case RemoteReply<RemoteBatch>.Answered { Value.Status: RemoteStatus.InProgress }:
                await context.Client.CancelAsync(duplicate.RemoteId, cancellationToken);
                return Defer(duplicate, PollSchedule.AfterAnswer(null, context.Options.PollInterval));
            case RemoteReply<RemoteBatch>.NotFound:
                var streak = streaks.Add(duplicate.BatchId, Trouble.NotFound);
                return GiveUp.OnNotFound(streak.Count, streak.Since)
                    ? new DuplicateBill(0, 0, 0, 0, 0, Unpriced: 1, null)
                    : Defer(duplicate, PollSchedule.AfterFailure(streak.Count, null, context.Options.PollInterval));
            default:
                return Defer(duplicate, PollSchedule.AfterAnswer(null, context.Options.PollInterval));
        }
    }

    private async Task<DuplicateBill?> ReadAsync(Duplicate duplicate, RemoteBatch ended, CancellationToken cancellationToken)
    {
        var unknown = new DuplicateBill(ended.Counts.Succeeded, 0, 0, 0, 0, ended.Counts.Succeeded, null);
        if (await context.Client.OpenResultsAsync(duplicate.RemoteId, cancellationToken) is not RemoteReply<HttpResponseMessage>.Answered answered)
            return ended.IsArchivedAt(context.ServerNow) ? unknown : Broke();
        using (answered.Value)
        {
            using var archive = new ArchiveWriter(Path.Combine(folder, $"b-{duplicate.BatchId}.{duplicate.RemoteId}.jsonl.gz"));
            try
            {
                await using var body = await answered.Value.Content.ReadAsStreamAsync(cancellationToken);
                var bill = await SumAsync(body, archive, DateOnly.FromDateTime(ended.CreatedAt.UtcDateTime), cancellationToken);
                return archive.Lines == ended.Counts.Total ? bill with { Archive = archive.Complete() } : Broke();
            }
            catch (Exception problem) when (problem is HttpRequestException or IOException)
            {
                return Broke();
            }
        }

        DuplicateBill? Broke()
        {
            var streak = streaks.Add(duplicate.BatchId, Trouble.Broken);
            return GiveUp.OnBroken(streak.Count) ? unknown : Defer(duplicate, PollSchedule.AfterFailure(streak.Count, null, context.Options.PollInterval));
        }
    }

    private async Task<DuplicateBill> SumAsync(Stream body, ArchiveWriter archive, DateOnly day, CancellationToken cancellationToken)
    {
        var lines = new Utf8Lines(body, ResultDefaults.MaxLineBytes);
        var line = new ResultLine();
        var sum = new DuplicateBill(0, 0, 0, 0, 0, 0, null);
        while (await lines.NextAsync(cancellationToken))
        {
            if (lines.Line.IsEmpty)
                continue;
            archive.Write(lines.Line.Span);
            if (!line.TryRead(lines.Line.Span) || line.Type != ResultType.Succeeded)
                continue;
            var bill = Bill.Of(line, context.Tools.Prices, day);
            sum = sum with
            {
                Succeeded = sum.Succeeded + 1, InputTokens = sum.InputTokens + bill.InputTokens, OutputTokens = sum.OutputTokens + bill.OutputTokens,
                CacheTokens = sum.CacheTokens + bill.CacheWrite5mTokens + bill.CacheWrite1hTokens + bill.CacheReadTokens,
                CostPicoUsd = sum.CostPicoUsd + (bill.CostPicoUsd ?? 0), Unpriced = sum.Unpriced + (bill.CostPicoUsd is null ? 1 : 0),
            };
        }

        return sum;
    }

    private DuplicateBill? Defer(Duplicate duplicate, TimeSpan wait)
    {
        notBefore[duplicate.RemoteId] = context.SteadyNow + wait;
        return null;
    }
}
