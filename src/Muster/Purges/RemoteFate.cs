using Muster.Batches;

namespace Muster.Purges;

/// <summary>What a purge can do about a remote batch.</summary>
internal enum Fate
{
    /// <summary>Deleted through the API, which takes whole batches: of the rows that stay, our archive holds the results.</summary>
    Delete,

    /// <summary>It holds rows that stay, and their results are not known to be ours.</summary>
    Shared,

    /// <summary>The remote has removed it by itself, 29 days after its creation.</summary>
    Gone,
}

/// <summary>What becomes of one remote batch. Pure.</summary>
/// <param name="KeptUntil">Until when the remote keeps its results.</param>
/// <param name="Why">Why a shared one stays; null for the others.</param>
internal sealed record RemoteFate(string Batch, string RemoteId, Fate Fate, DateTimeOffset KeptUntil, string? Why)
{
    /// <param name="damage">What is wrong with our archive of the batch; null when it is the file that was written.</param>
    public static RemoteFate Of(Batch batch, PurgeScope scope, string? damage, DateTimeOffset now)
    {
        var until = Until(batch);
        var why = scope == PurgeScope.Run ? null
            : batch.State != BatchState.Settled ? $"it holds rows that stay, and it is {EnumName.Words(batch.State)}: their results are not all in our archive"
            : damage is not null ? $"it holds rows that stay, and {damage}"
            : null;
        return until <= now ? new RemoteFate(batch.Name, batch.RemoteId!, Fate.Gone, until, null)
            : new RemoteFate(batch.Name, batch.RemoteId!, why is null ? Fate.Delete : Fate.Shared, until, why);
    }

    /// <summary>Nothing of a duplicate is used, so all of it may go with any of its rows.</summary>
    public static RemoteFate Of(Duplicate duplicate, Batch batch, DateTimeOffset now) =>
        new(batch.Name, duplicate.RemoteId, Until(batch) <= now ? Fate.Gone : Fate.Delete, Until(batch), null);

    private static DateTimeOffset Until(Batch batch) => (batch.Remote?.CreatedAt ?? batch.SealedAt) + RemoteBatch.ResultsKept;
}
