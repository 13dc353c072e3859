using Muster.Claude;
using Muster.Runs;
using Muster.Verdicts;

namespace Muster.Batches;

/// <summary>Looks at each created batch when it is due. A 404 on a known id is no proof of absence; canceling is not failure.</summary>
internal sealed class Poller(RunContext context)
{
    private readonly Streaks<long> streaks = new(context.Time);

    // A due time that another process wrote is by another clock: each batch is asked about once before its time is believed.
    private readonly HashSet<long> asked = [];
    private readonly HashSet<long> givenUp = [];

    /// <summary>Asks about every batch that is due; returns what stops the run, if something does.</summary>
    public async Task<StopReason?> PollAsync(CancellationToken cancellationToken)
    {
        foreach (var batch in await context.Store.BatchesAsync(context.Run.Id, cancellationToken))
        {
            if (IsFollowed(batch) && DueAt(batch) <= context.SteadyNow && await PollOneAsync(batch, cancellationToken) is { } stop)
                return stop;
        }

        return null;
    }

    /// <summary>When the next batch is due; null when none is followed.</summary>
    public async Task<DateTimeOffset?> NextDueAsync(CancellationToken cancellationToken) =>
        (await context.Store.BatchesAsync(context.Run.Id, cancellationToken)).Where(IsFollowed).Min(batch => (DateTimeOffset?)DueAt(batch));

    /// <summary>True when this process no longer waits for the batch: the remote does not know it.</summary>
    public bool HasGivenUp(Batch batch) => givenUp.Contains(batch.Id);

    /// <summary>Asks the remote to cancel every batch of the run that it is not canceling yet.</summary>
    public async Task CancelAllAsync(CancellationToken cancellationToken)
    {
        foreach (var batch in await context.Store.BatchesAsync(context.Run.Id, cancellationToken))
        {
            // A candidate without proof may be someone else's, and is never canceled.
            if (batch is { State: BatchState.Created, Proof: not Proof.Count, Remote.CancelInitiatedAt: null }
                && await context.Client.CancelAsync(batch.RemoteId!, cancellationToken) is RemoteReply<RemoteBatch>.Answered answered)
                await context.Store.ObserveBatchAsync(batch.Id, answered.Value, context.SteadyNow, cancellationToken);
        }
    }

    private bool IsFollowed(Batch batch) => batch.State == BatchState.Created && !givenUp.Contains(batch.Id);

    private DateTimeOffset DueAt(Batch batch) => asked.Contains(batch.Id) && batch.NextPollAt is { } due ? due : context.SteadyNow;

    private async Task<StopReason?> PollOneAsync(Batch batch, CancellationToken cancellationToken)
    {
        var reply = await context.Client.RetrieveAsync(batch.RemoteId!, cancellationToken);
        asked.Add(batch.Id);
        if (reply is not RemoteReply<RemoteBatch>.Unreachable)
            context.Reach.Answered(context);
        switch (reply)
        {
            case RemoteReply<RemoteBatch>.Answered answered:
                streaks.End(batch.Id);
                var wait = PollSchedule.AfterAnswer(answered.RetryAfter, context.Options.PollInterval);
                await context.Store.ObserveBatchAsync(batch.Id, answered.Value, context.SteadyNow + wait, cancellationToken);
                if (answered.Value.Status == RemoteStatus.Ended)
                    context.Tell(RunEventKind.BatchEnded, $"{answered.Value.Id} ended at the remote", batch.Name);
                return null;
            case RemoteReply<RemoteBatch>.NotFound missing:
                var gone = await DeferAsync(batch, Trouble.NotFound, null, missing.Error.ToString(), cancellationToken);
                var rule = CallPolicy.Of(RemoteCall.Retrieve, Trouble.NotFound);
                if (!rule.IsOver(gone.Count, gone.Since))
                    return null;
                givenUp.Add(batch.Id);
                return new StopReason(rule.Outcome, $"{rule.Reason}: {batch.Name} ({batch.RemoteId}) was not found {gone.Count} times in "
                    + $"{gone.Since.TotalMinutes:0} minutes. It was deleted, or the key is of another workspace; `muster run` asks for it again, and `muster cancel` ends the run without it.");
            case RemoteReply<RemoteBatch>.Refused refused:
                var trouble = CallPolicy.TroubleOf(RemoteCall.Retrieve, refused.Error.Cause);
                await DeferAsync(batch, trouble, refused.RetryAfter, refused.Error.ToString(), cancellationToken);
                return CallPolicy.Of(RemoteCall.Retrieve, trouble) is { First: Remedy.PauseRun } pause ? new StopReason(pause.Outcome, $"{pause.Reason}: {refused.Error}") : null;
            case RemoteReply<RemoteBatch>.Unreachable unreachable:
                context.Reach.Missed(context, unreachable.Why);
                await DeferAsync(batch, Trouble.Unreachable, null, null, cancellationToken);
                return null;
            default:
                throw new System.Diagnostics.UnreachableException();
        }
    }

    /// <param name="why">Null when it has been told.</param>
    private async Task<Streak> DeferAsync(Batch batch, Trouble kind, TimeSpan? hint, string? why, CancellationToken cancellationToken)
    {
        var streak = streaks.Add(batch.Id, kind);
        var wait = PollSchedule.AfterFailure(streak.Count, hint, context.Options.PollInterval);
        await context.Store.DeferBatchAsync(batch.Id, context.SteadyNow + wait, cancellationToken);
        if (why is not null)
            context.Tell(RunEventKind.Trouble, $"{why}; asking again in {wait.TotalSeconds:0.#} s", batch.Name);
        return streak;
    }
}
