using System.Runtime.CompilerServices;
using Microsoft.Data.Sqlite;
using Muster.Batches;
using Muster.Requests;
using Muster.Runs;
using Muster.Sources;
using Muster.Verdicts;

namespace Muster.Stores.Sqlite;

internal sealed partial class SqliteStore
{
    public Task<Recorded> RecordRowsAsync(
        long runId, long after, IReadOnlyList<SourceRow> rows, RepeatedKey repeated, CancellationToken cancellationToken = default)
    {
        using var transaction = new Transaction(connection);
        Expect(connection.Execute("update run set records = records + $1 where run_id = $2 and records = $3 and state = 'reading'",
            transaction, rows.Count, runId, after), 1, $"Recording source records after {after}");

        var next = connection.Scalar<long>("select coalesce(max(row_id), 0) + 1 from row", transaction);
        using var insert = new Statement(connection, 
            "insert into row (row_id, run_id, key, line, state, reason) values (?1, ?2, ?3, ?4, ?5, ?6)"
            + " on conflict (run_id, key) where key is not null do nothing");
        using var input = new Statement(connection, "insert into row_input (row_id, input) values (?1, ?2)");
        using var merge = new Statement(connection, "update row set records = records + 1 where run_id = ?1 and key = ?2");
        using var evidence = new Statement(connection, 
            "insert into evidence (row_id, attempt, message) values (?1, 0, ?2)");

        int merged = 0, duplicates = 0, aside = 0, added = 0;
        foreach (var row in rows)
        {
            var (key, state, reason, detail) = (row.Key, RowState.Pending, row.Fault?.Reason, row.Fault?.Detail);
            if (row.Fault is not null)
                (key, state) = (null, RowState.Quarantined);

            if (insert.With(next).With(runId).With(key).With(row.Line).With(Number(state)).With(reason).Run() == 0)
            {
                if (repeated == RepeatedKey.Merge)
                {
                    Expect(merge.With(runId).With(key).Run(), 1, "Joining a record to the row of the same content");
                    merged++;
                    continue;
                }

                duplicates++;
                (state, detail) = (RowState.Quarantined, $"The key {Excerpt.Quoted(row.Key!)} stands on an earlier line.");
                insert.With(next).With(runId).WithNull().With(row.Line).With(Number(state)).With(Reasons.DuplicateKey).Run();
            }

            input.With(next).With(row.Input.Span).Run();
            if (state == RowState.Quarantined)
            {
                aside++;
                evidence.With(next).With(detail).Run();
            }

            added++;
            next++;
        }

        connection.Execute("update run set merged = merged + $1 where run_id = $2", transaction, merged, runId);
        Span<long> delta = stackalloc long[8];
        delta[Number(RowState.Pending)] = added - aside;
        delta[Number(RowState.Quarantined)] = aside;
        MoveBooks(transaction, runId, delta);
        transaction.Commit();
        return Task.FromResult(new Recorded(added, merged, duplicates));
    }

    public Task<IReadOnlyList<PendingCount>> PendingAsync(long runId, LaneRows of, CancellationToken cancellationToken = default)
    {
        using var command = connection.Command(
            "select tier, sum(attempt = 0), sum(attempt > 0) from row where run_id = $1 and state = 0 and spent >= $2 and spent < $3"
            + " group by tier order by tier", null, runId, of.Least, of.Below);
        using var reader = command.ExecuteReader();
        var counts = new List<PendingCount>();
        while (reader.Read())
            counts.Add(new PendingCount(reader.GetInt32(0), reader.GetInt64(1), reader.GetInt64(2)));
        return Task.FromResult<IReadOnlyList<PendingCount>>(counts);
    }

    public async IAsyncEnumerable<AskRow> ReadPendingAsync(
        long runId, int tier, LaneRows of, int limit, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        using var command = connection.Command(
            "select w.row_id, w.key, w.attempt + 1, w.variant, e.message, i.input, null from row w indexed by row_pending"
            + " join row_input i on i.row_id = w.row_id left join evidence e on w.variant = 2 and e.row_id = w.row_id"
            + " where w.run_id = $1 and w.tier = $2 and w.state = 0 and w.spent >= $3 and w.spent < $4 order by w.row_id limit $5",
            null, runId, tier, of.Least, of.Below, limit);
        await foreach (var row in AskRows(command, cancellationToken))
            yield return row;
    }

    public async IAsyncEnumerable<AskRow> ReadBatchAsync(long batchId, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        using var command = connection.Command(
            "select r.row_id, w.key, r.attempt, w.variant, e.message, i.input, r.id_part from request r join row w on w.row_id = r.row_id"
            + " join row_input i on i.row_id = r.row_id left join evidence e on w.variant = 2 and e.row_id = r.row_id"
            + " where r.batch_id = $1 order by r.row_id", null, batchId);
        await foreach (var row in AskRows(command, cancellationToken))
            yield return row;
    }

    public Task SetAsideAsync(long runId, IReadOnlyList<SetAside> rows, CancellationToken cancellationToken = default)
    {
        using var transaction = new Transaction(connection);
        using var update = new Statement(connection, 
            "update row set state = ?1, reason = ?2 where row_id = ?3 and run_id = ?4 and state = 0");
        using var evidence = new Statement(connection, 
            "insert into evidence (row_id, attempt, message) values (?1, 0, ?2)"
            + " on conflict (row_id) do update set message = excluded.message");
        var moved = 0;
        foreach (var row in rows)
        {
            if (update.With(Number(RowState.Quarantined)).With(row.Reason).With(row.RowId).With(runId).Run() == 0)
                continue;
            evidence.With(row.RowId).With(row.Detail).Run();
            moved++;
        }

        Span<long> delta = stackalloc long[8];
        delta[Number(RowState.Pending)] = -moved;
        delta[Number(RowState.Quarantined)] = moved;
        MoveBooks(transaction, runId, delta);
        transaction.Commit();
        return Task.CompletedTask;
    }

    // Asynchronous in form only: SQLite answers on the caller's thread.
    private static async IAsyncEnumerable<AskRow> AskRows(SqliteCommand command, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (reader.Read())
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return new AskRow(reader.GetInt64(0), reader.GetString(1), reader.GetInt32(2), (VariantKind)reader.GetInt32(3),
                reader.Text(4), (byte[])reader.GetValue(5), reader.Text(6));
        }
    }
}
