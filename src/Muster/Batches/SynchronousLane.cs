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
    private readonly Streaks<Lane> streaks = new(context.Time);

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
        // Before the gate: a folder that takes no file is no reason to lose replies.
        using var archive = new ArchiveWriter(Path.Combine(archiveFolder, $"{batch.Name}.jsonl.gz"));
        if (!await context.Store.OpenGateAsync(batch.Id, batch.Nonce, context.ServerNow, cancellationToken))
        {
            const string why = "the intent was replaced";
            await WithdrawAsync(batch, why);
            return new Submission.MustWait(Patience, why);
        }

        // From here on the calls may be billed: whatever the caller wants, their replies are waited for and kept.
        var wave = new Wave(await Task.WhenAll(calls.Select(call => context.Client.Messages.SendAsync(call.Body, CancellationToken.None))));
        var streak = Count(wave);
        var isOver = wave.Trouble is { } trouble && Rule(trouble).IsOver(streak.Count, streak.Since);
        if (wave.IsUntaken && !(isOver && wave.Trouble == Trouble.Refused))
        {
            await WithdrawAsync(batch, wave.Why);
        }
        else
        {
            await ArchiveAsync(batch, archive, calls, wave);
            cancellationToken.ThrowIfCancellationRequested();
        }

        if (wave.IsTurnedAway)
            return new Submission.MustPause($"{Rule(Trouble.Rejected).Reason}: {wave.Why}");
        if (isOver && wave.Trouble == Trouble.ReplyLost)
        {
            return new Submission.MustPause($"{Rule(Trouble.ReplyLost).Reason}: {streak.Count} waves of synchronous calls in a row got no reply, the last one: {wave.Why}. "
                + "Such calls may be billed, so check what stands between here and the API; running again asks the next rows.");
        }

        return wave.WantsPatience
            ? new Submission.MustWait(PollSchedule.AfterFailure(Math.Max(1, streak.Count), wave.RetryAfter, context.Options.PollInterval), wave.Why)
            : new Submission.Went(1);
    }

    /// <summary>Waves in a row that met the same trouble; one with an answer ends the count.</summary>
    private Streak Count(Wave wave)
    {
        if (wave.Trouble is { } trouble)
            return streaks.Add(Lane.Synchronous, trouble);
        streaks.End(Lane.Synchronous);
        return default;
    }

    private static CallRule Rule(Trouble trouble) => CallPolicy.Of(RemoteCall.Message, trouble);

    private async Task ArchiveAsync(Batch batch, ArchiveWriter archive, List<Call> calls, Wave wave)
    {
        var written = new ArrayBufferWriter<byte>();
        var line = new ResultLine();
        foreach (var (call, reply) in calls.Zip(wave.Replies))
        {
            written.ResetWrittenCount();
            OwnLine.Write(written, call.CustomId, reply);
            if (!line.TryRead(written.WrittenSpan))
            {
                // Of a message that nobody can read only the bill is left.
                written.ResetWrittenCount();
                OwnLine.Write(written, call.CustomId, new MessageReply.Lost("a message that cannot be read"));
            }

            archive.Write(written.WrittenSpan);
        }

        var whole = archive.Complete();
        await context.Store.RecordArchiveAsync(batch.Id, whole, CancellationToken.None);
        context.Tell(RunEventKind.BatchArchived, $"{Amount.Of(whole.Lines, "line")}, {whole.Bytes} bytes on disk", batch.Name);
    }

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

    private async Task WithdrawAsync(Batch batch, string why)
    {
        await context.Store.WithdrawBatchAsync(batch.Id, batch.Nonce, why, CancellationToken.None);
        context.Tell(RunEventKind.BatchWithdrawn, why, batch.Name);
    }

    private sealed record Call(byte[] CustomId, byte[] Body);
}
