using Muster.Batches;
using Muster.Runs;

namespace Muster.Purges;

/// <summary>What a purge would remove and what stays, before anything is touched.</summary>
/// <param name="Run">The run's name.</param>
/// <param name="Rows">Rows whose words go; rows that a purge took before are not among them.</param>
/// <param name="Requests">Requests made for them: lines of the archives.</param>
/// <param name="Staged">Accepted outputs among them.</param>
/// <param name="Archives">Archives that are removed or written again without the lines.</param>
/// <param name="ArchiveBytes">Their length now.</param>
/// <param name="PurgedBefore">Given keys that an earlier purge took.</param>
/// <param name="Missing">How many of the given keys the run does not have.</param>
/// <param name="Unfinished">Purges of the run that did not reach their end; they are finished first.</param>
/// <param name="AlsoIn">Other runs of the store that hold rows of the given keys.</param>
/// <param name="Remotes">The batches at the remote and what becomes of each.</param>
internal sealed record PurgePlan(
    string Run, PurgeScope Scope, long Rows, long Requests, long Staged, int Archives, long ArchiveBytes, int PurgedBefore, int Missing,
    int Unfinished, IReadOnlyList<string> AlsoIn, IReadOnlyList<RemoteFate> Remotes)
{
    public bool IsNothing => Rows == 0 && Unfinished == 0 && Remotes.All(remote => remote.Fate != Fate.Delete);
}

internal enum Fate
{
    /// <summary>Deleted through the API.</summary>
    Delete,

    /// <summary>It holds rows that stay, and the API deletes whole batches only.</summary>
    Shared,

    /// <summary>The remote has removed it by itself, 29 days after its creation.</summary>
    Gone,
}

/// <param name="KeptUntil">Until when the remote keeps its results.</param>
internal sealed record RemoteFate(string Batch, string RemoteId, Fate Fate, DateTimeOffset KeptUntil)
{
    // Days from creation to the end of the remote's copy.
    private const int ResultDays = 29;

    public static RemoteFate Of(Batch batch, PurgeScope scope, DateTimeOffset now)
    {
        var until = (batch.Remote?.CreatedAt ?? batch.SealedAt).AddDays(ResultDays);
        return new RemoteFate(batch.Name, batch.RemoteId!, until <= now ? Fate.Gone : scope == PurgeScope.Run ? Fate.Delete : Fate.Shared, until);
    }
}

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
