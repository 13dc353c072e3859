using Muster.Results;

namespace Muster.Purges;

/// <summary>What is removed: everything of a run, or the rows of some keys.</summary>
internal enum PurgeScope { Run, Keys }

internal enum PurgeState
{
    /// <summary>What goes is chosen and recorded; archives, images and remote batches may be gone already.</summary>
    Begun,

    /// <summary>The rows' words are out of the tables; pages and log may still hold them.</summary>
    Removed,
    Done,
}

/// <summary>One removal on purpose. It stays in the books when what it removed is gone.</summary>
internal sealed record Purge(long Id, long RunId, PurgeScope Scope, PurgeState State, DateTimeOffset At);

/// <param name="Removed">Lines that were removed, over all purges.</param>
/// <param name="Left">The archive as it is now; null when there is none any more.</param>
internal sealed record PurgedArchive(int Removed, Archive? Left);

/// <param name="Requests">Requests made for the rows.</param>
/// <param name="Staged">Accepted outputs among them.</param>
/// <param name="Batches">Ids of the batches that asked about them.</param>
internal sealed record PurgeCounts(long Rows, long Requests, long Staged, IReadOnlyList<long> Batches);

/// <summary>The purge cannot be done as it was asked for; what was done before stands, and the same command goes on from there.</summary>
internal sealed class PurgeException(string message, string hint, Exception? inner = null) : MusterException(message, hint, inner);
