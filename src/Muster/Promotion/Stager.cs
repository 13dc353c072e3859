using System.Text.Json;
using Muster.Jobs;
using Muster.Staging;
using SQLitePCL;

namespace Muster.Promotion;

/// <summary>Brings staged rows, source states and key lists into temporary tables of the target's connection.</summary>
internal sealed class Stager(TargetDatabase database)
{
    private const int CancellationStride = 4096;

    /// <returns>How many rows were staged.</returns>
    internal async Task<long> StageAsync(
        TargetShape shape, OutputReader reader, IAsyncEnumerable<StagedRow> rows, int maxRows, CancellationToken cancellationToken)
    {
        database.Run(PromotionWork.Sql("stage", shape));
        var values = new OutputValues(shape.Columns.Count);
        var places = string.Join(", ", Enumerable.Range(0, shape.Columns.Count).Select(i => $"c{i}"));
        var marks = string.Join(", ", Enumerable.Repeat("?", shape.Columns.Count));
        database.Run("begin");
        long count = 0;
        using (var insert = new BulkInsert(
            database, $"insert into temp.muster_stage (key, attempt, source_hash, fault, k, {places}) values (?1, ?2, ?3, ?4, ?1, {marks})"))
        {
            await foreach (var row in rows.WithCancellation(cancellationToken))
            {
                // Past the limit rows are only counted: the refusal says how many there are.
                if (++count > maxRows) continue;
                var fault = Read(reader, row, values);
                insert.Text(1, row.Key);
                insert.Integer(2, row.Attempt);
                insert.Blob(3, row.SourceHash.Span);
                insert.Text(4, fault);
                for (var i = 0; i < values.Count; i++) insert.Value(5 + i, values, i);
                insert.Step();
            }
        }

        database.Run("commit");
        if (count > maxRows)
        {
            throw new TargetException(
                $"{count:N0} rows are staged; one promotion takes {maxRows:N0}.", "Promote a part at a time, by selector.");
        }

        RefuseTwice(shape);
        return count;
    }

    internal async Task SourceAsync(IAsyncEnumerable<SourceState>? states, CancellationToken cancellationToken)
    {
        database.Run(TargetDatabase.Sql("source"));
        if (states is null) return;
        database.Run("begin");
        using (var insert = new BulkInsert(database, "insert or ignore into temp.muster_source (key, hash) values (?, ?)"))
        {
            await foreach (var state in states.WithCancellation(cancellationToken))
            {
                insert.Text(1, state.Key);
                insert.Blob(2, state.Hash.Span);
                insert.Step();
            }
        }

        database.Run("commit");
    }

    internal void Force(IReadOnlySet<string> keys, CancellationToken cancellationToken)
    {
        database.Run("create temp table if not exists muster_force (key text primary key) without rowid; delete from temp.muster_force;");
        if (keys.Count == 0) return;
        database.Run("begin");
        using (var insert = new BulkInsert(database, "insert into temp.muster_force (key) values (?)"))
        {
            var done = 0;
            foreach (var key in keys)
            {
                if (++done % CancellationStride == 0) cancellationToken.ThrowIfCancellationRequested();
                insert.Text(1, key);
                insert.Step();
            }
        }

        database.Run("commit");
    }

    private void RefuseTwice(TargetShape shape)
    {
        database.Run($"create index temp.muster_stage_k on muster_stage (k collate {shape.Collation})");
        var twice = database.Scalar<string>(
            $"select min(key) from temp.muster_stage group by k collate {shape.Collation} having count(*) > 1 limit 1");
        if (twice is not null)
        {
            throw new TargetException(
                $"The key {Identifier.Show(twice)} is staged twice, or two keys are one to the target.",
                "Each row has one live attempt; exclude the other one.");
        }
    }

    private static string? Read(OutputReader reader, StagedRow row, OutputValues values)
    {
        try
        {
            reader.Read(row.Output.Span, values);
            return null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or ArgumentException)
        {
            values.Clear();
            return "the output is not JSON text";
        }
    }
}

/// <summary>A prepared insert fed with UTF-8, without an object per value.</summary>
internal sealed class BulkInsert : IDisposable
{
    private readonly sqlite3 _database;
    private readonly sqlite3_stmt _statement;

    internal BulkInsert(TargetDatabase database, string sql)
    {
        _database = database.Connection.Handle!;
        Check(raw.sqlite3_prepare_v2(_database, sql, out _statement));
    }

    internal void Integer(int place, long value) => Check(raw.sqlite3_bind_int64(_statement, place, value));

    internal void Text(int place, string? value) =>
        Check(value is null ? raw.sqlite3_bind_null(_statement, place) : raw.sqlite3_bind_text(_statement, place, value));

    // The binding turns an empty span into a null pointer, which SQLite takes as NULL.
    internal void Text(int place, ReadOnlySpan<byte> utf8) =>
        Check(utf8.IsEmpty ? raw.sqlite3_bind_text(_statement, place, "") : raw.sqlite3_bind_text(_statement, place, utf8));

    internal void Blob(int place, ReadOnlySpan<byte> value) =>
        Check(value.IsEmpty ? raw.sqlite3_bind_zeroblob(_statement, place, 0) : raw.sqlite3_bind_blob(_statement, place, value));

    internal void Value(int place, OutputValues values, int column)
    {
        switch (values.Kind(column))
        {
            case ValueKind.Integer:
                Integer(place, values.Integer(column));
                break;
            case ValueKind.Real:
                Check(raw.sqlite3_bind_double(_statement, place, values.Real(column)));
                break;
            case ValueKind.Text:
                Text(place, values.Text(column));
                break;
            default:
                Check(raw.sqlite3_bind_null(_statement, place));
                break;
        }
    }

    internal void Step()
    {
        var code = raw.sqlite3_step(_statement);
        raw.sqlite3_reset(_statement);
        if (code != raw.SQLITE_DONE) Check(code);
    }

    public void Dispose() => raw.sqlite3_finalize(_statement);

    private void Check(int code) => Microsoft.Data.Sqlite.SqliteException.ThrowExceptionForRC(code, _database);
}
