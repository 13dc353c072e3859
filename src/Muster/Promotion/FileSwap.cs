namespace Muster.Promotion;

internal enum SwapOutcome { Nothing, Finished, Undone }

/// <summary>
/// Exchanges the file for its next version. The intention is committed together with the promotion; whoever opens the target next
/// finishes it, or, when the file is no longer the one the promotion was made for, marks the promotion as not done.
/// </summary>
internal sealed class FileSwap(TargetDatabase database, string path, TimeProvider time, Action<string> reached)
{
    /// <summary>Inside the promotion's transaction: writes the next version beside the file and notes the intention.</summary>
    internal void Intend(FileTable table, string promotion, string action)
    {
        var next = Beside(promotion, "next");
        var hash = Export(table, next);
        reached("file.exported");
        var old = table.LoadedHash();
        if (hash == old)
        {
            File.Delete(next);
            return;
        }

        database.Run(
            """
            insert into main.muster_file_pending (one, promotion, action, next, next_hash, old_hash)
            values (1, $promotion, $action, $next, $hash, $old)
            """,
            ("$promotion", promotion), ("$action", action), ("$next", next), ("$hash", hash), ("$old", old));
    }

    private static string Export(FileTable table, string next)
    {
        try
        {
            return table.Export(next);
        }
        catch (IOException)
        {
            // On a full disk half a version takes the room that is lacking.
            File.Delete(next);
            throw;
        }
    }

    /// <summary>Does what is intended, whoever intended it.</summary>
    internal SwapOutcome Finish()
    {
        var pending = database.List(
            "select promotion, action, next, next_hash, old_hash from main.muster_file_pending",
            r => new Pending(r.GetString(0), r.GetString(1), r.GetString(2), r.GetString(3), r.GetString(4))).FirstOrDefault();
        if (pending is null)
        {
            Sweep();
            return SwapOutcome.Nothing;
        }

        var current = FileTable.HashOf(path);
        if (current != pending.NextHash)
        {
            if (current != pending.OldHash || FileTable.HashOf(pending.Next) != pending.NextHash) return Undo(pending);
            Keep(pending);
            reached("file.kept");
            File.Move(pending.Next, path, overwrite: true);
        }

        reached("file.renamed");
        database.Run("delete from main.muster_file_pending");
        reached("file.settled");
        return SwapOutcome.Finished;
    }

    /// <summary>The version before a promotion.</summary>
    internal string Previous(string promotion) => $"{path}.{Safe(promotion)}.prev";

    private void Keep(Pending pending)
    {
        if (!File.Exists(path)) return;
        // The file keeps the rights it had; only a new one is for its owner alone.
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(pending.Next, File.GetUnixFileMode(path));
        if (pending.Action != "apply") return;
        var copy = Beside(pending.Promotion, "copy");
        using (var from = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete))
        using (var to = OwnerOnly.Write(copy))
        {
            from.CopyTo(to);
            to.Flush(flushToDisk: true);
        }

        File.Move(copy, Previous(pending.Promotion), overwrite: true);
    }

    private SwapOutcome Undo(Pending pending)
    {
        database.Run("begin immediate");
        database.Run(
            TargetDatabase.Sql(pending.Action == "apply" ? "unapply" : "unrollback"),
            ("$promotion", pending.Promotion), ("$at", time.GetUtcNow().ToString("O")));
        database.Run("delete from main.muster_file_pending; update main.muster_file_state set hash = 'none'");
        database.Run("commit");
        File.Delete(pending.Next);
        return SwapOutcome.Undone;
    }

    // A process that died before its commit leaves the next version behind.
    private void Sweep()
    {
        foreach (var file in Directory.EnumerateFiles(Path.GetDirectoryName(path)!))
        {
            var name = Path.GetFileName(file);
            if (!name.StartsWith($".{Path.GetFileName(path)}.", StringComparison.Ordinal)) continue;
            if (name.EndsWith(".muster-next", StringComparison.Ordinal) || name.EndsWith(".muster-copy", StringComparison.Ordinal))
            {
                File.Delete(file);
            }
        }
    }

    private string Beside(string promotion, string what) =>
        Path.Combine(Path.GetDirectoryName(path)!, $".{Path.GetFileName(path)}.{Safe(promotion)}.muster-{what}");

    private static string Safe(string id) => string.Concat(id.Select(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' ? c : '_'));

    private sealed record Pending(string Promotion, string Action, string Next, string NextHash, string OldHash);
}
