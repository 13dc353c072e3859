using System.Runtime.CompilerServices;
using Microsoft.Data.Sqlite;
using Muster.Batches;
using Muster.Results;
using Muster.Requests;
using Muster.Runs;

namespace Muster.Stores.Sqlite;

internal sealed partial class SqliteStore
{
    public async IAsyncEnumerable<RequestRow> ReadRequestsAsync(long batchId, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        using var command = connection.Command(
            "select r.request_id, r.row_id, w.key, r.attempt, r.id_part, w.tier, w.spent, w.tries, w.variant"
            + " from request r join row w on w.row_id = r.row_id where r.batch_id = $1 order by r.row_id", null, batchId);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (reader.Read())
        {
            yield return new RequestRow(reader.GetInt64(0), reader.GetInt64(1), reader.GetString(2), reader.GetInt32(3), reader.Text(4),
                reader.GetInt32(5), reader.GetInt32(6), reader.GetInt32(7), (VariantKind)reader.GetInt32(8));
        }
    }

    public Task RecordArchiveAsync(long batchId, Archive archive, CancellationToken cancellationToken = default)
    {
        connection.Execute(
            "update batch set state = 'archived', archive_file = $1, archive_bytes = $2, archive_sha256 = $3, archive_lines = $4,"
            + " archive_raw_bytes = $5 where batch_id = $6"
            + " and (state = 'ended' and proof <> 'count' or state = 'sending' and lane = 'synchronous')",
            null, archive.File, archive.Bytes, archive.Sha256, archive.Lines, archive.RawBytes, batchId);
        return Task.CompletedTask;
    }

    public Task<int> RecordResultsAsync(long batchId, IReadOnlyList<ResultRecord> results, CancellationToken cancellationToken = default)
    {
        using var transaction = new Transaction(connection);
        using var header = connection.Command("select run_id, tier from batch where batch_id = $1 and state = 'archived'", transaction, batchId);
        using var reader = header.ExecuteReader();
        if (!reader.Read())
            return Task.FromResult(0);
        var (runId, tier) = (reader.GetInt64(0), reader.GetInt32(1));
        reader.Close();

        using var insert = new Statement(connection,
            "insert into result (request_id, type, model_id, input_tokens, output_tokens, cache_5m, cache_1h, cache_read, thinking,"
            + " cost_pico, sync_pico) values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11) on conflict do nothing");
        using var move = new Statement(connection,
            "update row set state = ?1, tier = ?2, spent = ?3, tries = ?4, variant = ?5, reason = ?6"
            + " where row_id = ?7 and state = 1 and batch_id = ?8");
        using var stage = new Statement(connection,
            "insert into staging (row_id, attempt, output) select row_id, attempt, ?2 from row where row_id = ?1");
        using var evidence = new Statement(connection,
            "insert into evidence (row_id, attempt, message, output) select row_id, attempt, ?2, ?3 from row where row_id = ?1"
            + " on conflict (row_id) do update set attempt = excluded.attempt, message = excluded.message, output = excluded.output");

        var gold = GoldIn(transaction, runId, batchId);
        var books = new long[8];
        var goldBooks = new long[8];
        var usage = new Dictionary<long, long[]>();
        long failed = 0, goldFailed = 0, failedBatch = 0;
        var applied = 0;
        // Sorted, so that a commit walks the tables once instead of jumping about.
        foreach (var result in results.OrderBy(result => result.RequestId))
        {
            if (!InsertResult(insert, transaction, result, usage))
                continue;
            applied++;
            var to = result.Move;
            var moved = move.With(Number(to.State)).With(to.Tier).With(to.Spent).With(to.Tries).With((long)to.Variant).With(to.Reason)
                .With(result.RowId).With(batchId).Run();
            Expect(moved, 1, "Recording a result");
            var isGold = gold.Contains(result.RowId);
            var line = isGold ? goldBooks : books;
            line[Number(RowState.InFlight)]--;
            line[Number(to.State)]++;
            failedBatch += result.FailsBatch ? 1 : 0;
            if (result.FailsRow)
                (failed, goldFailed) = isGold ? (failed, goldFailed + 1) : (failed + 1, goldFailed);
            if (to.State == RowState.Succeeded)
                stage.With(result.RowId).With(result.Output.Span).Run();
            else if (result.Message is not null || !result.Output.IsEmpty)
                WithOutput(evidence.With(result.RowId).With(result.Message), result.Output).Run();
        }

        AddUsage(transaction, runId, tier, usage);
        connection.Execute("update run set failed = failed + $1 where run_id = $2", transaction, failed, runId);
        connection.Execute("update batch set failed = failed + $1 where batch_id = $2", transaction, failedBatch, batchId);
        MoveBooks(transaction, runId, books);
        if (gold.Count > 0)
        {
            connection.Execute("update run set failed = failed + $1 where run_id = $2", transaction, goldFailed, Evals.GoldRun.IdOf(runId));
            MoveBooks(transaction, Evals.GoldRun.IdOf(runId), goldBooks);
        }

        transaction.Commit();
        return Task.FromResult(applied);
    }

    public Task<bool> SettleBatchAsync(long batchId, DateTimeOffset at, CancellationToken cancellationToken = default) =>
        Task.FromResult(1 == connection.Execute(
            "update batch set state = 'settled', settled_at = $1 where batch_id = $2 and state = 'archived' and requests ="
            + " (select count(*) from request r join result s on s.request_id = r.request_id where r.batch_id = $2)",
            null, Sql.Text(at), batchId));

    public Task<bool> LoseBatchAsync(long batchId, string reason, CancellationToken cancellationToken = default)
    {
        using var transaction = new Transaction(connection);
        if (connection.Execute("update batch set state = 'lost', why = $1, next_poll_at = null where batch_id = $2"
            + " and (state in ('created','ended') or state = 'sending' and lane = 'synchronous')", transaction, reason, batchId) == 0)
            return Task.FromResult(false);
        var runId = connection.Scalar<long>("select run_id from batch where batch_id = $1", transaction, batchId);
        var gold = GoldIn(transaction, runId, batchId).Count;
        var lane = Sql.Parse<Lane>(connection.Scalar<string>("select lane from batch where batch_id = $1", transaction, batchId));
        connection.Execute("update evidence set message = $1 where row_id in (select row_id from row where batch_id = $2 and state = $3)",
            transaction, LostRow.Message(lane), batchId, Number(RowState.InFlight));
        var rows = connection.Execute("update row set state = $1, reason = $2 where batch_id = $3 and state = $4",
            transaction, Number(RowState.Errored), reason, batchId, Number(RowState.InFlight));
        LoseRows(transaction, runId, rows - gold);
        LoseRows(transaction, Evals.GoldRun.IdOf(runId), gold);
        transaction.Commit();
        return Task.FromResult(true);
    }

    private void LoseRows(SqliteTransaction transaction, long runId, int rows)
    {
        var books = new long[8];
        (books[Number(RowState.InFlight)], books[Number(RowState.Errored)]) = (-rows, rows);
        MoveBooks(transaction, runId, books);
        connection.Execute("update run set failed = failed + $1 where run_id = $2", transaction, rows, runId);
    }

    private static Statement WithOutput(Statement statement, ReadOnlyMemory<byte> output) =>
        output.IsEmpty ? statement.WithNull() : statement.With(output.Span);

    /// <summary>False when the request already has its result: replay changes nothing.</summary>
    private bool InsertResult(Statement insert, SqliteTransaction transaction, ResultRecord result, Dictionary<long, long[]> usage)
    {
        insert.With(result.RequestId).With((long)result.Type);
        if (result.Billing is not { } bill)
        {
            for (var column = 3; column <= 11; column++)
                insert.WithNull();
            return insert.Run() == 1;
        }

        var model = ModelId(transaction, bill.Model);
        insert.With(model).With(bill.InputTokens).With(bill.OutputTokens).With(bill.CacheWrite5mTokens).With(bill.CacheWrite1hTokens)
            .With(bill.CacheReadTokens).With(bill.ThinkingTokens).With(bill.CostPicoUsd).With(bill.SyncPicoUsd);
        if (insert.Run() == 0)
            return false;
        if (!usage.TryGetValue(model, out var sums))
            usage[model] = sums = new long[10];
        sums[0]++;
        sums[1] += bill.InputTokens;
        sums[2] += bill.OutputTokens;
        sums[3] += bill.CacheWrite5mTokens;
        sums[4] += bill.CacheWrite1hTokens;
        sums[5] += bill.CacheReadTokens;
        sums[6] += bill.ThinkingTokens;
        sums[7] += bill.CostPicoUsd ?? 0;
        sums[8] += bill.SyncPicoUsd ?? 0;
        sums[9] += bill.CostPicoUsd is null ? 1 : 0;
        return true;
    }

    private void AddUsage(SqliteTransaction transaction, long runId, int tier, Dictionary<long, long[]> usage)
    {
        foreach (var (model, s) in usage.OrderBy(entry => entry.Key))
        {
            connection.Execute(
                "insert into usage values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)"
                + " on conflict (run_id, tier, model_id) do update set requests = requests + $4, input_tokens = input_tokens + $5,"
                + " output_tokens = output_tokens + $6, cache_5m = cache_5m + $7, cache_1h = cache_1h + $8, cache_read = cache_read + $9,"
                + " thinking = thinking + $10, cost_pico = cost_pico + $11, sync_pico = sync_pico + $12, unpriced = unpriced + $13",
                transaction, runId, tier, model, s[0], s[1], s[2], s[3], s[4], s[5], s[6], s[7], s[8], s[9]);
        }
    }

    private long ModelId(SqliteTransaction transaction, string name)
    {
        if (modelIds.TryGetValue(name, out var id))
            return id;
        connection.Execute("insert into model (name) values ($1) on conflict do nothing", transaction, name);
        return modelIds[name] = connection.Scalar<long>("select model_id from model where name = $1", transaction, name);
    }
}
