using Microsoft.Data.Sqlite;
using Muster.Runs;

namespace Muster.Stores.Sqlite;

/// <summary>
/// The embedded store: one SQLite database, its archives and its intent log in one folder that belongs to one user. One process
/// writes at a time; any number may read. An instance is used by one caller at a time.
/// </summary>
internal sealed partial class SqliteStore : IStore
{
    private readonly SqliteConnection connection;
    private readonly DirectoryLock? folderLock;
    private readonly IntentLog intents;
    private readonly Dictionary<string, long> modelIds = new(StringComparer.Ordinal);

    private SqliteStore(string folder, SqliteConnection connection, DirectoryLock? folderLock)
    {
        Folder = folder;
        this.connection = connection;
        this.folderLock = folderLock;
        intents = new IntentLog(Path.Combine(folder, IntentLog.FileName));
    }

    /// <summary>The folder that holds everything of this store.</summary>
    public string Folder { get; }

    /// <summary>The folder of the result archives.</summary>
    public string ArchiveFolder => ArchivesIn(Folder);

    public static string ArchivesIn(string folder) => Path.Combine(folder, "archive");

    /// <summary>Opens the store for writing, creating it when it is not there.</summary>
    /// <exception cref="StoreException">Another process holds it, it is damaged or newer, or the folder is not writable.</exception>
    public static SqliteStore Open(string folder, string purpose, TimeProvider time, StoreLimits? limits = null)
    {
        CreateOwnerOnly(folder);
        var held = DirectoryLock.Take(folder, purpose, time.GetUtcNow());
        try
        {
            CreateOwnerOnly(Path.Combine(folder, "archive"));
            return new SqliteStore(folder, SqliteConnections.OpenForWriting(DatabasePath(folder), limits ?? StoreLimits.Default), held);
        }
        catch
        {
            held.Dispose();
            throw;
        }
    }

    /// <summary>False when there is no store in the folder and never was.</summary>
    /// <exception cref="StoreException">It was lost while what it wrote is there.</exception>
    public static bool IsIn(string folder)
    {
        if (!SqliteConnections.IsAbsent(DatabasePath(folder)))
            return true;
        StoreWitness.RefuseTraces(DatabasePath(folder));
        return false;
    }

    /// <summary>Opens an existing store for reading beside a writer; null when there is none and never was.</summary>
    /// <exception cref="StoreException">It is damaged, newer, locked by another program, or lost while what it wrote is there.</exception>
    public static SqliteStore? OpenForReading(string folder, StoreLimits? limits = null)
    {
        limits ??= StoreLimits.Default;
        if (!IsIn(folder))
            return null;
        var connection = SqliteConnections.OpenForReading(DatabasePath(folder), limits);
        if (connection.Scalar<long>("pragma user_version") < StoreDefaults.SchemaVersion)
        {
            // A reader cannot migrate; this waits for nobody: a process that holds the folder is named.
            connection.Dispose();
            var held = DirectoryLock.Take(folder, "bring the store up to date", TimeProvider.System.GetUtcNow());
            using (held)
                SqliteConnections.OpenForWriting(DatabasePath(folder), limits).Dispose();
            connection = SqliteConnections.OpenForReading(DatabasePath(folder), limits);
        }

        return new SqliteStore(folder, connection, null);
    }

    /// <summary>Reads every page of the database and refuses it when one does not hold together; some seconds per gigabyte.</summary>
    /// <exception cref="StoreException">It is damaged.</exception>
    public void RefuseDamaged()
    {
        string found;
        try
        {
            found = connection.Scalar<string>("pragma quick_check(1)");
        }
        catch (SqliteException problem) when (StoreRefusal.Of(problem, Folder) is not null)
        {
            throw StoreRefusal.Of(problem, Folder)!;
        }

        if (found != "ok")
            throw StoreRefusal.Damaged(Folder, Excerpt.Of(found));
    }

    public ValueTask DisposeAsync()
    {
        try
        {
            // A reader beside us keeps the last close from folding the log into the database.
            if (folderLock is not null)
                connection.Execute("pragma wal_checkpoint(truncate)");
        }
        catch (SqliteException)
        {
            // No room to fold it: everything committed is in the log, and the next opening reads it there.
        }
        finally
        {
            connection.Dispose();
            folderLock?.Dispose();
        }

        return ValueTask.CompletedTask;
    }

    private static string DatabasePath(string folder) => Path.Combine(folder, StoreDefaults.DatabaseName);

    private static void CreateOwnerOnly(string folder)
    {
        try
        {
            if (OperatingSystem.IsWindows())
                Directory.CreateDirectory(folder);
            else if (!Directory.Exists(folder))
                Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            throw new StoreException($"The folder {folder} cannot be created: {problem.Message}",
                "Use a folder that your user can write to.", problem);
        }
    }

    /// <summary>Moves rows between states in the books; the database refuses a negative line.</summary>
    private void MoveBooks(SqliteTransaction transaction, long runId, ReadOnlySpan<long> delta)
    {
        for (var state = 0; state < delta.Length; state++)
        {
            if (delta[state] != 0)
                connection.Execute("update ledger set rows = rows + $1 where run_id = $2 and state = $3", transaction, delta[state], runId, state);
        }
    }

    private static void Expect(int changed, int expected, string what)
    {
        if (changed != expected)
            throw new StoreException($"{what}: {changed} rows changed where {expected} were expected; the transaction was rolled back.",
                "Run `muster reconcile`; keep the folder as it is for a report.");
    }

    private static int Number(RowState state) => (int)state;
}
