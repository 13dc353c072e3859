using System.Runtime.CompilerServices;
using Muster.Batches;
using Muster.Results;
using Muster.Runs;
using Muster.Sources;
using Muster.Staging;
using Muster.Stores;

namespace Muster.Simulation.Stores;

/// <summary>
/// A store as a process sees it: each verb gives way before its commit and before its acknowledgement, so that a process may die or
/// stand still on either side of it.
/// </summary>
/// <param name="committed">Called after each commit, with the verb's name and what it answered.</param>
internal sealed class SteppedStore(IStore inner, Action<string, object?> committed) : StoreDecorator(inner)
{
    public override Task<Run> RunAsync(long runId, CancellationToken cancellationToken = default) => ReadAsync(() => Inner.RunAsync(runId, cancellationToken));

    public override Task<bool> RecordDuplicateAsync(long batchId, string remoteId, DateTimeOffset at, CancellationToken cancellationToken = default) =>
        CommitAsync("RecordDuplicate", () => Inner.RecordDuplicateAsync(batchId, remoteId, at, cancellationToken));

    public override Task BookDuplicateAsync(string remoteId, DuplicateBill bill, CancellationToken cancellationToken = default) =>
        CommitAsync("BookDuplicate", () => Inner.BookDuplicateAsync(remoteId, bill, cancellationToken));

    public override Task<IReadOnlyList<Run>> RunsAsync(CancellationToken cancellationToken = default) => ReadAsync(() => Inner.RunsAsync(cancellationToken));

    public override Task<bool> MoveRunAsync(long runId, RunState state, string? why, DateTimeOffset at, CancellationToken cancellationToken = default) =>
        CommitAsync("MoveRun", () => Inner.MoveRunAsync(runId, state, why, at, cancellationToken));

    public override Task<IReadOnlyList<PendingCount>> PendingAsync(long runId, LaneRows of, CancellationToken cancellationToken = default) => ReadAsync(() => Inner.PendingAsync(runId, of, cancellationToken));

    public override IAsyncEnumerable<AskRow> ReadPendingAsync(long runId, int tier, LaneRows of, int limit, CancellationToken cancellationToken = default) =>
        StepAsync(Inner.ReadPendingAsync(runId, tier, of, limit, cancellationToken), cancellationToken);

    public override Task SetAsideAsync(long runId, IReadOnlyList<SetAside> rows, CancellationToken cancellationToken = default) =>
        CommitAsync("SetAside", () => Inner.SetAsideAsync(runId, rows, cancellationToken));

    public override Task<IntendOutcome> IntendBatchAsync(BatchIntent intent, CancellationToken cancellationToken = default) =>
        CommitAsync("IntendBatch", () => Inner.IntendBatchAsync(intent, cancellationToken));

    public override IAsyncEnumerable<AskRow> ReadBatchAsync(long batchId, CancellationToken cancellationToken = default) =>
        StepAsync(Inner.ReadBatchAsync(batchId, cancellationToken), cancellationToken);

    public override Task<bool> OpenGateAsync(long batchId, string nonce, DateTimeOffset at, CancellationToken cancellationToken = default) =>
        CommitAsync("OpenGate", () => Inner.OpenGateAsync(batchId, nonce, at, cancellationToken));

    public override Task<bool> WithdrawBatchAsync(long batchId, string nonce, string why, CancellationToken cancellationToken = default) =>
        CommitAsync("WithdrawBatch", () => Inner.WithdrawBatchAsync(batchId, nonce, why, cancellationToken));

    public override Task DoubtBatchAsync(long batchId, string nonce, string why, CancellationToken cancellationToken = default) =>
        CommitAsync("DoubtBatch", () => Inner.DoubtBatchAsync(batchId, nonce, why, cancellationToken));

    public override Task<ConfirmOutcome> ConfirmBatchAsync(long batchId, string nonce, RemoteBatch remote, Proof proof, CancellationToken cancellationToken = default) =>
        CommitAsync("ConfirmBatch", () => Inner.ConfirmBatchAsync(batchId, nonce, remote, proof, cancellationToken));

    public override Task ReleaseBatchAsync(long batchId, string remoteId, CancellationToken cancellationToken = default) =>
        CommitAsync("ReleaseBatch", () => Inner.ReleaseBatchAsync(batchId, remoteId, cancellationToken));

    public override Task ProveBatchAsync(long batchId, CancellationToken cancellationToken = default) =>
        CommitAsync("ProveBatch", () => Inner.ProveBatchAsync(batchId, cancellationToken));

    public override Task ObserveBatchAsync(long batchId, RemoteBatch remote, DateTimeOffset nextPollAt, CancellationToken cancellationToken = default) =>
        CommitAsync("ObserveBatch", () => Inner.ObserveBatchAsync(batchId, remote, nextPollAt, cancellationToken));

    public override Task DeferBatchAsync(long batchId, DateTimeOffset nextPollAt, CancellationToken cancellationToken = default) =>
        CommitAsync("DeferBatch", () => Inner.DeferBatchAsync(batchId, nextPollAt, cancellationToken));

    public override Task<IReadOnlyList<Batch>> BatchesAsync(long runId, CancellationToken cancellationToken = default) => ReadAsync(() => Inner.BatchesAsync(runId, cancellationToken));

    public override Task<IReadOnlyList<Batch>> OpenBatchesAsync(CancellationToken cancellationToken = default) => ReadAsync(() => Inner.OpenBatchesAsync(cancellationToken));

    public override Task<RemoteClaims> ClaimsAsync(long batchId, CancellationToken cancellationToken = default) => ReadAsync(() => Inner.ClaimsAsync(batchId, cancellationToken));

    public override IAsyncEnumerable<RequestRow> ReadRequestsAsync(long batchId, CancellationToken cancellationToken = default) =>
        StepAsync(Inner.ReadRequestsAsync(batchId, cancellationToken), cancellationToken);

    public override Task RecordArchiveAsync(long batchId, Archive archive, CancellationToken cancellationToken = default) =>
        CommitAsync("RecordArchive", () => Inner.RecordArchiveAsync(batchId, archive, cancellationToken));

    public override Task<int> RecordResultsAsync(long batchId, IReadOnlyList<ResultRecord> results, CancellationToken cancellationToken = default) =>
        CommitAsync("RecordResults", () => Inner.RecordResultsAsync(batchId, results, cancellationToken));

    public override Task<bool> LoseBatchAsync(long batchId, string reason, CancellationToken cancellationToken = default) =>
        CommitAsync("LoseBatch", () => Inner.LoseBatchAsync(batchId, reason, cancellationToken));

    public override Task<bool> SettleBatchAsync(long batchId, DateTimeOffset at, CancellationToken cancellationToken = default) =>
        CommitAsync("SettleBatch", () => Inner.SettleBatchAsync(batchId, at, cancellationToken));

    public override Task<Ledger> LedgerAsync(long runId, CancellationToken cancellationToken = default) => ReadAsync(() => Inner.LedgerAsync(runId, cancellationToken));

    public override IAsyncEnumerable<StagedRow> StagedAsync(long runId, CancellationToken cancellationToken = default) =>
        StepAsync(Inner.StagedAsync(runId, cancellationToken), cancellationToken);

    private static async Task<T> ReadAsync<T>(Func<Task<T>> read)
    {
        await Task.Yield();
        return await read();
    }

    private async Task<T> CommitAsync<T>(string verb, Func<Task<T>> commit)
    {
        await Task.Yield();
        var answer = await commit();
        committed(verb, answer);
        await Task.Yield();
        return answer;
    }

    private async Task CommitAsync(string verb, Func<Task> commit)
    {
        await Task.Yield();
        await commit();
        committed(verb, null);
        await Task.Yield();
    }

    private static async IAsyncEnumerable<T> StepAsync<T>(IAsyncEnumerable<T> rows, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await Task.Yield();
        await foreach (var row in rows.WithCancellation(cancellationToken))
            yield return row;
        await Task.Yield();
    }
}
