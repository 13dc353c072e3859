using System.Reflection;
using Microsoft.Data.Sqlite;

namespace Muster.Stores.Sqlite;

/// <summary>Named statements and the few lines around a command that every verb needs.</summary>
internal static class Sql
{
    /// <summary>The text of an embedded file <c>Stores/Sqlite/Sql/NAME.sql</c>.</summary>
    public static string Named(string name)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream($"Muster.Stores.Sqlite.Sql.{name}.sql")
            ?? throw new InvalidOperationException($"No embedded statement {name}.sql.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }

    public static int Execute(this SqliteConnection connection, string sql, SqliteTransaction? transaction = null, params object?[] values)
    {
        using var command = connection.Command(sql, transaction, values);
        return command.ExecuteNonQuery();
    }

    public static T Scalar<T>(this SqliteConnection connection, string sql, SqliteTransaction? transaction = null, params object?[] values)
    {
        using var command = connection.Command(sql, transaction, values);
        return (T)command.ExecuteScalar()!;
    }

    /// <summary>A command whose parameters are named <c>$1</c>, <c>$2</c> … in order.</summary>
    public static SqliteCommand Command(this SqliteConnection connection, string sql, SqliteTransaction? transaction, params object?[] values)
    {
        var command = connection.CreateCommand();
        command.CommandText = sql;
        command.Transaction = transaction;
        for (var i = 0; i < values.Length; i++)
            command.Parameters.AddWithValue($"${i + 1}", values[i] ?? DBNull.Value);
        return command;
    }

    public static string? Text(this SqliteDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetString(column);

    public static DateTimeOffset? Time(this SqliteDataReader reader, int column) =>
        reader.IsDBNull(column) ? null : Time(reader.GetString(column));

    public static DateTimeOffset Time(string text) =>
        DateTimeOffset.ParseExact(text, "o", System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>Times are stored as UTC in round-trip form, so text order is time order.</summary>
    public static string Text(DateTimeOffset time) => time.ToUniversalTime().ToString("o", System.Globalization.CultureInfo.InvariantCulture);

    public static string? Text(DateTimeOffset? time) => time is { } t ? Text(t) : null;

    /// <summary>A state's name as the database writes it: <c>InProgress</c> is <c>in_progress</c>.</summary>
    public static string Snake<T>(T value) where T : struct, Enum => EnumName.Snake(value);

    public static T Parse<T>(string text) where T : struct, Enum => Enum.Parse<T>(text.Replace("_", "", StringComparison.Ordinal), ignoreCase: true);
}
