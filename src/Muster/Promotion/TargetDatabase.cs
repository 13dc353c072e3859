using System.Text.RegularExpressions;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Muster.Promotion;

internal enum Opening
{
    /// <summary>Someone else's database: it must be there.</summary>
    Existing,

    /// <summary>Our own database: made when missing, for its owner only.</summary>
    Create,
}

/// <summary>One connection to a database that we do not trust and must not harm, with the functions and statements of promotion.</summary>
internal sealed partial class TargetDatabase : IDisposable
{
    private const int BusyTimeoutMs = 5_000;

    // Enough for the inner pages of a table with millions of rows; a sort of keys takes as much again, twice at its peak.
    private const int CacheKiB = 8_192;

    private readonly CancellationToken _cancellationToken;
    private readonly CancellationTokenRegistration _interrupt;

    private TargetDatabase(SqliteConnection connection, CancellationToken cancellationToken)
    {
        Connection = connection;
        _cancellationToken = cancellationToken;
        var handle = connection.Handle!;
        _interrupt = cancellationToken.Register(() => raw.sqlite3_interrupt(handle));
    }

    internal SqliteConnection Connection { get; }

    internal bool InTransaction => raw.sqlite3_get_autocommit(Connection.Handle!) == 0;

    internal static TargetDatabase Open(string path, Opening opening, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (opening == Opening.Create) OwnerOnly.Create(path);
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder
        {
            DataSource = path,
            Mode = SqliteOpenMode.ReadWrite,
            Pooling = false,
            DefaultTimeout = BusyTimeoutMs / 1000,
        }.ConnectionString);
        try
        {
            connection.Open();
            connection.EnableExtensions(false);
            ImageFunctions.Register(connection.Handle!);
            var database = new TargetDatabase(connection, cancellationToken);
            database.Run(
                $"pragma trusted_schema = off; pragma cell_size_check = on; pragma foreign_keys = on; pragma synchronous = full; "
                + $"pragma busy_timeout = {BusyTimeoutMs}; pragma cache_size = -{CacheKiB};");
            return database;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    internal long Run(string sql, params ReadOnlySpan<SqlArgument> arguments)
    {
        using var command = Command(sql, arguments);
        return command.ExecuteNonQuery();
    }

    internal T? Scalar<T>(string sql, params ReadOnlySpan<SqlArgument> arguments)
    {
        using var command = Command(sql, arguments);
        var value = command.ExecuteScalar();
        return value is null or DBNull ? default : (T)value;
    }

    internal List<T> List<T>(string sql, Func<SqliteDataReader, T> read, params ReadOnlySpan<SqlArgument> arguments)
    {
        using var command = Command(sql, arguments);
        using var reader = command.ExecuteReader();
        var rows = new List<T>();
        while (reader.Read()) rows.Add(read(reader));
        return rows;
    }

    internal SqliteCommand Command(string sql, params ReadOnlySpan<SqlArgument> arguments)
    {
        _cancellationToken.ThrowIfCancellationRequested();
        var command = Connection.CreateCommand();
        command.CommandText = sql;
        foreach (var argument in arguments) command.Parameters.AddWithValue(argument.Name, argument.Value ?? DBNull.Value);
        return command;
    }

    /// <summary>A statement of the <c>Sql</c> folder with <c>{{name}}</c> replaced by fragments that only <see cref="Identifier"/> and
    /// this folder wrote. One pass: a name that contains braces stays as it is.</summary>
    internal static string Sql(string name, params ReadOnlySpan<SqlArgument> fragments)
    {
        using var stream = typeof(TargetDatabase).Assembly.GetManifestResourceStream($"Muster.Promotion.Sql.{name}.sql")
            ?? throw new InvalidOperationException($"There is no statement {name}.sql.");
        using var text = new StreamReader(stream);
        var parts = new Dictionary<string, string>();
        foreach (var fragment in fragments) parts.Add(fragment.Name, (string)fragment.Value!);
        return Placeholder().Replace(text.ReadToEnd(), m => parts[m.Groups[1].Value]);
    }

    public void Dispose()
    {
        _interrupt.Dispose();
        Connection.Dispose();
    }

    [GeneratedRegex("""\{\{([a-z]+)\}\}""", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Placeholder();
}

/// <summary>A parameter's or a fragment's name and value.</summary>
internal readonly record struct SqlArgument(string Name, object? Value)
{
    public static implicit operator SqlArgument((string Name, object? Value) pair) => new(pair.Name, pair.Value);
}
