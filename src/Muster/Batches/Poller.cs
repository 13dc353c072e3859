using Muster.Claude;
using Muster.Runs;

namespace Muster.Batches;

/// <summary>Looks at each created batch when it is due. A 404 on a known id is no proof of absence; canceling is not failure.</summary>
internal sealed class Poller(RunContext context)
{
    private readonly Dictionary<long, int> failures = [];

    /// <summary>Asks about every batch that is due; returns an account error when one stops the run.</summary>
    public async Task<ApiError?> PollAsync(CancellationToken cancellationToken)
    {
        foreach (var batch in await context.Store.BatchesAsync(context.Run.Id, cancellationToken))
        {
            if (batch.State != BatchState.Created || batch.NextPollAt > context.Now)
                continue;
            if (await PollOneAsync(batch, cancellationToken) is { } account)
                return account;
        }

        return null;
    }

    /// <summary>When the next batch is due; null when none is followed.</summary>
    public async Task<DateTimeOffset?> NextDueAsync(CancellationToken cancellationToken) =>
        (await context.Store.BatchesAsync(context.Run.Id, cancellationToken))
        .Where(batch => batch.State == BatchState.Created).Min(batch => batch.NextPollAt);

    /// <summary>Asks the remote to cancel every batch of the run that it is not canceling yet.</summary>
    public async Task CancelAllAsync(CancellationToken cancellationToken)
    {
        foreach (var batch in await context.Store.BatchesAsync(context.Run.Id, cancellationToken))
        {
            // A candidate without proof may be someone else's, and is never canceled.
            if (batch is { State: BatchState.Created, Proof: not Proof.Count, Remote.CancelInitiatedAt: null }
                && await context.Client.CancelAsync(batch.RemoteId!, cancellationToken) is RemoteReply<RemoteBatch>.Answered answered)
                await context.Store.ObserveBatchAsync(batch.Id, answered.Value, context.Now, cancellationToken);
        }
    }

    private async Task<ApiError?> PollOneAsync(Batch batch, CancellationToken cancellationToken)
    {
        switch (await context.Client.RetrieveAsync(batch.RemoteId!, cancellationToken))
        {
            case RemoteReply<RemoteBatch>.Answered answered:
                failures.Remove(batch.Id);
                var wait = PollSchedule.AfterAnswer(answered.RetryAfter, context.Options.PollInterval);
                await context.Store.ObserveBatchAsync(batch.Id, answered.Value, context.Now + wait, cancellationToken);
                if (answered.Value.Status == RemoteStatus.Ended)
                    context.Tell(RunEventKind.BatchEnded, $"{answered.Value.Id} ended at the remote", batch.Name);
                return null;
            case RemoteReply<RemoteBatch>.NotFound missing:
                await DeferAsync(batch, null, missing.Error.ToString(), cancellationToken);
                return null;
            case RemoteReply<RemoteBatch>.Refused { Error.Cause: ErrorCause.Account } refused:
                await DeferAsync(batch, null, refused.Error.ToString(), cancellationToken);
                return refused.Error;
            case RemoteReply<RemoteBatch>.Refused refused:
                await DeferAsync(batch, refused.RetryAfter, refused.Error.ToString(), cancellationToken);
                return null;
            case RemoteReply<RemoteBatch>.Unreachable unreachable:
                await DeferAsync(batch, null, unreachable.Why, cancellationToken);
                return null;
            default:
                throw new System.Diagnostics.UnreachableException();
        }
    }

    private async Task DeferAsync(Batch batch, TimeSpan? hint, string why, CancellationToken cancellationToken)
    {
        var count = failures[batch.Id] = failures.GetValueOrDefault(batch.Id) + 1;
        var wait = PollSchedule.AfterFailure(count, hint, context.Options.PollInterval);
        await context.Store.DeferBatchAsync(batch.Id, context.Now + wait, cancellationToken);
        context.Tell(RunEventKind.Trouble, $"{why}; asking again in {wait.TotalSeconds:0.#} s", batch.Name);
    }
}
