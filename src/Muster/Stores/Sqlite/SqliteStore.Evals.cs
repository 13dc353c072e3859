using System.Runtime.CompilerServices;
using System.Text.Json;
using Microsoft.Data.Sqlite;
using Muster.Batches;
using Muster.Evals;
using Muster.Promotion;
using Muster.Runs;

namespace Muster.Stores.Sqlite;

internal sealed partial class SqliteStore
{
    private const string AnswerColumns =
        "select w.key, w.state, w.reason, i.input, coalesce(s.output, e.output) from row w left join row_input i on i.row_id = w.row_id"
        + " left join staging s on s.row_id = w.row_id left join evidence e on e.row_id = w.row_id where w.run_id = $1 and w.key is not null";

    private const string GradeColumns =
        "g.grade_id, g.run_id, r.name, g.source, g.job, g.job_version, g.set_name, g.set_version, g.set_hash, g.judge, g.at, g.grade"
        + " from eval_grade g join run r on r.run_id = g.run_id";

    public Task<StoredEvalSet?> EvalSetAsync(long runId, CancellationToken cancellationToken = default)
    {
        using var command = connection.Command(
            "select s.hash, s.name, s.version, s.body, r.judges_run from eval_run r join eval_set s on s.hash = r.set_hash where r.run_id = $1", null, runId);
        using var reader = command.ExecuteReader();
        return Task.FromResult(reader.Read()
            ? new StoredEvalSet(reader.GetString(0), reader.GetString(1), reader.GetInt32(2), Bytes(reader, 3), reader.IsDBNull(4) ? null : reader.GetInt64(4))
            : null);
    }

    public async Task<Ledger?> GoldLedgerAsync(long runId, CancellationToken cancellationToken = default) =>
        HasGold(runId) ? await LedgerAsync(GoldRun.IdOf(runId), cancellationToken) : null;

    public Task<long> NextRowIdAsync(CancellationToken cancellationToken = default) =>
        Task.FromResult(connection.Scalar<long>("select coalesce(max(row_id), 0) + 1 from row"));

    public Task<RowAnswer?> AnswerAsync(long runId, string key, CancellationToken cancellationToken = default)
    {
        using var command = connection.Command($"{AnswerColumns} and w.key = $2", null, runId, key);
        using var reader = command.ExecuteReader();
        return Task.FromResult(reader.Read() ? Answer(reader) : null);
    }

    public async IAsyncEnumerable<RowAnswer> AnswersAsync(long runId, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        using var command = connection.Command($"{AnswerColumns} order by w.row_id", null, runId);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (reader.Read())
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return Answer(reader);
        }
    }

    public Task<StoredGrade> RecordGradeAsync(StoredGrade grade, CancellationToken cancellationToken = default)
    {
        var g = grade.Grade;
        var id = connection.Scalar<long>(
            "insert into eval_grade (run_id, source, job, job_version, set_name, set_version, set_hash, judge, at, grade)"
            + " values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) on conflict (run_id, source, set_hash, coalesce(judge, '')) do update set at = $9, grade = $10"
            + " returning grade_id",
            null, grade.RunId, Sql.Snake(grade.Source), grade.Job, g.Subject, g.SetId, g.SetVersion, g.SetHash, grade.Judge, Sql.Text(grade.At), GradeJson.Write(g));
        return Task.FromResult(grade with { Id = id });
    }

    public Task<IReadOnlyList<StoredGrade>> GradesAsync(string job, CancellationToken cancellationToken = default)
    {
        using var command = connection.Command($"select {GradeColumns} where g.job = $1 order by g.grade_id", null, job);
        using var reader = command.ExecuteReader();
        var grades = new List<StoredGrade>();
        while (reader.Read())
            grades.Add(Grade(reader));
        return Task.FromResult<IReadOnlyList<StoredGrade>>(grades);
    }

    public Task LockBaselineAsync(StoredGrade grade, string who, DateTimeOffset at, CancellationToken cancellationToken = default)
    {
        connection.Execute(
            "insert into eval_baseline (job, set_name, grade_id, locked_at, who) values ($1, $2, $3, $4, $5)"
            + " on conflict (job, set_name) do update set grade_id = $3, locked_at = $4, who = $5",
            null, grade.Job, grade.Grade.SetId, grade.Id, Sql.Text(at), who);
        return Task.CompletedTask;
    }

    public Task<EvalBaseline?> BaselineAsync(string job, string setName, CancellationToken cancellationToken = default)
    {
        using var command = connection.Command(
            $"select {GradeColumns.Replace(" from ", ", b.locked_at, b.who from ", StringComparison.Ordinal)} join eval_baseline b on b.grade_id = g.grade_id"
            + " where b.job = $1 and b.set_name = $2", null, job, setName);
        using var reader = command.ExecuteReader();
        return Task.FromResult(reader.Read() ? new EvalBaseline(Grade(reader), reader.GetString(13), Sql.Time(reader.GetString(12))) : null);
    }

    public Task RecordOverrideAsync(PromotionOverride overruled, CancellationToken cancellationToken = default)
    {
        connection.Execute("insert into promotion_override (run_id, held_by, promotion_id, at, who, reason, holds) values ($1, $2, $3, $4, $5, $6, $7)", null,
            overruled.RunId, overruled.HeldBy, overruled.PromotionId, Sql.Text(overruled.At), overruled.Who, overruled.Reason, JsonSerializer.Serialize(overruled.Holds));
        return Task.CompletedTask;
    }

    public Task<IReadOnlyList<PromotionOverride>> OverridesAsync(long runId, CancellationToken cancellationToken = default)
    {
        using var command = connection.Command("select held_by, promotion_id, at, who, reason, holds from promotion_override where run_id = $1 order by override_id", null, runId);
        using var reader = command.ExecuteReader();
        var all = new List<PromotionOverride>();
        while (reader.Read())
            all.Add(new PromotionOverride(
                runId, reader.GetString(0), reader.GetString(1), Sql.Time(reader.GetString(2)), reader.GetString(3), reader.GetString(4), JsonSerializer.Deserialize<string[]>(reader.GetString(5))!));
        return Task.FromResult<IReadOnlyList<PromotionOverride>>(all);
    }

    /// <summary>The set of a run that is being opened, and the books of its gold rows when it carries them.</summary>
    private void RecordEvalSet(SqliteTransaction transaction, long runId, RunOpening opening, StoredEvalSet set)
    {
        connection.Execute(
            "insert into eval_set (hash, name, version, body) values ($1, $2, $3, $4) on conflict (hash) do update set body = $4",
            transaction, set.Hash, set.Name, set.Version, set.Body.ToArray());
        connection.Execute("insert into eval_run (run_id, set_hash, judges_run) values ($1, $2, $3)", transaction, runId, set.Hash, set.JudgesRun);
        if (!opening.CarriesGold)
            return;
        var gold = GoldRun.IdOf(runId);
        connection.Execute(
            "insert into run (run_id, name, tag, job, job_version, snapshot, kind, state, fingerprint, columns, opened_at)"
            + " select $1, name || '.gold', tag || '.gold', job, job_version, '', $2, state, '', '[]', opened_at from run where run_id = $3",
            transaction, gold, GoldRun.Kind, runId);
        foreach (var state in Enum.GetValues<RowState>())
            connection.Execute("insert into ledger (run_id, state, rows) values ($1, $2, 0)", transaction, gold, Number(state));
    }

    /// <summary>Seals gold rows into a batch beside its run's rows; those that are new are made here.</summary>
    private void IntendGold(SqliteTransaction transaction, long batchId, BatchIntent intent)
    {
        if (intent.Gold.Count == 0)
            return;
        var gold = GoldRun.IdOf(intent.RunId);
        using var insert = new Statement(connection, "insert into row (row_id, run_id, key, line, state) values (?1, ?2, ?3, ?4, 0)");
        using var input = new Statement(connection, "insert into row_input (row_id, input) values (?1, ?2)");
        using var request = new Statement(connection,
            "insert into request (batch_id, row_id, attempt) select ?1, row_id, attempt + 1 from row where row_id = ?2 and run_id = ?3 and tier = ?4 and state = 0");
        using var move = new Statement(connection, "update row set state = 1, attempt = attempt + 1, batch_id = ?1 where row_id = ?2 and state = 0");
        foreach (var rider in intent.Gold)
        {
            if (rider.IsNew)
            {
                insert.With(rider.Row.RowId).With(gold).With(rider.Row.Key).With(rider.Line).Run();
                input.With(rider.Row.RowId).With(rider.Row.Input.Span).Run();
            }

            Expect(request.With(batchId).With(rider.Row.RowId).With(gold).With(intent.Tier).Run(), 1, "Sealing a gold row");
            Expect(move.With(batchId).With(rider.Row.RowId).Run(), 1, "Sealing a gold row");
        }

        var added = intent.Gold.Count(rider => rider.IsNew);
        connection.Execute("update run set records = records + $1 where run_id = $2", transaction, added, gold);
        Span<long> delta = stackalloc long[8];
        delta[Number(RowState.Pending)] = added - intent.Gold.Count;
        delta[Number(RowState.InFlight)] = intent.Gold.Count;
        MoveBooks(transaction, gold, delta);
    }

    private bool HasGold(long runId) =>
        runId > 0 && connection.Scalar<long>("select count(*) from run where run_id = $1", null, GoldRun.IdOf(runId)) > 0;

    /// <summary>The gold rows in flight in a batch.</summary>
    private HashSet<long> GoldIn(SqliteTransaction transaction, long runId, long batchId)
    {
        // By the index on run and key: the batch's own rows are many.
        using var command = connection.Command("select row_id from row where run_id = $1 and key is not null and state = 1 and batch_id = $2", transaction,
            GoldRun.IdOf(runId), batchId);
        using var reader = command.ExecuteReader();
        var rows = new HashSet<long>();
        while (reader.Read())
            rows.Add(reader.GetInt64(0));
        return rows;
    }

    private static RowAnswer Answer(SqliteDataReader reader) =>
        new(reader.GetString(0), (RowState)reader.GetInt32(1), reader.Text(2), Bytes(reader, 3), Bytes(reader, 4));

    private static StoredGrade Grade(SqliteDataReader reader) => new(
        reader.GetInt64(0), reader.GetInt64(1), reader.GetString(2), Sql.Parse<GradeSource>(reader.GetString(3)), reader.GetString(4),
        GradeJson.Read(reader.GetString(11), reader.GetString(6), reader.GetInt32(7), reader.GetString(8), reader.GetString(5)), reader.Text(9), Sql.Time(reader.GetString(10)));
}
