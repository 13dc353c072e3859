using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Muster.Promotion;

/// <summary>Turns what SQLite and the file system refuse into refusals with a next step.</summary>
internal static class DatabaseErrors
{
    internal static async Task<T> Named<T>(string target, CancellationToken cancellationToken, Func<Task<T>> step)
    {
        try
        {
            return await step();
        }
        catch (SqliteException e) when (e.SqliteErrorCode == raw.SQLITE_INTERRUPT && cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException("The target's statement was interrupted.", e, cancellationToken);
        }
        catch (SqliteException e)
        {
            throw Of(target, e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new TargetException($"{target} cannot be used: {e.Message}", "Check the path, its rights and the free space.", e);
        }
    }

    /// <summary>Rows as they are read; what SQLite refuses on the way is named too.</summary>
    internal static IEnumerable<T> Named<T>(string target, IEnumerable<T> rows)
    {
        using var each = rows.GetEnumerator();
        while (true)
        {
            try
            {
                if (!each.MoveNext())
                    yield break;
            }
            catch (SqliteException e)
            {
                throw Of(target, e);
            }

            yield return each.Current;
        }
    }

    internal static TargetException Of(string target, SqliteException e) => e.SqliteErrorCode switch
    {
        raw.SQLITE_BUSY or raw.SQLITE_LOCKED => new(
            $"Another program is writing to {target}; nothing was changed.", "Wait until it is done and repeat the command.", e),
        raw.SQLITE_READONLY or raw.SQLITE_CANTOPEN or raw.SQLITE_PERM => new(
            $"{target} cannot be written: {e.Message}", "Give yourself the right to write the file and its folder.", e),
        raw.SQLITE_FULL => new($"There is no room left for {target}; nothing was changed.", "Free disk space and repeat the command.", e),
        raw.SQLITE_CORRUPT or raw.SQLITE_NOTADB => new(
            $"{target} is damaged: {e.Message}", "Run \"pragma integrity_check\" and restore the database from a backup.", e),
        _ => new($"{target} refuses: {e.Message} Nothing was changed.", "Look at the message and at the table's definition.", e),
    };

    /// <summary>Why a file, and the folder beside it that takes the journal, cannot be written; null when they can.</summary>
    internal static TargetFault? WriteFault(string path)
    {
        try
        {
            using (new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete))
            {
            }

            return FolderFault(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new($"{path} cannot be written: {e.Message}", "Give yourself the right to write it.");
        }
    }

    /// <summary>Why no file can be made beside this one; null when it can.</summary>
    internal static TargetFault? FolderFault(string path)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        var probe = Path.Combine(folder, $".{Path.GetFileName(path)}.muster-check");
        try
        {
            OwnerOnly.Write(probe).Dispose();
            File.Delete(probe);
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new($"No file can be made in {folder}: {e.Message}", "Create the folder, or give yourself the right to write to it.");
        }
    }
}
