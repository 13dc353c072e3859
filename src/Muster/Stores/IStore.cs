using Muster.Batches;
using Muster.Pilots;
using Muster.Results;
using Muster.Runs;
using Muster.Sources;
using Muster.Staging;

namespace Muster.Stores;

/// <summary>
/// The durable record of every run. Each verb is one transaction and safe to repeat; a verb that finds the state already moved
/// on answers so and changes nothing. A store that was opened for reading refuses the verbs that write.
/// </summary>
internal partial interface IStore : IAsyncDisposable
{
    // Runs
    Task<Run> OpenRunAsync(RunOpening opening, CancellationToken cancellationToken = default);
    Task<Run> RunAsync(long runId, CancellationToken cancellationToken = default);
    Task<IReadOnlyList<Run>> RunsAsync(CancellationToken cancellationToken = default);

    /// <summary>Moves the run to <paramref name="state"/> when <see cref="RunStates"/> allows it from where it is; false otherwise, and
    /// for done while rows are open.</summary>
    Task<bool> MoveRunAsync(long runId, RunState state, string? why, DateTimeOffset at, CancellationToken cancellationToken = default);

    // Pilots
    /// <summary>The rows that a run asks when it does not ask all; null for a full run.</summary>
    Task<RunPick?> PickAsync(long runId, CancellationToken cancellationToken = default);

    /// <summary>The picked rows as they stand, in source order.</summary>
    IAsyncEnumerable<PickedResult> ReadPickedAsync(long runId, CancellationToken cancellationToken = default);

    /// <summary>Locks a version of a job on its pilot; a later pilot of the version takes the place of an earlier one.</summary>
    Task LockPilotAsync(PilotLock pilot, CancellationToken cancellationToken = default);

    Task<PilotLock?> PilotLockAsync(string job, string version, CancellationToken cancellationToken = default);

    // Rows
    /// <summary>Appends source records; <paramref name="after"/> is the number of records recorded before, and must still be so.</summary>
    Task<Recorded> RecordRowsAsync(
        long runId, long after, IReadOnlyList<SourceRow> rows, RepeatedKey repeated, CancellationToken cancellationToken = default);

    Task<IReadOnlyList<PendingCount>> PendingAsync(long runId, LaneRows of, CancellationToken cancellationToken = default);

    /// <summary>Rows that wait to be asked, in row order, with their input.</summary>
    IAsyncEnumerable<AskRow> ReadPendingAsync(long runId, int tier, LaneRows of, int limit, CancellationToken cancellationToken = default);

    /// <summary>Sets rows aside that cannot be asked at all.</summary>
    Task SetAsideAsync(long runId, IReadOnlyList<SetAside> rows, CancellationToken cancellationToken = default);

    // Batches
    Task<IntendOutcome> IntendBatchAsync(BatchIntent intent, CancellationToken cancellationToken = default);

    /// <summary>The rows of a batch with their input, in the order of its requests.</summary>
    IAsyncEnumerable<AskRow> ReadBatchAsync(long batchId, CancellationToken cancellationToken = default);

    /// <summary>sealed → sending; false when the nonce was replaced or the batch is not sealed.</summary>
    Task<bool> OpenGateAsync(long batchId, string nonce, DateTimeOffset at, CancellationToken cancellationToken = default);

    /// <summary>The create was certainly refused or never completed: its rows wait again with their attempt unspent.</summary>
    Task<bool> WithdrawBatchAsync(long batchId, string nonce, string why, CancellationToken cancellationToken = default);

    /// <summary>sending → unknown: the create may have made a batch.</summary>
    Task DoubtBatchAsync(long batchId, string nonce, string why, CancellationToken cancellationToken = default);

    Task<ConfirmOutcome> ConfirmBatchAsync(long batchId, string nonce, RemoteBatch remote, Proof proof, CancellationToken cancellationToken = default);

    /// <summary>The candidate taken by count is not ours: created or ended → unknown, and its id is remembered as foreign.</summary>
    Task ReleaseBatchAsync(long batchId, string remoteId, CancellationToken cancellationToken = default);

    Task ProveBatchAsync(long batchId, CancellationToken cancellationToken = default);
    Task ObserveBatchAsync(long batchId, RemoteBatch remote, DateTimeOffset nextPollAt, CancellationToken cancellationToken = default);
    Task DeferBatchAsync(long batchId, DateTimeOffset nextPollAt, CancellationToken cancellationToken = default);
    Task<IReadOnlyList<Batch>> BatchesAsync(long runId, CancellationToken cancellationToken = default);
    Task<IReadOnlyList<Batch>> OpenBatchesAsync(CancellationToken cancellationToken = default);
    Task<IReadOnlySet<string>> KnownRemoteIdsAsync(CancellationToken cancellationToken = default);

    /// <summary>Notes a second remote batch of the intent; false when it is noted already.</summary>
    Task<bool> RecordDuplicateAsync(long batchId, string remoteId, DateTimeOffset at, CancellationToken cancellationToken = default);

    /// <summary>Books what a duplicate cost, once.</summary>
    Task BookDuplicateAsync(string remoteId, DuplicateBill bill, CancellationToken cancellationToken = default);

    Task<IReadOnlyList<Duplicate>> DuplicatesAsync(long runId, CancellationToken cancellationToken = default);

    /// <summary>What is known of remote ids when a candidate for <paramref name="batchId"/> is looked for.</summary>
    Task<RemoteClaims> ClaimsAsync(long batchId, CancellationToken cancellationToken = default);

    // Results
    IAsyncEnumerable<RequestRow> ReadRequestsAsync(long batchId, CancellationToken cancellationToken = default);

    /// <summary>created or ended, or sending in the synchronous lane → lost, and its rows in flight → errored with the reason, in one transaction. False when it was in neither state.</summary>
    Task<bool> LoseBatchAsync(long batchId, string reason, CancellationToken cancellationToken = default);

    /// <summary>ended → archived, of a batch that is proven ours: what was taken by count alone may still be released. In the synchronous lane sending → archived.</summary>
    Task RecordArchiveAsync(long batchId, Archive archive, CancellationToken cancellationToken = default);

    /// <summary>Applies verdicts; a request that already has a result is passed over. Returns how many were new.</summary>
    Task<int> RecordResultsAsync(long batchId, IReadOnlyList<ResultRecord> results, CancellationToken cancellationToken = default);

    /// <summary>archived → settled when every request has its result; false otherwise.</summary>
    Task<bool> SettleBatchAsync(long batchId, DateTimeOffset at, CancellationToken cancellationToken = default);

    /// <summary>Settled batches of which the platform failed more than half of the requests (<see cref="ResultRecord.FailsBatch"/>).</summary>
    Task<int> FailedBatchesAsync(long runId, CancellationToken cancellationToken = default);

    // Review
    /// <summary>When people last changed what is staged of the run; null when they never did.</summary>
    Task<DateTimeOffset?> DecidedAtAsync(long runId, CancellationToken cancellationToken = default);

    // What the books say
    Task<Ledger> LedgerAsync(long runId, CancellationToken cancellationToken = default);

    /// <summary>What the synchronous lane did for the run.</summary>
    Task<LaneUse> LaneUseAsync(long runId, CancellationToken cancellationToken = default);
    Task<IReadOnlyList<Usage>> UsageAsync(long runId, CancellationToken cancellationToken = default);
    Task<IReadOnlyList<ReasonCount>> ReasonsAsync(long runId, CancellationToken cancellationToken = default);

    /// <summary>For each batch of the run, the source lines of its first and last row.</summary>
    Task<IReadOnlyDictionary<long, CoveredLines>> CoveredLinesAsync(long runId, CancellationToken cancellationToken = default);

    /// <summary>How the rows went up the tiers and what each tier used, counted from rows, requests and results.</summary>
    Task<Ladder> LadderAsync(long runId, CancellationToken cancellationToken = default);

    /// <summary>Accepted rows by the value of one property and, beside it, of a source column.</summary>
    Task<IReadOnlyList<ValuePair>> ValuesAsync(long runId, ValueQuery query, CancellationToken cancellationToken = default);

    IAsyncEnumerable<StagedRow> StagedAsync(long runId, CancellationToken cancellationToken = default);
    IAsyncEnumerable<EvidenceRow> EvidenceAsync(long runId, CancellationToken cancellationToken = default);

    /// <summary>Counts everything again from the rows, requests and results, and names each difference from the books.</summary>
    Task<IReadOnlyList<string>> AuditAsync(long runId, CancellationToken cancellationToken = default);
}
