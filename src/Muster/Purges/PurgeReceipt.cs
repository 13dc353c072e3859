using Muster.Runs;

namespace Muster.Purges;

/// <summary>What a purge came to.</summary>
/// <param name="Rows">Rows whose words were removed.</param>
/// <param name="Lines">Result lines removed from archives.</param>
/// <param name="Images">Keys whose images left the target's promotion log.</param>
/// <param name="Deleted">Remote batches deleted, or found gone.</param>
/// <param name="Left">Remote batches that are still there, and why.</param>
internal sealed record PurgeReceipt(string Run, PurgeScope Scope, long Rows, long Lines, long Images, int Deleted, IReadOnlyList<LeftRemote> Left, Ledger Ledger)
{
    /// <summary>False while a copy is left that the same command would delete.</summary>
    public bool IsDone => Left.All(left => left.Fate != Fate.Delete);
}

internal sealed record LeftRemote(string Batch, string RemoteId, Fate Fate, DateTimeOffset KeptUntil, string Why);
