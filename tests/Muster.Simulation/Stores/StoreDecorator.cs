using Muster.Batches;
using Muster.Evals;
using Muster.Pilots;
using Muster.Promotion;
using Muster.Results;
using Muster.Runs;
using Muster.Sources;
using Muster.Staging;
using Muster.Stores;

namespace Muster.Simulation.Stores;

/// <summary>Passes every verb on; what derives from it changes some.</summary>
internal abstract class StoreDecorator(IStore inner) : IStore
{
    protected IStore Inner => inner;

    public virtual Task<Run> OpenRunAsync(RunOpening opening, CancellationToken cancellationToken = default) => inner.OpenRunAsync(opening, cancellationToken);

    public virtual Task<Run> RunAsync(long runId, CancellationToken cancellationToken = default) => inner.RunAsync(runId, cancellationToken);

    public virtual Task<IReadOnlyList<Run>> RunsAsync(CancellationToken cancellationToken = default) => inner.RunsAsync(cancellationToken);

    public virtual Task<bool> MoveRunAsync(long runId, RunState state, string? why, DateTimeOffset at, CancellationToken cancellationToken = default) =>
        inner.MoveRunAsync(runId, state, why, at, cancellationToken);

    public virtual Task<Recorded> RecordRowsAsync(long runId, long after, IReadOnlyList<SourceRow> rows, RepeatedKey repeated, CancellationToken cancellationToken = default) =>
        inner.RecordRowsAsync(runId, after, rows, repeated, cancellationToken);

    public virtual Task<RunPick?> PickAsync(long runId, CancellationToken cancellationToken = default) => inner.PickAsync(runId, cancellationToken);

    public virtual IAsyncEnumerable<PickedResult> ReadPickedAsync(long runId, CancellationToken cancellationToken = default) => inner.ReadPickedAsync(runId, cancellationToken);

    public virtual Task LockPilotAsync(PilotLock pilot, CancellationToken cancellationToken = default) => inner.LockPilotAsync(pilot, cancellationToken);

    public virtual Task<PilotLock?> PilotLockAsync(string job, string version, CancellationToken cancellationToken = default) =>
        inner.PilotLockAsync(job, version, cancellationToken);

    public virtual Task<IReadOnlyList<PendingCount>> PendingAsync(long runId, LaneRows of, CancellationToken cancellationToken = default) => inner.PendingAsync(runId, of, cancellationToken);

    public virtual IAsyncEnumerable<AskRow> ReadPendingAsync(long runId, int tier, LaneRows of, int limit, CancellationToken cancellationToken = default) =>
        inner.ReadPendingAsync(runId, tier, of, limit, cancellationToken);

    public virtual Task SetAsideAsync(long runId, IReadOnlyList<SetAside> rows, CancellationToken cancellationToken = default) => inner.SetAsideAsync(runId, rows, cancellationToken);

    public virtual Task<IntendOutcome> IntendBatchAsync(BatchIntent intent, CancellationToken cancellationToken = default) => inner.IntendBatchAsync(intent, cancellationToken);

    public virtual IAsyncEnumerable<AskRow> ReadBatchAsync(long batchId, CancellationToken cancellationToken = default) => inner.ReadBatchAsync(batchId, cancellationToken);

    public virtual Task<bool> OpenGateAsync(long batchId, string nonce, DateTimeOffset at, CancellationToken cancellationToken = default) =>
        inner.OpenGateAsync(batchId, nonce, at, cancellationToken);

    public virtual Task<bool> WithdrawBatchAsync(long batchId, string nonce, string why, CancellationToken cancellationToken = default) =>
        inner.WithdrawBatchAsync(batchId, nonce, why, cancellationToken);

    public virtual Task DoubtBatchAsync(long batchId, string nonce, string why, CancellationToken cancellationToken = default) =>
        inner.DoubtBatchAsync(batchId, nonce, why, cancellationToken);

    public virtual Task<ConfirmOutcome> ConfirmBatchAsync(long batchId, string nonce, RemoteBatch remote, Proof proof, CancellationToken cancellationToken = default) =>
        inner.ConfirmBatchAsync(batchId, nonce, remote, proof, cancellationToken);

    public virtual Task ReleaseBatchAsync(long batchId, string remoteId, CancellationToken cancellationToken = default) => inner.ReleaseBatchAsync(batchId, remoteId, cancellationToken);

    public virtual Task ProveBatchAsync(long batchId, CancellationToken cancellationToken = default) => inner.ProveBatchAsync(batchId, cancellationToken);

    public virtual Task ObserveBatchAsync(long batchId, RemoteBatch remote, DateTimeOffset nextPollAt, CancellationToken cancellationToken = default) =>
        inner.ObserveBatchAsync(batchId, remote, nextPollAt, cancellationToken);

    public virtual Task DeferBatchAsync(long batchId, DateTimeOffset nextPollAt, CancellationToken cancellationToken = default) =>
        inner.DeferBatchAsync(batchId, nextPollAt, cancellationToken);

    public virtual Task<IReadOnlyList<Batch>> BatchesAsync(long runId, CancellationToken cancellationToken = default) => inner.BatchesAsync(runId, cancellationToken);

    public virtual Task<IReadOnlyList<Batch>> OpenBatchesAsync(CancellationToken cancellationToken = default) => inner.OpenBatchesAsync(cancellationToken);

    public virtual Task<IReadOnlySet<string>> KnownRemoteIdsAsync(CancellationToken cancellationToken = default) => inner.KnownRemoteIdsAsync(cancellationToken);

    public virtual Task<bool> RecordDuplicateAsync(long batchId, string remoteId, DateTimeOffset at, CancellationToken cancellationToken = default) =>
        inner.RecordDuplicateAsync(batchId, remoteId, at, cancellationToken);

    public virtual Task BookDuplicateAsync(string remoteId, DuplicateBill bill, CancellationToken cancellationToken = default) =>
        inner.BookDuplicateAsync(remoteId, bill, cancellationToken);

    public virtual Task<IReadOnlyList<Duplicate>> DuplicatesAsync(long runId, CancellationToken cancellationToken = default) => inner.DuplicatesAsync(runId, cancellationToken);

    public virtual Task<int> FailedBatchesAsync(long runId, CancellationToken cancellationToken = default) => inner.FailedBatchesAsync(runId, cancellationToken);

    public virtual Task<RemoteClaims> ClaimsAsync(long batchId, CancellationToken cancellationToken = default) => inner.ClaimsAsync(batchId, cancellationToken);

    public virtual IAsyncEnumerable<RequestRow> ReadRequestsAsync(long batchId, CancellationToken cancellationToken = default) => inner.ReadRequestsAsync(batchId, cancellationToken);

    public virtual Task RecordArchiveAsync(long batchId, Archive archive, CancellationToken cancellationToken = default) => inner.RecordArchiveAsync(batchId, archive, cancellationToken);

    public virtual Task<int> RecordResultsAsync(long batchId, IReadOnlyList<ResultRecord> results, CancellationToken cancellationToken = default) =>
        inner.RecordResultsAsync(batchId, results, cancellationToken);

    public virtual Task<bool> LoseBatchAsync(long batchId, string reason, CancellationToken cancellationToken = default) => inner.LoseBatchAsync(batchId, reason, cancellationToken);

    public virtual Task<bool> SettleBatchAsync(long batchId, DateTimeOffset at, CancellationToken cancellationToken = default) => inner.SettleBatchAsync(batchId, at, cancellationToken);

    public virtual Task<DateTimeOffset?> DecidedAtAsync(long runId, CancellationToken cancellationToken = default) => inner.DecidedAtAsync(runId, cancellationToken);

    public virtual Task<Ledger> LedgerAsync(long runId, CancellationToken cancellationToken = default) => inner.LedgerAsync(runId, cancellationToken);

    public virtual Task<LaneUse> LaneUseAsync(long runId, CancellationToken cancellationToken = default) => inner.LaneUseAsync(runId, cancellationToken);

    public virtual Task<IReadOnlyList<Usage>> UsageAsync(long runId, CancellationToken cancellationToken = default) => inner.UsageAsync(runId, cancellationToken);

    public virtual Task<IReadOnlyList<ReasonCount>> ReasonsAsync(long runId, CancellationToken cancellationToken = default) => inner.ReasonsAsync(runId, cancellationToken);

    public virtual Task<IReadOnlyDictionary<long, CoveredLines>> CoveredLinesAsync(long runId, CancellationToken cancellationToken = default) => inner.CoveredLinesAsync(runId, cancellationToken);

    public virtual Task<Ladder> LadderAsync(long runId, CancellationToken cancellationToken = default) => inner.LadderAsync(runId, cancellationToken);

    public virtual Task<IReadOnlyList<ValuePair>> ValuesAsync(long runId, ValueQuery query, CancellationToken cancellationToken = default) =>
        inner.ValuesAsync(runId, query, cancellationToken);

    public virtual IAsyncEnumerable<StagedRow> StagedAsync(long runId, CancellationToken cancellationToken = default) => inner.StagedAsync(runId, cancellationToken);

    public virtual IAsyncEnumerable<EvidenceRow> EvidenceAsync(long runId, CancellationToken cancellationToken = default) => inner.EvidenceAsync(runId, cancellationToken);

    public virtual Task<IReadOnlyList<string>> AuditAsync(long runId, CancellationToken cancellationToken = default) => inner.AuditAsync(runId, cancellationToken);

    public virtual Task<StoredEvalSet?> EvalSetAsync(long runId, CancellationToken cancellationToken = default) => inner.EvalSetAsync(runId, cancellationToken);

    public virtual Task<Ledger?> GoldLedgerAsync(long runId, CancellationToken cancellationToken = default) => inner.GoldLedgerAsync(runId, cancellationToken);

    public virtual Task<long> NextRowIdAsync(CancellationToken cancellationToken = default) => inner.NextRowIdAsync(cancellationToken);

    public virtual Task<RowAnswer?> AnswerAsync(long runId, string key, CancellationToken cancellationToken = default) => inner.AnswerAsync(runId, key, cancellationToken);

    public virtual IAsyncEnumerable<RowAnswer> AnswersAsync(long runId, CancellationToken cancellationToken = default) => inner.AnswersAsync(runId, cancellationToken);

    public virtual Task<StoredGrade> RecordGradeAsync(StoredGrade grade, CancellationToken cancellationToken = default) => inner.RecordGradeAsync(grade, cancellationToken);

    public virtual Task<IReadOnlyList<StoredGrade>> GradesAsync(string job, CancellationToken cancellationToken = default) => inner.GradesAsync(job, cancellationToken);

    public virtual Task LockBaselineAsync(StoredGrade grade, string who, DateTimeOffset at, CancellationToken cancellationToken = default) =>
        inner.LockBaselineAsync(grade, who, at, cancellationToken);

    public virtual Task<EvalBaseline?> BaselineAsync(string job, string setName, CancellationToken cancellationToken = default) =>
        inner.BaselineAsync(job, setName, cancellationToken);

    public virtual Task RecordOverrideAsync(PromotionOverride overruled, CancellationToken cancellationToken = default) => inner.RecordOverrideAsync(overruled, cancellationToken);

    public virtual Task<IReadOnlyList<PromotionOverride>> OverridesAsync(long runId, CancellationToken cancellationToken = default) => inner.OverridesAsync(runId, cancellationToken);

    public virtual ValueTask DisposeAsync() => inner.DisposeAsync();
}
