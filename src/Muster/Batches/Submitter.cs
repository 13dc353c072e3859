using Muster.Claude;
using Muster.Evals;
using Muster.Runs;
using Muster.Verdicts;

namespace Muster.Batches;

/// <summary>What a pass of the submitter leaves for the run.</summary>
internal abstract record Submission
{
    private Submission() { }

    public sealed record Went(int Batches) : Submission;

    /// <summary>The run must stop submitting until a person acts.</summary>
    public sealed record MustPause(string Why) : Submission;

    /// <summary>The remote's queue or ours is full, or it asks for patience.</summary>
    /// <param name="Why">Null when it has been told.</param>
    public sealed record MustWait(TimeSpan For, string? Why) : Submission;
}

/// <summary>Turns waiting rows into batches by the create protocol: draft, seal, gate, send, attach.</summary>
internal sealed class Submitter(RunContext context)
{
    private static readonly TimeSpan QueuePatience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan ListWindow = TimeSpan.FromHours(24);

    private readonly BatchDrafter drafter = new(context);
    private readonly GoldPacker gold = new(context);
    private long? tailSince;
    private int missed;
    private long firstMissedAt;

    public async Task<Submission> SubmitAsync(CancellationToken cancellationToken)
    {
        var sent = 0;
        while (await NextTierAsync(cancellationToken) is { } next)
        {
            // With something in flight the process goes on anyway, and its next create is the probe.
            if (context.Arrivals.WhyStop is { } why && await OpenAsync(cancellationToken) == 0)
                return new Submission.MustPause(why);
            var outcome = await SubmitOneAsync(next, cancellationToken);
            if (outcome is not null)
                return outcome;
            sent++;
        }

        return new Submission.Went(sent);
    }

    /// <summary>The tier whose rows go now, or null when nothing goes.</summary>
    private async Task<TierWork?> NextTierAsync(CancellationToken cancellationToken)
    {
        var pending = await PendingAsync(cancellationToken);
        if (pending.Count == 0)
        {
            tailSince = null;
            return null;
        }

        tailSince ??= context.Time.GetTimestamp();
        var open = await OpenAsync(cancellationToken);
        var waited = context.Time.GetElapsedTime(tailSince.Value);
        foreach (var tier in pending)
        {
            // Escalated rows are never-asked only at their tier, so they too count as a tail.
            var rows = tier.Tier == 0 ? new PendingRows(tier.FirstAsk, tier.Again + tier.Gold) : new PendingRows(0, tier.FirstAsk + tier.Again + tier.Gold);
            if (SubmissionSchedule.SendNow(rows, context.Job.Limits.BatchRows, open, waited))
                return tier;
        }

        return null;
    }

    private async Task<int> OpenAsync(CancellationToken cancellationToken) =>
        (await context.Store.OpenBatchesAsync(cancellationToken)).Count(batch => batch.RunId == context.Run.Id);

    private async Task<IReadOnlyList<TierWork>> PendingAsync(CancellationToken cancellationToken)
    {
        var rows = (await context.Store.PendingAsync(context.Run.Id, context.RowsOf(Lane.Batch), cancellationToken)).ToDictionary(tier => tier.Tier, tier => new TierWork(tier.Tier, tier.FirstAsk, tier.Again, 0));
        if (context.Run.CarriesGold)
        {
            foreach (var tier in await context.Store.PendingAsync(GoldRun.IdOf(context.Run.Id), LaneRows.All, cancellationToken))
                rows[tier.Tier] = rows.GetValueOrDefault(tier.Tier, new TierWork(tier.Tier, 0, 0, 0)) with { Gold = tier.FirstAsk + tier.Again };
        }

        return [.. rows.Values.OrderBy(tier => tier.Tier)];
    }

    /// <summary>Null when a batch was sent or rows were set aside; otherwise what stops the pass.</summary>
    private async Task<Submission?> SubmitOneAsync(TierWork work, CancellationToken cancellationToken)
    {
        var tier = work.Tier;
        if (SpendEstimate.WhyUnpriced(context, tier, Lane.Batch) is { } unpriced)
            return new Submission.MustPause(unpriced);
        RemoteSight sight;
        switch (await LookAsync(cancellationToken))
        {
            case { Stop: { } stop }:
                return stop;
            case var seen:
                sight = seen;
                break;
        }

        var taken = sight.Counts;
        var limit = DistinctCount.AtMost(context.Job.Limits.BatchRows, taken);
        var riders = await gold.RidersAsync(tier, work.FirstAsk, work.FirstAsk + work.Again, limit, cancellationToken);
        var draft = await drafter.DraftAsync(Lane.Batch, tier, limit, riders, cancellationToken);
        if (draft.SetAside.Count > 0)
        {
            await context.Store.SetAsideAsync(context.Run.Id, draft.SetAside, cancellationToken);
            context.Tell(RunEventKind.RowsSetAside, $"{Amount.Of(draft.SetAside.Count, "row")} set aside before asking");
        }

        if (draft.Requests == 0)
        {
            if (draft.SetAside.Count == 0)
                await SetGoldAsideAsync(riders, cancellationToken);
            return null;
        }

        var distinct = DistinctCount.AtMost(draft.Requests, taken);
        if (distinct < draft.Requests)
            draft = await drafter.DraftAsync(Lane.Batch, tier, distinct, [.. draft.Gold.Take(draft.Rows > 0 ? distinct - 1 : distinct)], cancellationToken);

        var intent = new BatchIntent(context.Run.Id, tier, draft.Nonce, draft.Requests, draft.LastRowId, draft.HashedIds, draft.BodyBytes,
            draft.BodySha256, ClaudeOptions.ApiVersion, SpendEstimate.PicoUsd(context, tier, draft, PriceChannel.Batch), SpendEstimate.Cap(context.Job),
            context.Job.Limits.QueuedRequests, sight.Newest, context.Now) { Gold = draft.Gold, Rows = context.RowsOf(Lane.Batch) };
        return await context.Store.IntendBatchAsync(intent, cancellationToken) switch
        {
            IntendOutcome.Sealed sealedBatch => await SendAsync(sealedBatch.Batch, draft.Gold.Count, cancellationToken),
            // What is in flight is reserved with a margin; when it settles there may be room. A wave whose replies were lost keeps its reserve for good.
            IntendOutcome.OverCap { ReservedPicoUsd: > 0 } cap when cap.SpentPicoUsd + intent.ReservedPicoUsd <= intent.CapPicoUsd && await OpenAsync(cancellationToken) > 0 =>
                new Submission.MustWait(context.Options.PollInterval ?? QueuePatience,
                    $"{Usd.Text(cap.ReservedPicoUsd)} of the cap of {Usd.Text(intent.CapPicoUsd ?? 0)} are reserved for batches in flight"),
            IntendOutcome.OverCap cap => new Submission.MustPause(
                $"{Reasons.CostCap}: the next batch may cost {Usd.Text(intent.ReservedPicoUsd)}; {Usd.Text(cap.SpentPicoUsd)} are spent and "
                + $"{Usd.Text(cap.ReservedPicoUsd)} reserved of the cap of {Usd.Text(intent.CapPicoUsd ?? 0)}"),
            IntendOutcome.QueueFull full => new Submission.MustWait(context.Options.PollInterval ?? QueuePatience,
                $"{full.Unfinished} requests are unfinished; limits.queued_requests is {context.Job.Limits.QueuedRequests}"),
            IntendOutcome.RowsMoved moved => throw new Stores.StoreException(
                $"A batch of {draft.Requests} rows was drafted and {moved.Found} were found to seal.",
                "Run `muster reconcile`; nothing was sent."),
            _ => throw new System.Diagnostics.UnreachableException(),
        };
    }

    /// <summary>Gold rows that no batch takes any more, although they were asked before, must not be waited for.</summary>
    private Task SetGoldAsideAsync(IReadOnlyList<GoldRider> riders, CancellationToken cancellationToken) => context.Store.SetAsideAsync(
        GoldRun.IdOf(context.Run.Id), [.. riders.Select(rider => new SetAside(rider.Row.RowId, Reasons.InputTooLarge + ".batch", "no batch takes it"))], cancellationToken);

    /// <summary>One page of the remote's list before each seal: the counts that are taken, and an anchor in time on its own clock.</summary>
    private async Task<RemoteSight> LookAsync(CancellationToken cancellationToken)
    {
        var ours = await context.Store.OpenBatchesAsync(cancellationToken);
        var counts = ours.Select(batch => batch.Requests).ToHashSet();
        switch (await context.Client.ListAsync(null, cancellationToken))
        {
            case RemoteReply<BatchPage>.Answered answered:
                missed = 0;
                context.Reach.Answered(context);
                var newest = answered.Value.Batches.Select(batch => (DateTimeOffset?)batch.CreatedAt).Max();
                counts.UnionWith(answered.Value.Batches.Where(batch => batch.CreatedAt > newest - ListWindow).Select(batch => batch.Counts.Total));
                return new RemoteSight(counts, newest, null);
            case RemoteReply<BatchPage>.Refused refused:
                if (refused.Error is { IsTheApis: false, Cause: ErrorCause.Request or ErrorCause.Transient } strange)
                    return new RemoteSight(counts, null, await MissAsync(
                        strange.Status < 500 ? Unreached.NotTheApi : Unreached.Connection, strange.ToString(), cancellationToken));
                return new RemoteSight(counts, null, Policy(RemoteCall.List, refused.Error, refused.RetryAfter));
            case RemoteReply<BatchPage>.NotFound missing:
                if (await IsNothingThereAsync(cancellationToken))
                    throw NotTheApi(missing.Error.ToString());
                return new RemoteSight(counts, null, new Submission.MustPause($"{CallPolicy.Of(RemoteCall.List, Trouble.Rejected).Reason}: no such API at {context.Client.BaseUrl}: {missing.Error}"));
            case RemoteReply<BatchPage>.Unreachable unreachable:
                return new RemoteSight(counts, null, await MissAsync(unreachable.How, unreachable.Why, cancellationToken));
            default:
                throw new System.Diagnostics.UnreachableException();
        }
    }

    /// <summary>Waits for a remote that cannot be reached, unless nothing of the run is there to wait for.</summary>
    /// <exception cref="ClaudeException">It was tried often enough.</exception>
    private async Task<Submission.MustWait> MissAsync(Unreached how, string why, CancellationToken cancellationToken)
    {
        if (missed++ == 0)
            firstMissedAt = context.Time.GetTimestamp();
        if (!await IsNothingThereAsync(cancellationToken))
        {
            context.Reach.Missed(context, why);
            return Wait(missed, null, null);
        }

        if (!FirstContact.IsOver(how, missed, context.Time.GetElapsedTime(firstMissedAt)))
            return new Submission.MustWait(FirstContact.Wait(context.Options.PollInterval), $"{context.Client.BaseUrl} cannot be reached: {why}");
        if (how == Unreached.NotTheApi)
            throw NotTheApi(why);
        throw new ClaudeException($"{context.Client.BaseUrl} cannot be reached{(missed > 1 ? $" in {missed} tries" : "")}: {why}. {context.Run.Name} has nothing in flight.",
            "Check ANTHROPIC_BASE_URL and the network, then run again; `muster doctor` asks it once.");
    }

    /// <summary>True when no batch of the run is in flight, and none ever was or this process has had no answer yet.</summary>
    private async Task<bool> IsNothingThereAsync(CancellationToken cancellationToken)
    {
        var batches = await context.Store.BatchesAsync(context.Run.Id, cancellationToken);
        return batches.All(batch => batch.State == BatchState.Withdrawn)
            || (!context.Reach.HasAnswered && batches.All(batch => BatchStates.IsOver(batch.State)));
    }

    private ClaudeException NotTheApi(string why) =>
        new($"{context.Client.BaseUrl} answers, but not as the Message Batches API: {why}. {context.Run.Name} has nothing in flight.",
            "Set ANTHROPIC_BASE_URL to scheme, host and port alone, or unset it to use the real service; then run again.");

    private async Task<Submission?> SendAsync(Batch batch, int goldRows, CancellationToken cancellationToken)
    {
        context.Tell(RunEventKind.BatchSealed,
            $"{Amount.Of(batch.Requests, "row")}{(goldRows > 0 ? $", of which {goldRows} gold" : "")}, {batch.BodyBytes} bytes", batch.Name);
        var outcome = await new BatchUpload(context, batch).SendAsync(cancellationToken);
        // From here on the outcome is recorded whatever the caller wants: an id that is known must not be lost.
        switch (outcome)
        {
            case CreateOutcome.Created created:
                await Attach.RecordAsync(context, batch, created.Batch, Proof.Reply);
                return null;
            case CreateOutcome.Unknown unknown:
                await context.Store.DoubtBatchAsync(batch.Id, batch.Nonce, unknown.Why, CancellationToken.None);
                context.Tell(RunEventKind.BatchUnknown, $"{CallPolicy.Of(RemoteCall.Create, Trouble.ReplyLost).Reason}: {unknown.Why}; looking for it in the list", batch.Name);
                return null;
            case CreateOutcome.NotSent notSent:
                await WithdrawAsync(batch, notSent.Why);
                cancellationToken.ThrowIfCancellationRequested();
                if (notSent.IsCutOff)
                    context.Arrivals.NotArrived(batch.Id, batch.Id, notSent.Why);
                return Wait(Math.Max(1, context.Arrivals.Lost), null, notSent.Why);
            case CreateOutcome.Refused refused:
                context.Arrivals.Arrived();
                await WithdrawAsync(batch, refused.Error.ToString());
                return Policy(RemoteCall.Create, refused.Error, refused.RetryAfter);
            default:
                throw new System.Diagnostics.UnreachableException();
        }
    }

    private Submission Policy(RemoteCall call, ApiError error, TimeSpan? retryAfter)
    {
        var rule = CallPolicy.Of(call, CallPolicy.TroubleOf(call, error.Cause));
        // A queue that is full empties more slowly than a hiccup passes.
        return rule.First == Remedy.PauseRun
            ? new Submission.MustPause($"{rule.Reason}: {error}")
            : Wait(error.Cause == ErrorCause.RateLimited ? 2 : 1, retryAfter, error.ToString());
    }

    private Submission.MustWait Wait(int failures, TimeSpan? hint, string? why) =>
        new(PollSchedule.AfterFailure(failures, hint, context.Options.PollInterval), why);

    private async Task WithdrawAsync(Batch batch, string why)
    {
        await context.Store.WithdrawBatchAsync(batch.Id, batch.Nonce, why, CancellationToken.None);
        context.Tell(RunEventKind.BatchWithdrawn, why, batch.Name);
    }

    /// <param name="FirstAsk">Rows never asked before.</param>
    /// <param name="Again">Rows to be asked again, or at a further tier.</param>
    /// <param name="Gold">Gold rows that wait.</param>
    private sealed record TierWork(int Tier, long FirstAsk, long Again, long Gold);

    /// <param name="Counts">Request counts that a new batch must not share.</param>
    /// <param name="Newest">Creation time of the newest listed batch.</param>
    private sealed record RemoteSight(HashSet<int> Counts, DateTimeOffset? Newest, Submission? Stop);
}
