using System.Text;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Muster.Sources;

/// <summary>
/// One SELECT, prepared on a database opened read-only. It steps on SQLite's own interface, because text that is not UTF-8 or holds
/// a NUL must be seen as the bytes it is.
/// </summary>
internal sealed class SqliteQuery : IDisposable
{
    private const int BusyMilliseconds = 5_000;

    // Instructions of SQLite's machine between two looks at the token: about a millisecond.
    private const int CancellationInterval = 50_000;

    private readonly string path;
    private readonly string query;
    private readonly SqliteConnection connection;
    private readonly sqlite3_stmt statement;
    private CancellationToken stepping;

    static SqliteQuery() => Batteries_V2.Init();

    private SqliteQuery(string path, string query, SqliteConnection connection, sqlite3_stmt statement)
    {
        this.path = path;
        this.query = query;
        this.connection = connection;
        this.statement = statement;

        // Asked within a step, where sqlite3_interrupt would be lost if it came just before one.
        raw.sqlite3_progress_handler(connection.Handle, CancellationInterval, _ => stepping.IsCancellationRequested ? 1 : 0, null);
    }

    public int ColumnCount => raw.sqlite3_column_count(statement);

    /// <exception cref="SourceException">The database cannot be opened, or the query is not one SELECT without parameters.</exception>
    public static SqliteQuery Open(string path, string query)
    {
        // SQLite would say "unable to open database file" for each of these.
        SourceFile.OpenStream(path).Dispose();
        var opened = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Mode = SqliteOpenMode.ReadOnly, Pooling = false }.ToString());
        try
        {
            opened.Open();
            raw.sqlite3_busy_timeout(opened.Handle, BusyMilliseconds);
            Run(opened, "PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON; PRAGMA query_only = ON;");
            return new(path, query, opened, Prepare(path, query, opened.Handle!));
        }
        catch (SqliteException broken)
        {
            opened.Dispose();
            throw Refused(path, query, broken.Message, broken);
        }
        catch (SourceException)
        {
            opened.Dispose();
            throw;
        }
    }

    public string ColumnName(int column) => raw.sqlite3_column_name(statement, column).utf8_to_string();

    /// <summary>Moves to the next row; false at the end.</summary>
    public bool Step(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        stepping = cancellationToken;
        var code = raw.sqlite3_step(statement);
        if (code is raw.SQLITE_ROW or raw.SQLITE_DONE)
        {
            return code == raw.SQLITE_ROW;
        }

        cancellationToken.ThrowIfCancellationRequested();
        throw Refused(path, query, raw.sqlite3_errmsg(connection.Handle).utf8_to_string(), null);
    }

    public int Kind(int column) => raw.sqlite3_column_type(statement, column);

    public long Integer(int column) => raw.sqlite3_column_int64(statement, column);

    public double Real(int column) => raw.sqlite3_column_double(statement, column);

    /// <summary>The value's bytes; valid until the next step.</summary>
    public ReadOnlySpan<byte> Bytes(int column)
    {
        // The first call turns text of a UTF-16 database into UTF-8 in place; the second then gives all of it, past any NUL.
        raw.sqlite3_column_text(statement, column);
        return raw.sqlite3_column_blob(statement, column);
    }

    public void Dispose()
    {
        statement.Dispose();
        connection.Dispose();
    }

    private static sqlite3_stmt Prepare(string path, string query, sqlite3 database)
    {
        if (Blank(query) || query.Contains('\0', StringComparison.Ordinal))
        {
            throw Refused(path, query, "the query is empty or holds a NUL", null);
        }

        var code = raw.sqlite3_prepare_v2(database, query, out var statement, out var rest);
        if (code != raw.SQLITE_OK)
        {
            throw Refused(path, query, raw.sqlite3_errmsg(database).utf8_to_string(), null);
        }

        var fault = raw.sqlite3_stmt_readonly(statement) == 0 || !StartsAsSelect(query) || raw.sqlite3_column_count(statement) == 0
            ? "only a SELECT is run on a source"
            : !Blank(rest) ? "more than one statement"
            : raw.sqlite3_bind_parameter_count(statement) > 0 ? "the query has parameters, and a job gives it none"
            : null;
        if (fault is null)
        {
            return statement;
        }

        statement.Dispose();
        throw Refused(path, query, fault, null);
    }

    // Read-only by SQLite's word are also ATTACH, PRAGMA and BEGIN.
    private static bool StartsAsSelect(string query)
    {
        var word = PastBlanks(query);
        return word.StartsWith("SELECT", StringComparison.OrdinalIgnoreCase)
            || word.StartsWith("WITH", StringComparison.OrdinalIgnoreCase)
            || word.StartsWith("VALUES", StringComparison.OrdinalIgnoreCase);
    }

    private static bool Blank(string sql) => PastBlanks(sql).IsEmpty;

    private static ReadOnlySpan<char> PastBlanks(string sql)
    {
        var rest = sql.AsSpan();
        while (true)
        {
            rest = rest.TrimStart(" \t\r\n\f\v;");
            if (rest.StartsWith("--"))
            {
                rest = After(rest, "\n");
            }
            else if (rest.StartsWith("/*"))
            {
                rest = After(rest[2..], "*/");
            }
            else
            {
                return rest;
            }
        }
    }

    private static ReadOnlySpan<char> After(ReadOnlySpan<char> sql, string end) =>
        sql.IndexOf(end) is >= 0 and var at ? sql[(at + end.Length)..] : default;

    private static void Run(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    private static SourceException Refused(string path, string query, string reason, Exception? inner) => new(
        $"{path}: {Excerpt.Of(reason, 300)}; the query is: {Excerpt.Of(new StringBuilder(query).Replace('\n', ' ').ToString(), 200)}",
        "Try the query in the sqlite3 shell on the same file; it must be one SELECT.",
        inner);
}
