using Muster.Batches;
using Muster.Results;
using Muster.Runs;

namespace Muster.Simulation.Stores;

internal sealed partial class MemoryStore
{
    public Task<IntendOutcome> IntendBatchAsync(BatchIntent intent, CancellationToken cancellationToken = default)
    {
        var unfinished = state.Batches.Where(batch => batch.Value.State is BatchState.Sealed or BatchState.Sending or BatchState.Unknown or BatchState.Created
            && batch.Value.Lane == Lane.Batch).Sum(batch => batch.Value.Requests);
        if (intent.Rows.Lane == Lane.Batch && unfinished > 0 && unfinished + intent.Requests > intent.QueueCap)
            return Task.FromResult<IntendOutcome>(new IntendOutcome.QueueFull(unfinished));
        var spent = state.Usage.Where(entry => entry.Key.Run == intent.RunId).Sum(entry => entry.Value[7])
            + state.Duplicates.Where(duplicate => Of(duplicate.BatchId).RunId == intent.RunId).Sum(duplicate => duplicate.Bill?.CostPicoUsd ?? 0);
        var reserved = state.Batches.Where(batch => batch.Value.RunId == intent.RunId).Sum(Reserved);
        if (intent.CapPicoUsd is { } cap && spent + reserved + intent.ReservedPicoUsd > cap)
            return Task.FromResult<IntendOutcome>(new IntendOutcome.OverCap(spent, reserved));
        if (intent.Rows.Lane == Lane.Synchronous && LaneSpending(intent.RunId) is var lane && lane.Spent + lane.Reserved + intent.ReservedPicoUsd > intent.LaneCapPicoUsd)
            return Task.FromResult<IntendOutcome>(new IntendOutcome.OverLaneCap(lane.Spent, lane.Reserved));
        var rows = Pending(intent.RunId, intent.Tier).Where(row => row.Id <= intent.LastRowId && intent.Rows.Has(row.Spent)).ToList();
        if (rows.Count != intent.Requests)
            return Task.FromResult<IntendOutcome>(new IntendOutcome.RowsMoved(rows.Count));

        var id = state.Batches.Count + 1L;
        var parts = intent.HashedIds.ToDictionary(part => part.RowId, part => part.IdPart);
        foreach (var row in rows)
        {
            row.Attempt++;
            row.BatchId = id;
            Move(row, RowState.InFlight);
            state.Requests.Add(new MemoryRequest(++state.LastRequestId, id, row.Id, row.Attempt) { IdPart = parts.GetValueOrDefault(row.Id) });
        }

        var batch = new Batch
        {
            Id = id, Name = $"b-{id}", RunId = intent.RunId, Tier = intent.Tier, Lane = intent.Rows.Lane, State = BatchState.Sealed, Nonce = intent.Nonce, Requests = intent.Requests,
            FirstRowId = rows[0].Id, LastRowId = intent.LastRowId, BodyBytes = intent.BodyBytes, BodySha256 = intent.BodySha256,
            ApiVersion = intent.ApiVersion, ListedUntil = intent.ListedUntil, SealedAt = intent.At,
        };
        state.Batches.Add(new MemoryBatch(batch, intent.ReservedPicoUsd));
        return Task.FromResult<IntendOutcome>(new IntendOutcome.Sealed(batch));
    }

    private (long Spent, long Reserved) LaneSpending(long runId)
    {
        var lane = state.Batches.Where(batch => batch.Value.RunId == runId && batch.Value.Lane == Lane.Synchronous).ToList();
        return (lane.Sum(batch => state.RequestsOf(batch.Value.Id).Sum(request => request.Result?.Billing?.CostPicoUsd ?? 0)),
            lane.Sum(Reserved));
    }

    private long Reserved(MemoryBatch batch) => batch.Value switch
    {
        { State: BatchState.Withdrawn } => 0,
        { State: not BatchState.Settled } => batch.ReservedPicoUsd,
        { Lane: Lane.Synchronous } wave => batch.ReservedPicoUsd / wave.Requests
            * state.RequestsOf(wave.Id).Count(request => state.Row(request.RowId) is { State: RowState.Errored } row && row.BatchId == wave.Id && Checks.LaneCheckers.IsLost(row.Reason)),
        _ => 0,
    };

    public async IAsyncEnumerable<AskRow> ReadBatchAsync(
        long batchId, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        foreach (var request in state.RequestsOf(batchId).ToList())
            yield return Ask(state.Row(request.RowId), request.Attempt, request.IdPart);
    }

    public Task<bool> OpenGateAsync(long batchId, string nonce, DateTimeOffset at, CancellationToken cancellationToken = default)
    {
        if (Of(batchId) is not { State: BatchState.Sealed } batch || batch.Nonce != nonce)
            return Task.FromResult(false);
        Set(batch with { State = BatchState.Sending, GateAt = at });
        return Task.FromResult(true);
    }

    public Task<bool> WithdrawBatchAsync(long batchId, string nonce, string why, CancellationToken cancellationToken = default)
    {
        if (Of(batchId) is not { State: BatchState.Sealed or BatchState.Sending or BatchState.Unknown, RemoteId: null } batch || batch.Nonce != nonce)
            return Task.FromResult(false);
        Set(batch with { State = BatchState.Withdrawn, Why = why });
        foreach (var request in state.RequestsOf(batchId).ToList())
        {
            var row = state.Row(request.RowId);
            row.Attempt--;
            row.BatchId = null;
            Move(row, RowState.Pending);
            state.Requests.Remove(request);
        }

        return Task.FromResult(true);
    }

    public Task DoubtBatchAsync(long batchId, string nonce, string why, CancellationToken cancellationToken = default)
    {
        if (Of(batchId) is { State: BatchState.Sending } batch && batch.Nonce == nonce)
            Set(batch with { State = BatchState.Unknown, Why = why });
        return Task.CompletedTask;
    }

    public Task<ConfirmOutcome> ConfirmBatchAsync(
        long batchId, string nonce, RemoteBatch remote, Proof proof, CancellationToken cancellationToken = default)
    {
        var batch = Of(batchId);
        var holder = state.Batches.Find(other => other.Value.RemoteId == remote.Id && other.Value.Id != batchId)?.Value;
        var yields = holder is { Proof: Proof.Count } && proof != Proof.Count;
        var same = batch.RemoteId == remote.Id;
        var taken = batch.Nonce != nonce || BatchStates.IsOver(batch.State)
            || !(batch.RemoteId is null || same || (batch is { Proof: Proof.Count, State: BatchState.Created or BatchState.Ended } && proof != Proof.Count))
            || (holder is not null && !yields);
        if (taken)
            return Task.FromResult<ConfirmOutcome>(new ConfirmOutcome.Duplicate(batch.RemoteId));
        if (yields)
            Release(holder!.Id, remote.Id);
        var confirmed = batch with
        {
            RemoteId = remote.Id, Why = null, Proof = same && batch.Proof != Proof.Count ? batch.Proof : proof,
            State = same ? batch.State : BatchState.Created,
        };
        // As a store that binds one remote id to a batch: what was observed of a candidate goes with it.
        Set(confirmed);
        Observe(confirmed, remote, null);
        return Task.FromResult<ConfirmOutcome>(new ConfirmOutcome.Confirmed());
    }

    public Task ReleaseBatchAsync(long batchId, string remoteId, CancellationToken cancellationToken = default)
    {
        Release(batchId, remoteId);
        return Task.CompletedTask;
    }

    public Task ProveBatchAsync(long batchId, CancellationToken cancellationToken = default)
    {
        if (Of(batchId) is { Proof: Proof.Count } batch)
            Set(batch with { Proof = Proof.Tag });
        return Task.CompletedTask;
    }

    public Task ObserveBatchAsync(long batchId, RemoteBatch remote, DateTimeOffset nextPollAt, CancellationToken cancellationToken = default)
    {
        Observe(Of(batchId), remote, nextPollAt);
        return Task.CompletedTask;
    }

    public Task DeferBatchAsync(long batchId, DateTimeOffset nextPollAt, CancellationToken cancellationToken = default)
    {
        Set(Of(batchId) with { NextPollAt = nextPollAt });
        return Task.CompletedTask;
    }

    public Task<IReadOnlyList<Batch>> BatchesAsync(long runId, CancellationToken cancellationToken = default) =>
        Task.FromResult<IReadOnlyList<Batch>>([.. state.Batches.Select(batch => batch.Value).Where(batch => batch.RunId == runId)]);

    public Task<IReadOnlyList<Batch>> OpenBatchesAsync(CancellationToken cancellationToken = default) =>
        Task.FromResult<IReadOnlyList<Batch>>(
            [.. state.Batches.Select(batch => batch.Value).Where(batch => !BatchStates.IsOver(batch.State))]);

    public Task<IReadOnlySet<string>> KnownRemoteIdsAsync(CancellationToken cancellationToken = default) =>
        Task.FromResult<IReadOnlySet<string>>(state.Batches.Select(batch => batch.Value.RemoteId).OfType<string>()
            .Concat(state.Foreign.Select(foreign => foreign.Remote)).Concat(state.Duplicates.Select(duplicate => duplicate.RemoteId)).ToHashSet(StringComparer.Ordinal));

    public Task<RemoteClaims> ClaimsAsync(long batchId, CancellationToken cancellationToken = default)
    {
        var excluded = state.Foreign.Where(foreign => foreign.Batch == batchId).Select(foreign => foreign.Remote)
            .Concat(state.Duplicates.Select(duplicate => duplicate.RemoteId)).ToHashSet(StringComparer.Ordinal);
        var contested = new HashSet<string>(StringComparer.Ordinal);
        foreach (var other in state.Batches.Select(batch => batch.Value).Where(batch => batch.RemoteId is not null && batch.Id != batchId))
            (other.Proof == Proof.Count ? contested : excluded).Add(other.RemoteId!);
        return Task.FromResult(new RemoteClaims(excluded, contested));
    }

    public async IAsyncEnumerable<RequestRow> ReadRequestsAsync(
        long batchId, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        foreach (var request in state.RequestsOf(batchId).ToList())
        {
            var row = state.Row(request.RowId);
            yield return new RequestRow(request.Id, row.Id, row.Key!, request.Attempt, request.IdPart, row.Tier, row.Spent, row.Tries, row.Variant);
        }
    }

    public Task RecordArchiveAsync(long batchId, Archive archive, CancellationToken cancellationToken = default)
    {
        if (Of(batchId) is { State: BatchState.Ended, Proof: not Proof.Count } or { State: BatchState.Sending, Lane: Lane.Synchronous } && Of(batchId) is var batch)
            Set(batch with { State = BatchState.Archived, Archive = archive });
        return Task.CompletedTask;
    }

    public Task<int> RecordResultsAsync(long batchId, IReadOnlyList<ResultRecord> results, CancellationToken cancellationToken = default)
    {
        if (Of(batchId) is not { State: BatchState.Archived } batch)
            return Task.FromResult(0);
        var requests = state.RequestsOf(batchId).ToDictionary(request => request.Id);
        var fresh = new List<ResultRecord>();
        foreach (var result in results.OrderBy(result => result.RequestId))
        {
            var request = requests.GetValueOrDefault(result.RequestId);
            if (request?.Result is not null && !ForgetsResults)
                continue;
            var row = request is null || request.RowId != result.RowId ? null : state.Row(result.RowId);
            if (row is null || row.BatchId != batchId || (row.State != RowState.InFlight && request!.Result is null))
                throw Refused($"Recording a result of row {result.RowId}, which is not in flight in {batch.Name}.");
            if (fresh.Exists(other => other.RequestId == result.RequestId))
                continue;
            fresh.Add(result);
        }

        var failed = 0;
        foreach (var result in fresh)
        {
            requests[result.RequestId].Result = result;
            Apply(state.Row(result.RowId), result);
            Book(batch, result);
            failed += result.FailsRow ? 1 : 0;
        }

        state.Runs[(int)batch.RunId - 1] = RunOf(batch.RunId) with { Failed = RunOf(batch.RunId).Failed + failed };
        return Task.FromResult(fresh.Count);
    }

    public Task<bool> SettleBatchAsync(long batchId, DateTimeOffset at, CancellationToken cancellationToken = default)
    {
        if (Of(batchId) is not { State: BatchState.Archived } batch || state.RequestsOf(batchId).Count(request => request.Result is not null) != batch.Requests)
            return Task.FromResult(false);
        Set(batch with { State = BatchState.Settled });
        return Task.FromResult(true);
    }

    public Task<bool> LoseBatchAsync(long batchId, string reason, CancellationToken cancellationToken = default)
    {
        if (Of(batchId) is not ({ State: BatchState.Created or BatchState.Ended } or { State: BatchState.Sending, Lane: Lane.Synchronous }))
            return Task.FromResult(false);
        var batch = Of(batchId);
        Set(batch with { State = BatchState.Lost, Why = reason, NextPollAt = null });
        var lost = state.Rows.Where(row => row.BatchId == batchId && row.State == RowState.InFlight).ToList();
        foreach (var row in lost)
        {
            Move(row, RowState.Errored);
            row.Reason = reason;
            if (state.Evidence.TryGetValue(row.Id, out var kept))
                state.Evidence[row.Id] = kept with { Message = LostRow.Message(batch.Lane) };
        }

        state.Runs[(int)batch.RunId - 1] = RunOf(batch.RunId) with { Failed = RunOf(batch.RunId).Failed + lost.Count };
        return Task.FromResult(true);
    }

    private Batch Of(long batchId) => state.Batch(batchId).Value;

    private void Set(Batch batch) => state.Batch(batch.Id).Value = batch;

    private void Apply(MemoryRow row, ResultRecord result)
    {
        var to = result.Move;
        Move(row, to.State);
        (row.Tier, row.Spent, row.Tries, row.Variant, row.Reason) = (to.Tier, to.Spent, to.Tries, to.Variant, to.Reason);
        if (to.State == RowState.Succeeded)
            state.Staging[row.Id] = new StagedOutput(row.Attempt, result.Output.ToArray());
        else if (result.Message is not null || !result.Output.IsEmpty)
            state.Evidence[row.Id] = new MemoryEvidence(row.Attempt, result.Message, result.Output.ToArray());
    }

    private void Book(Batch batch, ResultRecord result)
    {
        if (result.Billing is not { } bill)
            return;
        var key = (batch.RunId, batch.Tier, bill.Model);
        if (!state.Usage.TryGetValue(key, out var sums))
            state.Usage[key] = sums = new long[10];
        ReadOnlySpan<long> more =
        [
            1, bill.InputTokens, bill.OutputTokens, bill.CacheWrite5mTokens, bill.CacheWrite1hTokens, bill.CacheReadTokens, bill.ThinkingTokens,
            bill.CostPicoUsd ?? 0, bill.SyncPicoUsd ?? 0, bill.CostPicoUsd is null ? 1 : 0,
        ];
        for (var i = 0; i < sums.Length; i++)
            sums[i] += more[i];
    }

    private void Release(long batchId, string remoteId)
    {
        state.Foreign.Add((batchId, remoteId));
        if (Of(batchId) is { Proof: Proof.Count, State: BatchState.Created or BatchState.Ended } batch && batch.RemoteId == remoteId)
        {
            Set(batch with
            {
                State = BatchState.Unknown, RemoteId = null, Proof = null, Remote = null, NextPollAt = null, Why = $"{remoteId} was not this batch",
            });
        }
    }

    private void Observe(Batch batch, RemoteBatch remote, DateTimeOffset? nextPollAt)
    {
        if (batch.RemoteId != remote.Id || (batch.State != BatchState.Created && batch.Remote is not null))
            return;
        Set(batch with
        {
            Remote = remote, NextPollAt = nextPollAt,
            State = batch.State == BatchState.Created && remote.Status == RemoteStatus.Ended ? BatchState.Ended : batch.State,
        });
    }
}
