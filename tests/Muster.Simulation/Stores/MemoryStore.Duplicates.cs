using Muster.Batches;
using Muster.Results;
using Muster.Runs;
using Muster.Verdicts;

namespace Muster.Simulation.Stores;

internal sealed partial class MemoryStore
{
    public Task<bool> RecordDuplicateAsync(long batchId, string remoteId, DateTimeOffset at, CancellationToken cancellationToken = default)
    {
        if (state.Duplicates.Exists(duplicate => duplicate.RemoteId == remoteId))
            return Task.FromResult(false);
        state.Duplicates.Add(new Duplicate(remoteId, batchId, null));
        return Task.FromResult(true);
    }

    public Task BookDuplicateAsync(string remoteId, DuplicateBill bill, CancellationToken cancellationToken = default)
    {
        var place = state.Duplicates.FindIndex(duplicate => duplicate.RemoteId == remoteId && duplicate.Bill is null);
        if (place >= 0)
            state.Duplicates[place] = state.Duplicates[place] with { Bill = bill };
        return Task.CompletedTask;
    }

    public Task<IReadOnlyList<Duplicate>> DuplicatesAsync(long runId, CancellationToken cancellationToken = default) =>
        Task.FromResult<IReadOnlyList<Duplicate>>([.. state.Duplicates.Where(duplicate => Of(duplicate.BatchId).RunId == runId)]);

    public Task<int> FailedBatchesAsync(long runId, CancellationToken cancellationToken = default) =>
        Task.FromResult(state.Batches.Select(batch => batch.Value).Count(batch => batch.RunId == runId && batch is { State: BatchState.Settled, Lane: Lane.Batch }
            && 2 * state.RequestsOf(batch.Id).Count(request => request.Result?.FailsBatch == true) > batch.Requests));
}
