using Muster.Batches;

namespace Muster.Purges;

/// <summary>What a purge can do about a remote batch.</summary>
internal enum Fate
{
    /// <summary>Deleted through the API.</summary>
    Delete,

    /// <summary>It holds rows that stay, and the API deletes whole batches only.</summary>
    Shared,

    /// <summary>The remote has removed it by itself, 29 days after its creation.</summary>
    Gone,
}

/// <summary>What becomes of one remote batch.</summary>
/// <param name="KeptUntil">Until when the remote keeps its results.</param>
internal sealed record RemoteFate(string Batch, string RemoteId, Fate Fate, DateTimeOffset KeptUntil)
{
    public static RemoteFate Of(Batch batch, PurgeScope scope, DateTimeOffset now)
    {
        var until = Until(batch);
        return new RemoteFate(batch.Name, batch.RemoteId!, until <= now ? Fate.Gone : scope == PurgeScope.Run ? Fate.Delete : Fate.Shared, until);
    }

    /// <summary>Nothing of a duplicate is used, so all of it may go with any of its rows.</summary>
    public static RemoteFate Of(Duplicate duplicate, Batch batch, DateTimeOffset now) =>
        new(batch.Name, duplicate.RemoteId, Until(batch) <= now ? Fate.Gone : Fate.Delete, Until(batch));

    private static DateTimeOffset Until(Batch batch) => (batch.Remote?.CreatedAt ?? batch.SealedAt) + RemoteBatch.ResultsKept;
}
