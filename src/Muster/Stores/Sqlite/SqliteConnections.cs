using Microsoft.Data.Sqlite;

namespace Muster.Stores.Sqlite;

/// <summary>Opens the store's database with the settings it is safe with.</summary>
internal static class SqliteConnections
{
    /// <summary>In the order of their numbers; one that was released never changes.</summary>
    private static readonly string[] Migrations = ["001_lifecycle", "002_purges", "003_pilots", "004_review", "005_evals", "006_drift", "007_overrides", "008_lanes",
        "009_pilot_reading"];

    static SqliteConnections() => SQLitePCL.Batteries_V2.Init();

    /// <exception cref="StoreException">It cannot be opened, or is not what it was; see <see cref="StoreWitness"/>.</exception>
    public static SqliteConnection OpenForWriting(string path, StoreLimits limits)
    {
        var fresh = IsAbsent(path);
        if (fresh)
            StoreWitness.RefuseTraces(path);
        var connection = Open(path, SqliteOpenMode.ReadWriteCreate, limits);
        try
        {
            if (fresh)
            {
                OwnerOnly(path);
                connection.Execute($"pragma page_size = {StoreDefaults.PageBytes}");
                connection.Execute($"pragma application_id = {StoreDefaults.ApplicationId}");
            }

            RefuseForeign(connection, path);
            RefuseOlder(connection, path);
            connection.Execute("pragma journal_mode = wal");
            connection.Execute("pragma synchronous = full");
            connection.Execute("pragma wal_autocheckpoint = 2000");
            Settings(connection, StoreDefaults.CacheKibibytes);
            if (limits.MaxPages is { } pages)
                connection.Execute($"pragma max_page_count = {pages}");
            Migrate(connection);
            return connection;
        }
        catch (SqliteException problem)
        {
            connection.Dispose();
            throw Refused(path, problem);
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>A process killed while it made the file leaves an empty one.</summary>
    public static bool IsAbsent(string path) => new FileInfo(path) is not { Exists: true, Length: > 0 };

    public static SqliteConnection OpenForReading(string path, StoreLimits limits)
    {
        var connection = Open(path, SqliteOpenMode.ReadOnly, limits);
        try
        {
            RefuseForeign(connection, path);
            connection.Execute("pragma wal_autocheckpoint = 0");
            Settings(connection, StoreDefaults.ReaderCacheKibibytes);
            return connection;
        }
        catch (SqliteException problem)
        {
            connection.Dispose();
            throw Refused(path, problem);
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    private static StoreException Refused(string path, SqliteException problem) =>
        StoreRefusal.Of(problem, Path.GetDirectoryName(path)!) ?? new StoreException($"The store {path} cannot be opened: {problem.Message}",
            "Check that the folder exists, is yours and is writable, and that the disk is not full.", problem);

    private static SqliteConnection Open(string path, SqliteOpenMode mode, StoreLimits limits)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder
        {
            DataSource = path, Mode = mode, Pooling = false, DefaultTimeout = limits.LockWaitSeconds,
        }.ToString());
        try
        {
            connection.Open();
            return connection;
        }
        catch (SqliteException problem)
        {
            connection.Dispose();
            throw Refused(path, problem);
        }
    }

    private static void Settings(SqliteConnection connection, int cacheKibibytes)
    {
        connection.Execute($"pragma cache_size = -{cacheKibibytes}");
        connection.Execute("pragma trusted_schema = off");
        connection.Execute("pragma cell_size_check = on");
        connection.Execute("pragma foreign_keys = on");
    }

    private static void RefuseForeign(SqliteConnection connection, string path)
    {
        var id = connection.Scalar<long>("pragma application_id");
        if (id != StoreDefaults.ApplicationId)
            throw new StoreException($"{path} is an SQLite database, but not a Muster store (application id {id}).",
                "Point at the folder that Muster made, or move this file away.");
        var version = connection.Scalar<long>("pragma user_version");
        if (version > StoreDefaults.SchemaVersion)
            throw new StoreException(
                $"The store {path} has schema version {version}; this program knows versions up to {StoreDefaults.SchemaVersion}.",
                "Use the newer muster that wrote it.");
    }

    private static void RefuseOlder(SqliteConnection connection, string path)
    {
        if (connection.Scalar<long>("pragma user_version") == 0)
            StoreWitness.RefuseTraces(path);
        else
            StoreWitness.RefuseOlder(path, new StoreContents(Texts(connection, "select nonce from batch"), Texts(connection, "select tag from run"),
                connection.Scalar<long>("select coalesce(max(batch_id), 0) from batch")));
    }

    private static HashSet<string> Texts(SqliteConnection connection, string sql)
    {
        using var command = connection.Command(sql, null);
        using var reader = command.ExecuteReader();
        var texts = new HashSet<string>(StringComparer.Ordinal);
        while (reader.Read())
            texts.Add(reader.GetString(0));
        return texts;
    }

    private static void Migrate(SqliteConnection connection)
    {
        for (var version = (int)connection.Scalar<long>("pragma user_version"); version < Migrations.Length; version++)
        {
            using var transaction = new Transaction(connection);
            connection.Execute(Sql.Named(Migrations[version]), transaction);
            connection.Execute($"pragma user_version = {version + 1}", transaction);
            transaction.Commit();
        }
    }

    private static void OwnerOnly(string path)
    {
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }
}
