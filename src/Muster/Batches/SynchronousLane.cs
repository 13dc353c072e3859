using System.Buffers;
using Muster.Claude;
using Muster.Requests;
using Muster.Results;
using Muster.Runs;
using Muster.Verdicts;

namespace Muster.Batches;

/// <summary>
/// Asks rows that batches never answered by synchronous calls, once each and at the full price. A wave of calls is a batch of its own
/// lane: sealed and reserved before the first byte leaves, archived when the last reply is there, then judged like any other. Nothing
/// at the remote remembers such a call, so what is under way when the process dies is lost, said, and never made again.
/// </summary>
internal sealed class SynchronousLane(RunContext context, string archiveFolder)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly BatchDrafter drafter = new(context);
    private int refusals;
    private long refusedSince;

    /// <summary>Makes one wave of calls, if rows wait for it.</summary>
    /// <param name="isAlone">True when nothing else of the run is under way or can be sent.</param>
    public async Task<Submission> AskAsync(bool isAlone, CancellationToken cancellationToken)
    {
        if (context.Job.Fallback is not { } fallback
            || await context.Store.PendingAsync(context.Run.Id, context.RowsOf(Lane.Synchronous), cancellationToken) is not [var tier, ..])
            return new Submission.Went(0);

        if (SpendEstimate.WhyUnpriced(context, tier.Tier, Lane.Synchronous) is { } unpriced)
            return new Submission.MustPause(unpriced);
        var draft = await drafter.DraftAsync(Lane.Synchronous, tier.Tier, fallback.Concurrent, [], cancellationToken);
        if (draft.SetAside.Count > 0)
        {
            await context.Store.SetAsideAsync(context.Run.Id, draft.SetAside, cancellationToken);
            context.Tell(RunEventKind.RowsSetAside, $"{Amount.Of(draft.SetAside.Count, "row")} set aside before asking");
        }

        if (draft.Requests == 0)
            return new Submission.Went(draft.SetAside.Count);
        return await IntendAsync(tier.Tier, draft, fallback, isAlone, cancellationToken);
    }

    private async Task<Submission> IntendAsync(int tier, BatchDraft draft, Jobs.FallbackSpec fallback, bool isAlone, CancellationToken cancellationToken)
    {
        var laneCap = Usd.ToPico(fallback.Usd);
        var intent = new BatchIntent(context.Run.Id, tier, draft.Nonce, draft.Requests, draft.LastRowId, draft.HashedIds, draft.BodyBytes, draft.BodySha256,
            ClaudeOptions.ApiVersion, SpendEstimate.PicoUsd(context, tier, draft, PriceChannel.Synchronous), SpendEstimate.Cap(context.Job),
            context.Job.Limits.QueuedRequests, null, context.Now) { Rows = context.RowsOf(Lane.Synchronous), LaneCapPicoUsd = laneCap };
        return await context.Store.IntendBatchAsync(intent, cancellationToken) switch
        {
            IntendOutcome.Sealed { Batch: var batch } => await SendAsync(batch, cancellationToken),
            IntendOutcome.OverLaneCap over => Capped("fallback.usd", over.SpentPicoUsd, over.ReservedPicoUsd, laneCap),
            IntendOutcome.OverCap over => Capped("budget.usd", over.SpentPicoUsd, over.ReservedPicoUsd, intent.CapPicoUsd ?? 0),
            IntendOutcome.RowsMoved moved => throw new Stores.StoreException(
                $"A wave of {draft.Requests} rows was drafted and {moved.Found} were found to seal.", "Run `muster reconcile`; nothing was sent."),
            _ => throw new System.Diagnostics.UnreachableException(),
        };

        // Batches go on beside rows that wait for money.
        Submission Capped(string field, long spent, long reserved, long cap)
        {
            var why = $"{Reasons.CostCap}: the next {Amount.Of(draft.Requests, "synchronous call")} may cost {Usd.Text(intent.ReservedPicoUsd)}; "
                + $"{Usd.Text(spent)} are spent and {Usd.Text(reserved)} reserved of the {Usd.Text(cap)} of {field}";
            return isAlone ? new Submission.MustPause(why) : new Submission.MustWait(context.Options.PollInterval ?? Patience, why);
        }
    }

    private async Task<Submission> SendAsync(Batch batch, CancellationToken cancellationToken)
    {
        context.Tell(RunEventKind.BatchSealed, $"{Amount.Of(batch.Requests, "synchronous call")}, {batch.BodyBytes} bytes", batch.Name);
        var calls = await RenderAsync(batch, cancellationToken);
        if (!await context.Store.OpenGateAsync(batch.Id, batch.Nonce, context.ServerNow, cancellationToken))
            return await WithdrawAsync(batch, [new MessageReply.NotTaken("the intent was replaced", null)]);

        // From here on the calls may be billed: whatever the caller wants, their replies are waited for and kept.
        var replies = await Task.WhenAll(calls.Select(call => context.Client.Messages.SendAsync(call.Body, CancellationToken.None)));
        if (Array.TrueForAll(replies, reply => reply is MessageReply.NotTaken) && !IsOverloadedForGood(replies))
            return await WithdrawAsync(batch, replies);
        using (var archive = new ArchiveWriter(Path.Combine(archiveFolder, $"{batch.Name}.jsonl.gz")))
        {
            var line = new ArrayBufferWriter<byte>();
            foreach (var (call, reply) in calls.Zip(replies))
            {
                line.ResetWrittenCount();
                OwnLine.Write(line, call.CustomId, reply);
                archive.Write(line.WrittenSpan);
            }

            var whole = archive.Complete();
            await context.Store.RecordArchiveAsync(batch.Id, whole, CancellationToken.None);
            context.Tell(RunEventKind.BatchArchived, $"{Amount.Of(whole.Lines, "line")}, {whole.Bytes} bytes on disk", batch.Name);
        }

        cancellationToken.ThrowIfCancellationRequested();
        if (Array.Exists(replies, reply => reply is MessageReply.NotTaken))
            return Wait(replies);
        refusals = 0;
        return new Submission.Went(1);
    }

    /// <summary>True when the service has turned wave after wave away in words that may be about these very requests: each then spends a try.</summary>
    private bool IsOverloadedForGood(MessageReply[] replies) =>
        refusals > 0 && CallPolicy.Of(RemoteCall.Message, Trouble.Refused).IsOver(refusals + 1, context.Time.GetElapsedTime(refusedSince))
        && Array.TrueForAll(replies, reply => reply is MessageReply.NotTaken { Overload: not null });

    private async Task<List<Call>> RenderAsync(Batch batch, CancellationToken cancellationToken)
    {
        var calls = new List<Call>(batch.Requests);
        var input = context.Tools.Prompt.NewRow();
        var buffer = new ArrayBufferWriter<byte>();
        var id = new byte[CustomId.MaxChars];
        await foreach (var row in context.Store.ReadBatchAsync(batch.Id, cancellationToken))
        {
            buffer.ResetWrittenCount();
            if (RequestBytes.Render(context.Tools.Renderers[batch.Tier], input, row, row.IdPart, context.Run.Tag, batch.Nonce, buffer) is { } fault)
                throw new Stores.StoreException($"Row {row.RowId} was sealed and can no longer be rendered: {fault.Detail}", "Run `muster reconcile`; nothing was sent.");
            var length = CustomId.Write(id, row.Key, row.IdPart, context.Run.Tag, batch.Nonce, row.Attempt);
            calls.Add(new Call(id[..length], RequestBytes.Params(buffer.WrittenSpan).ToArray()));
        }

        return calls;
    }

    private async Task<Submission> WithdrawAsync(Batch batch, IReadOnlyList<MessageReply> replies)
    {
        var why = ((MessageReply.NotTaken)replies[0]).Why;
        await context.Store.WithdrawBatchAsync(batch.Id, batch.Nonce, why, CancellationToken.None);
        context.Tell(RunEventKind.BatchWithdrawn, why, batch.Name);
        return Wait(replies);
    }

    private Submission.MustWait Wait(IReadOnlyList<MessageReply> replies)
    {
        if (refusals == 0)
            refusedSince = context.Time.GetTimestamp();
        var turnedAway = replies.OfType<MessageReply.NotTaken>().ToList();
        return new Submission.MustWait(PollSchedule.AfterFailure(++refusals, turnedAway.Max(reply => reply.RetryAfter), context.Options.PollInterval), turnedAway[0].Why);
    }

    private sealed record Call(byte[] CustomId, byte[] Body);
}
