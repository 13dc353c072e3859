using System.Text.Json;
using Microsoft.Data.Sqlite;
using Muster.Runs;

namespace Muster.Stores.Sqlite;

internal sealed partial class SqliteStore
{
    private const string RunColumns =
        "run_id, name, tag, job, job_version, snapshot, kind, state, why, fingerprint, columns, opened_at, ended_at, records, merged, failed, unpiloted,"
        + " exists (select 1 from run g where g.run_id = -run.run_id)";

    public Task<Run> OpenRunAsync(RunOpening opening, CancellationToken cancellationToken = default)
    {
        using var transaction = new Transaction(connection);
        var id = connection.Scalar<long>("select coalesce(max(run_id), 0) + 1 from run", transaction);
        connection.Execute(
            "insert into run (run_id, name, tag, job, job_version, snapshot, kind, state, fingerprint, columns, opened_at, unpiloted)"
            + " values ($1, $2, $3, $4, $5, $6, $7, 'reading', $8, $9, $10, $11)",
            transaction, id, $"r-{id}", opening.Tag, opening.Job, opening.JobVersion, opening.Snapshot, opening.Kind, opening.Fingerprint,
            JsonSerializer.Serialize(opening.Columns), Sql.Text(opening.At), opening.Unpiloted ? 1 : 0);
        if (opening.Pick is { } pick)
            RecordPick(transaction, id, pick);
        if (opening.EvalSet is { } set)
            RecordEvalSet(transaction, id, opening, set);
        foreach (var state in Enum.GetValues<RowState>())
            connection.Execute("insert into ledger (run_id, state, rows) values ($1, $2, 0)", transaction, id, Number(state));
        transaction.Commit();
        return Task.FromResult(ReadRuns("where run_id = $1", id).Single());
    }

    public Task<Run> RunAsync(long runId, CancellationToken cancellationToken = default) =>
        Task.FromResult(ReadRuns("where run_id = $1", runId).Single());

    public Task<IReadOnlyList<Run>> RunsAsync(CancellationToken cancellationToken = default) =>
        Task.FromResult<IReadOnlyList<Run>>(ReadRuns("where run_id > 0 order by run_id"));

    public Task<bool> MoveRunAsync(long runId, RunState state, string? why, DateTimeOffset at, CancellationToken cancellationToken = default)
    {
        using var transaction = new Transaction(connection);
        var from = Sql.Parse<RunState>(connection.Scalar<string>("select state from run where run_id = $1", transaction, runId));
        if (!RunStates.CanMove(from, state) || (state == RunState.Done && HasOpenRows(transaction, runId)))
            return Task.FromResult(false);
        connection.Execute("update run set state = $1, why = $2, ended_at = $3 where run_id = $4", transaction,
            Sql.Snake(state), why, RunStates.IsFinal(state) ? Sql.Text(at) : null, runId);
        if (state == RunState.Canceled)
            CancelPending(transaction, runId);
        // Gold rows stand where the run stands that carries them.
        var gold = Evals.GoldRun.IdOf(runId);
        connection.Execute("update run set state = $1, ended_at = $2 where run_id = $3", transaction, Sql.Snake(state), RunStates.IsFinal(state) ? Sql.Text(at) : null, gold);
        if (state == RunState.Canceled)
            CancelPending(transaction, gold);
        transaction.Commit();
        return Task.FromResult(true);
    }

    private bool HasOpenRows(SqliteTransaction transaction, long runId) =>
        connection.Scalar<long>("select sum(rows) from ledger where run_id in ($1, -$1) and state in ($2, $3)",
            transaction, runId, Number(RowState.Pending), Number(RowState.InFlight)) > 0;

    private void CancelPending(SqliteTransaction transaction, long runId)
    {
        var rows = connection.Execute("update row set state = $1, reason = $2 where run_id = $3 and state = 0",
            transaction, Number(RowState.Canceled), Verdicts.Reasons.Canceled, runId);
        Span<long> delta = stackalloc long[8];
        delta[Number(RowState.Pending)] = -rows;
        delta[Number(RowState.Canceled)] = rows;
        MoveBooks(transaction, runId, delta);
    }

    private List<Run> ReadRuns(string where, params object?[] values) => ReadRuns((SqliteTransaction?)null, where, values);

    private List<Run> ReadRuns(SqliteTransaction? transaction, string where, params object?[] values)
    {
        using var command = connection.Command($"select {RunColumns} from run {where}", transaction, values);
        using var reader = command.ExecuteReader();
        var runs = new List<Run>();
        while (reader.Read())
        {
            runs.Add(new Run
            {
                Id = reader.GetInt64(0),
                Name = reader.GetString(1),
                Tag = reader.GetString(2),
                Job = reader.GetString(3),
                JobVersion = reader.GetString(4),
                Snapshot = reader.GetString(5),
                Kind = reader.GetString(6),
                State = Sql.Parse<RunState>(reader.GetString(7)),
                Why = reader.Text(8),
                Fingerprint = reader.GetString(9),
                Columns = JsonSerializer.Deserialize<string[]>(reader.GetString(10))!,
                OpenedAt = Sql.Time(reader.GetString(11)),
                EndedAt = reader.Time(12),
                Records = reader.GetInt64(13),
                Merged = reader.GetInt64(14),
                Failed = reader.GetInt64(15),
                Unpiloted = reader.GetInt64(16) != 0,
                CarriesGold = reader.GetInt64(17) != 0,
            });
        }

        return runs;
    }
}
