using Microsoft.Data.Sqlite;
using Muster.Batches;
using Muster.Runs;
using Muster.Verdicts;

namespace Muster.Stores.Sqlite;

internal sealed partial class SqliteStore
{
    public Task<IntendOutcome> IntendBatchAsync(BatchIntent intent, CancellationToken cancellationToken = default)
    {
        using var transaction = new Transaction(connection);
        var unfinished = (int)connection.Scalar<long>(
            "select coalesce(sum(requests), 0) from batch where state in ('sealed','sending','unknown','created') and lane = 'batch'", transaction);
        if (intent.Rows.Lane == Lane.Batch && unfinished > 0 && unfinished + intent.Requests > intent.QueueCap)
            return Task.FromResult<IntendOutcome>(new IntendOutcome.QueueFull(unfinished));

        var spent = connection.Scalar<long>("select coalesce(sum(cost_pico), 0) from (select cost_pico from usage where run_id = $1 union all"
            + " select d.cost_pico from duplicate d join batch b on b.batch_id = d.batch_id where b.run_id = $1)", transaction, intent.RunId);
        var reserved = Reserved(transaction, intent.RunId, "");
        if (intent.CapPicoUsd is { } cap && spent + reserved + intent.ReservedPicoUsd > cap)
            return Task.FromResult<IntendOutcome>(new IntendOutcome.OverCap(spent, reserved));
        if (intent.Rows.Lane == Lane.Synchronous && LaneSpending(transaction, intent.RunId) is var lane
            && lane.Spent + lane.Reserved + intent.ReservedPicoUsd > intent.LaneCapPicoUsd)
            return Task.FromResult<IntendOutcome>(new IntendOutcome.OverLaneCap(lane.Spent, lane.Reserved));

        var id = connection.Scalar<long>("select coalesce(max(batch_id), 0) + 1 from batch", transaction);
        const string chosen = "run_id = $2 and tier = $3 and state = 0 and row_id <= $4 and spent >= $5 and spent < $6";
        var found = connection.Execute(
            $"insert into request (batch_id, row_id, attempt) select $1, row_id, attempt + 1 from row where {chosen} order by row_id",
            transaction, id, intent.RunId, intent.Tier, intent.LastRowId, intent.Rows.Least, intent.Rows.Below);
        var rows = intent.Requests - intent.Gold.Count;
        if (found != rows)
            return Task.FromResult<IntendOutcome>(new IntendOutcome.RowsMoved(found));

        Expect(connection.Execute($"update row set state = 1, attempt = attempt + 1, batch_id = $1 where {chosen}",
            transaction, id, intent.RunId, intent.Tier, intent.LastRowId, intent.Rows.Least, intent.Rows.Below), rows, "Sealing a batch");
        IntendGold(transaction, id, intent);
        using (var hashed = new Statement(connection, "update request set id_part = ?1 where batch_id = ?2 and row_id = ?3"))
        {
            foreach (var part in intent.HashedIds)
                Expect(hashed.With(part.IdPart).With(id).With(part.RowId).Run(), 1, "Storing a hashed id");
        }

        var first = connection.Scalar<long>("select min(row_id) from request where batch_id = $1", transaction, id);
        connection.Execute(
            "insert into batch (batch_id, name, run_id, tier, state, nonce, requests, first_row_id, last_row_id, body_bytes, body_sha256,"
            + " api_version, reserved_pico, listed_until, sealed_at, lane)"
            + " values ($1, $2, $3, $4, 'sealed', $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)",
            transaction, id, $"b-{id}", intent.RunId, intent.Tier, intent.Nonce, intent.Requests, first, Math.Max(first, intent.LastRowId),
            intent.BodyBytes, intent.BodySha256, intent.ApiVersion, intent.ReservedPicoUsd, Sql.Text(intent.ListedUntil),
            Sql.Text(intent.At), Sql.Snake(intent.Rows.Lane));
        MoveInFlight(transaction, intent.RunId, rows);

        // Before the commit: a line without a batch is harmless, a batch without a line is not.
        intents.Append(connection.Scalar<string>("select tag from run where run_id = $1", transaction, intent.RunId), $"b-{id}", intent);
        transaction.Commit();
        intents.AppendSealed($"b-{id}", intent.Nonce);
        return Task.FromResult<IntendOutcome>(new IntendOutcome.Sealed(ReadBatches("where batch_id = $1", id).Single()));
    }

    public Task<bool> OpenGateAsync(long batchId, string nonce, DateTimeOffset at, CancellationToken cancellationToken = default) =>
        Task.FromResult(1 == connection.Execute(
            "update batch set state = 'sending', gate_at = $1 where batch_id = $2 and nonce = $3 and state = 'sealed'",
            null, Sql.Text(at), batchId, nonce));

    public Task<bool> WithdrawBatchAsync(long batchId, string nonce, string why, CancellationToken cancellationToken = default)
    {
        using var transaction = new Transaction(connection);
        var changed = connection.Execute(
            "update batch set state = 'withdrawn', why = $1 where batch_id = $2 and nonce = $3 and state in ('sealed','sending','unknown')"
            + " and remote_id is null", transaction, why, batchId, nonce);
        if (changed == 0)
            return Task.FromResult(false);
        var runId = connection.Scalar<long>("select run_id from batch where batch_id = $1", transaction, batchId);
        var gold = GoldIn(transaction, runId, batchId).Count;
        var rows = connection.Execute(
            "update row set state = 0, attempt = attempt - 1, batch_id = null where state = 1 and batch_id = $1"
            + " and row_id in (select row_id from request where batch_id = $1)", transaction, batchId);
        Expect(connection.Execute("delete from request where batch_id = $1", transaction, batchId), rows, "Withdrawing a batch");
        MoveInFlight(transaction, runId, gold - rows);
        MoveInFlight(transaction, Evals.GoldRun.IdOf(runId), -gold);
        transaction.Commit();
        return Task.FromResult(true);
    }

    public Task DoubtBatchAsync(long batchId, string nonce, string why, CancellationToken cancellationToken = default)
    {
        connection.Execute("update batch set state = 'unknown', why = $1 where batch_id = $2 and nonce = $3 and state = 'sending'",
            null, why, batchId, nonce);
        return Task.CompletedTask;
    }

    public Task<ConfirmOutcome> ConfirmBatchAsync(
        long batchId, string nonce, RemoteBatch remote, Proof proof, CancellationToken cancellationToken = default)
    {
        using var transaction = new Transaction(connection);
        YieldHeldByCount(transaction, batchId, remote.Id, proof);
        // On the nonce, never on who asks: a reply that comes late outranks a candidate that was taken by count.
        var changed = connection.Execute(
            "update batch set remote_id = $1, why = null,"
            + " proof = case when remote_id = $1 and proof <> 'count' then proof else $2 end,"
            + " state = case when remote_id = $1 then state else 'created' end"
            + " where batch_id = $3 and nonce = $4 and state not in ('withdrawn','settled','lost')"
            + " and (remote_id is null or remote_id = $1 or (proof = 'count' and $2 <> 'count' and state in ('created','ended')))"
            + " and not exists (select 1 from batch o where o.remote_id = $1 and o.batch_id <> $3)",
            transaction, remote.Id, Sql.Snake(proof), batchId, nonce);
        if (changed == 0)
        {
            using var other = connection.Command("select remote_id from batch where batch_id = $1", transaction, batchId);
            return Task.FromResult<ConfirmOutcome>(new ConfirmOutcome.Duplicate(other.ExecuteScalar() as string));
        }

        // Due at once: the remote's own times are of another clock.
        Observe(transaction, batchId, remote, null);
        transaction.Commit();
        return Task.FromResult<ConfirmOutcome>(new ConfirmOutcome.Confirmed());
    }

    /// <summary>An id that another batch holds by count alone goes to the batch that can prove it.</summary>
    private void YieldHeldByCount(SqliteTransaction transaction, long batchId, string remoteId, Proof proof)
    {
        if (proof == Proof.Count)
            return;
        using var held = connection.Command(
            "select batch_id from batch where remote_id = $1 and batch_id <> $2 and proof = 'count'", transaction, remoteId, batchId);
        if (held.ExecuteScalar() is long other)
            Release(transaction, other, remoteId);
    }

    public Task ReleaseBatchAsync(long batchId, string remoteId, CancellationToken cancellationToken = default)
    {
        using var transaction = new Transaction(connection);
        Release(transaction, batchId, remoteId);
        transaction.Commit();
        return Task.CompletedTask;
    }

    private void Release(SqliteTransaction transaction, long batchId, string remoteId)
    {
        connection.Execute("insert into foreign_batch (batch_id, remote_id) values ($1, $2) on conflict do nothing", transaction, batchId, remoteId);
        connection.Execute(
            "update batch set state = 'unknown', remote_id = null, proof = null, remote_status = null, next_poll_at = null,"
            + " why = $1 where batch_id = $2 and remote_id = $3 and proof = 'count' and state in ('created','ended')",
            transaction, $"{remoteId} was not this batch", batchId, remoteId);
    }

    public Task ProveBatchAsync(long batchId, CancellationToken cancellationToken = default)
    {
        connection.Execute("update batch set proof = 'tag' where batch_id = $1 and proof = 'count'", null, batchId);
        return Task.CompletedTask;
    }

    public Task ObserveBatchAsync(long batchId, RemoteBatch remote, DateTimeOffset nextPollAt, CancellationToken cancellationToken = default)
    {
        using var transaction = new Transaction(connection);
        Observe(transaction, batchId, remote, nextPollAt);
        transaction.Commit();
        return Task.CompletedTask;
    }

    public Task DeferBatchAsync(long batchId, DateTimeOffset nextPollAt, CancellationToken cancellationToken = default)
    {
        connection.Execute("update batch set next_poll_at = $1 where batch_id = $2", null, Sql.Text(nextPollAt), batchId);
        return Task.CompletedTask;
    }

    public Task<IReadOnlyList<Batch>> BatchesAsync(long runId, CancellationToken cancellationToken = default) =>
        Task.FromResult<IReadOnlyList<Batch>>(ReadBatches("where run_id = $1 order by batch_id", runId));

    public Task<IReadOnlyList<Batch>> OpenBatchesAsync(CancellationToken cancellationToken = default) =>
        Task.FromResult<IReadOnlyList<Batch>>(ReadBatches("where state not in ('settled','withdrawn','lost') order by batch_id"));

    public Task<IReadOnlySet<string>> KnownRemoteIdsAsync(CancellationToken cancellationToken = default)
    {
        using var command = connection.Command(
            "select remote_id from batch where remote_id is not null union all select distinct remote_id from foreign_batch"
            + " union all select remote_id from duplicate", null);
        using var reader = command.ExecuteReader();
        var ids = new HashSet<string>(StringComparer.Ordinal);
        while (reader.Read())
            ids.Add(reader.GetString(0));
        return Task.FromResult<IReadOnlySet<string>>(ids);
    }

    public Task<RemoteClaims> ClaimsAsync(long batchId, CancellationToken cancellationToken = default)
    {
        using var command = connection.Command(
            "select remote_id, 0 from foreign_batch where batch_id = $1 union all select remote_id, 0 from duplicate union all"
            + " select remote_id, proof = 'count' from batch where remote_id is not null and batch_id <> $1", null, batchId);
        using var reader = command.ExecuteReader();
        var excluded = new HashSet<string>(StringComparer.Ordinal);
        var contested = new HashSet<string>(StringComparer.Ordinal);
        while (reader.Read())
            (reader.GetInt64(1) == 1 ? contested : excluded).Add(reader.GetString(0));
        return Task.FromResult(new RemoteClaims(excluded, contested));
    }

    private (long Spent, long Reserved) LaneSpending(SqliteTransaction transaction, long runId) =>
        (connection.Scalar<long>("select coalesce(sum(s.cost_pico), 0) from batch b join request r on r.batch_id = b.batch_id"
            + " join result s on s.request_id = r.request_id where b.run_id = $1 and b.lane = 'synchronous'", transaction, runId),
        Reserved(transaction, runId, " and lane = 'synchronous'"));

    /// <summary>For what is not settled, and for calls whose reply was lost: they may be billed, and never will be in the books.</summary>
    private long Reserved(SqliteTransaction transaction, long runId, string lane) =>
        connection.Scalar<long>($"select coalesce(sum(reserved_pico), 0) from batch where run_id = $1 and state not in ('settled','withdrawn'){lane}", transaction, runId)
        + connection.Scalar<long>("select coalesce(sum(b.reserved_pico / b.requests), 0) from batch b join request r on r.batch_id = b.batch_id join row w on w.row_id = r.row_id"
            + " where b.run_id = $1 and b.lane = 'synchronous' and b.state = 'settled' and w.batch_id = b.batch_id and w.state = $2 and substr(w.reason, 1, length($3)) = $3",
            transaction, runId, Number(RowState.Errored), Reasons.FallbackFailed);

    private void MoveInFlight(SqliteTransaction transaction, long runId, int rows)
    {
        Span<long> delta = stackalloc long[8];
        delta[Number(RowState.Pending)] = -rows;
        delta[Number(RowState.InFlight)] = rows;
        MoveBooks(transaction, runId, delta);
    }

    private void Observe(SqliteTransaction transaction, long batchId, RemoteBatch remote, DateTimeOffset? nextPollAt)
    {
        var counts = remote.Counts;
        connection.Execute(
            "update batch set remote_status = $1, processing = $2, succeeded = $3, errored = $4, canceled = $5, expired = $6,"
            + " created_at = $7, expires_at = $8, ended_at = $9, archived_at = $10, cancel_initiated_at = $11, next_poll_at = $12,"
            + " state = case when state = 'created' and $1 = 'ended' then 'ended' else state end where batch_id = $13 and remote_id = $14"
            + " and (state = 'created' or remote_status is null)",
            transaction, Sql.Snake(remote.Status), counts.Processing, counts.Succeeded, counts.Errored, counts.Canceled, counts.Expired,
            Sql.Text(remote.CreatedAt), Sql.Text(remote.ExpiresAt), Sql.Text(remote.EndedAt), Sql.Text(remote.ArchivedAt),
            Sql.Text(remote.CancelInitiatedAt), Sql.Text(nextPollAt), batchId, remote.Id);
    }
}
