using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Muster.Stores;

/// <summary>Turns what SQLite says of the store's database into a refusal with a next step: full, damaged, locked, not usable.</summary>
internal static class StoreRefusal
{
    /// <summary>Runs what uses the store of a folder.</summary>
    /// <exception cref="StoreException">The database is damaged, locked by another program or not usable, or its disk is full.</exception>
    public static async Task<T> NamedAsync<T>(string folder, Func<Task<T>> work)
    {
        try
        {
            return await work();
        }
        catch (Exception problem) when (Of(problem, folder) is not null)
        {
            throw Of(problem, folder)!;
        }
    }

    /// <summary>The refusal to throw instead of <paramref name="problem"/>, or null when it is one already or not the store's.</summary>
    public static StoreException? Of(Exception problem, string folder)
    {
        if (DiskFull.Of(problem, folder) is { } full)
            return full;
        // What was refused by name, a source or a target perhaps, is not the store's.
        for (var cause = problem; cause is not null and not MusterException; cause = cause.InnerException)
        {
            if (cause is SqliteException found)
                return Of(found, folder);
        }

        return null;
    }

    public static StoreException Damaged(string folder, string what, Exception? inner = null) =>
        new($"{Database(folder)} is damaged: {what}",
            "Restore the folder from a backup and keep the damaged one; nothing was repaired. A new store would ask and pay every row again.", inner);

    private static StoreException? Of(SqliteException problem, string folder) => problem.SqliteErrorCode switch
    {
        raw.SQLITE_CORRUPT or raw.SQLITE_NOTADB => Damaged(folder, problem.Message, problem),
        raw.SQLITE_BUSY or raw.SQLITE_LOCKED or raw.SQLITE_PROTOCOL => new($"Another program has {Database(folder)} locked: {problem.Message}",
            "Wait until it is done, or close it, and repeat the command; the store is as it was.", problem),
        raw.SQLITE_IOERR or raw.SQLITE_CANTOPEN or raw.SQLITE_READONLY or raw.SQLITE_PERM => new($"{Database(folder)} cannot be used: {problem.Message}",
            "Check that the folder is there, is yours and is writable, and that its disk is sound; then repeat the command.", problem),
        _ => null,
    };

    private static string Database(string folder) => Path.Combine(folder, StoreDefaults.DatabaseName);
}
