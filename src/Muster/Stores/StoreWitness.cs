namespace Muster.Stores;

/// <summary>
/// What lies beside the database says what the database must hold. One that was lost, emptied, cut or replaced by an older copy is refused:
/// taken for what it seems, it would ask and pay again for rows that were asked.
/// </summary>
internal static class StoreWitness
{
    private const string Hint = "Restore it from a backup that is not older; the remote's list of batches says what was asked since. "
        + "To begin anew on purpose and pay every row again, move the whole folder away.";

    /// <summary>Refuses to begin a new store where another one was.</summary>
    /// <param name="database">The database, which is not there or holds nothing.</param>
    /// <exception cref="StoreException">Intents, archives or a log of the database's transactions lie beside it.</exception>
    public static void RefuseTraces(string database)
    {
        var folder = Path.GetDirectoryName(database)!;
        var intents = IntentLog.Read(Path.Combine(folder, IntentLog.FileName), out var unreadable).Count + unreadable;
        var archives = Directory.Exists(Path.Combine(folder, "archive")) ? Directory.EnumerateFiles(Path.Combine(folder, "archive"), "*.jsonl.gz").Count() : 0;
        var isThere = File.Exists(database) && new FileInfo(database).Length > 0;
        // SQLite deletes the log of a database that is not there. Of one that is there it was read already.
        var isLogged = !isThere && new FileInfo(database + "-wal") is { Exists: true, Length: > 0 };
        if (intents + archives == 0 && !isLogged)
            return;
        var traces = string.Join(", ", new[]
        {
            intents > 0 ? Amount.Of(intents, "intent") : null, archives > 0 ? Amount.Of(archives, "archive") : null, isLogged ? "its -wal file" : null,
        }.OfType<string>());
        throw new StoreException($"{database} {(isThere || File.Exists(database) ? "is empty" : "is missing")}, although beside it lie {traces}. Nothing was changed.", Hint);
    }

    /// <summary>Refuses a database that lacks what it held when the log beside it was written.</summary>
    /// <param name="database">Where it is, to be named.</param>
    /// <param name="held">What it holds.</param>
    /// <exception cref="StoreException">A batch that was sealed, or a run that had batches, is not in it.</exception>
    public static void RefuseOlder(string database, StoreContents held)
    {
        var log = Path.Combine(Path.GetDirectoryName(database)!, IntentLog.FileName);
        var lost = Lost(IntentLog.Read(log, out _), held);
        if (lost.Count == 0)
            return;
        var first = lost[0];
        throw new StoreException($"{database} is older than {IntentLog.FileName} beside it, or its -wal file was lost: it lacks "
            + $"{first.Batch} with {Amount.Of(first.Requests, "request")} (run {first.Run}, nonce {first.Nonce})"
            + $"{(lost.Count > 1 ? $" and {lost.Count - 1} more" : "")}. Nothing was changed.",
            "`muster reconcile` names what is lacking. " + Hint);
    }

    /// <summary>
    /// What the database held for certain and lacks. A line is written before its batch is committed, so one whose process died in between
    /// has none, and its number is given again: that is no loss. The line that says sealed is written after the commit; a run has batches
    /// only after it is committed itself; and a number is given only when the one before it is committed.
    /// </summary>
    internal static IReadOnlyList<LoggedIntent> Lost(IReadOnlyList<LoggedIntent> logged, StoreContents held) =>
        [.. logged.Where(line => !held.Nonces.Contains(line.Nonce)
            && (line.IsSealed || !held.RunTags.Contains(line.Run) || line.Number > held.LastBatch + 1))];
}

/// <summary>What the log beside a database is compared with.</summary>
/// <param name="LastBatch">The highest number of a batch; 0 when there is none.</param>
internal sealed record StoreContents(IReadOnlySet<string> Nonces, IReadOnlySet<string> RunTags, long LastBatch);
