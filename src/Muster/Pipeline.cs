using Muster.Batches;
using Muster.Results;
using Muster.Runs;
using Muster.Sources;

namespace Muster;

/// <summary>
/// The path of a run: sources → requests → batches → results → verdicts → staging. Promotion, the last step, is a person's own
/// command. Each stage is safe to repeat from the top, so starting and resuming are the same call.
/// </summary>
internal sealed class Pipeline(RunContext context, string archiveFolder)
{
    private readonly SourceRecorder recorder = new(context);
    private readonly Submitter submitter = new(context);
    private readonly SynchronousLane lane = new(context, archiveFolder);
    private readonly Adopter adopter = new(context);
    private readonly Poller poller = new(context);
    private readonly Auditor auditor = new(context);
    private readonly DuplicateBooker booker = new(context, archiveFolder);
    private readonly Collector collector = new(context, archiveFolder);

    /// <summary>Sources → rows in the store, whole, before anything is sent.</summary>
    public Task RecordAsync(CancellationToken cancellationToken) => recorder.RecordAsync(cancellationToken);

    /// <summary>What a process that died left between two steps.</summary>
    public Task RecoverAsync(CancellationToken cancellationToken) => adopter.RecoverAsync(cancellationToken);

    /// <summary>Rows → requests → batches.</summary>
    public Task<Submission> SubmitAsync(CancellationToken cancellationToken) => submitter.SubmitAsync(cancellationToken);

    /// <summary>Rows that batches never answered → replies of calls of their own.</summary>
    public Task<Submission> AskLateRowsAsync(bool isAlone, CancellationToken cancellationToken) => lane.AskAsync(isAlone, cancellationToken);

    /// <summary>Creates of unknown outcome → batches, or rows that wait again.</summary>
    public Task<Adoption> AdoptAsync(CancellationToken cancellationToken) => adopter.AdoptAsync(cancellationToken);

    /// <summary>Batches → ended batches.</summary>
    public Task<StopReason?> PollAsync(CancellationToken cancellationToken) => poller.PollAsync(cancellationToken);

    public Task<DateTimeOffset?> NextPollAsync(CancellationToken cancellationToken) => poller.NextDueAsync(cancellationToken);

    /// <summary>True when this process no longer waits for the batch: its results cannot be had.</summary>
    public bool HasGivenUp(Batch batch) => poller.HasGivenUp(batch) || collector.HasGivenUp(batch);

    /// <summary>Ends a canceled run's batches whose results are gone for good. False when none are.</summary>
    public async Task<bool> WriteOffAsync(CancellationToken cancellationToken)
    {
        var any = false;
        foreach (var batch in await context.Store.BatchesAsync(context.Run.Id, cancellationToken))
        {
            var why = poller.HasGivenUp(batch) ? Verdicts.Reasons.BatchGone : collector.WhyGone(batch);
            if (why is null || !await context.Store.LoseBatchAsync(batch.Id, why, cancellationToken))
                continue;
            context.Tell(RunEventKind.Trouble, $"{why}: {batch.RemoteId} is written off; its {Amount.Of(batch.Requests, "row")} are errored", batch.Name);
            any = true;
        }

        return any;
    }

    public Task CancelAsync(CancellationToken cancellationToken) => poller.CancelAllAsync(cancellationToken);

    /// <summary>Looks for batches of ours that the store does not know.</summary>
    public Task<Audit> AuditAsync(bool follow, CancellationToken cancellationToken) => auditor.AuditAsync(follow, cancellationToken);

    /// <summary>Duplicates → their cost.</summary>
    public Task<Booking> BookDuplicatesAsync(CancellationToken cancellationToken) => booker.BookAsync(cancellationToken);

    /// <summary>Results → verdicts → staging.</summary>
    public Task<Collection> CollectAsync(bool runIsCanceling, CancellationToken cancellationToken) =>
        collector.CollectAsync(runIsCanceling, cancellationToken);
}
