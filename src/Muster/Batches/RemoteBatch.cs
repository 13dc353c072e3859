namespace Muster.Batches;

public enum RemoteStatus { InProgress, Canceling, Ended }

/// <summary>What the remote says of a batch. Counts before <see cref="RemoteStatus.Ended"/> decide nothing.</summary>
public sealed record RemoteBatch(
    string Id, RemoteStatus Status, RequestCounts Counts, DateTimeOffset CreatedAt, DateTimeOffset ExpiresAt, DateTimeOffset? EndedAt,
    DateTimeOffset? ArchivedAt, DateTimeOffset? CancelInitiatedAt)
{
    /// <summary>How long the remote keeps results, from the batch's creation.</summary>
    internal static readonly TimeSpan ResultsKept = TimeSpan.FromDays(29);

    /// <summary>False when the remote names no address for the results. Not stored: true of a batch read from a store.</summary>
    internal bool HasResultsUrl { get; init; } = true;

    /// <summary>True when the results of the ended batch are no longer to be had.</summary>
    internal bool IsArchivedAt(DateTimeOffset serverNow) =>
        Status == RemoteStatus.Ended && (ArchivedAt is not null || !HasResultsUrl || serverNow - CreatedAt >= ResultsKept);
}

public sealed record RequestCounts(int Processing, int Succeeded, int Errored, int Canceled, int Expired)
{
    /// <summary>Always the number of requests submitted.</summary>
    public int Total => Processing + Succeeded + Errored + Canceled + Expired;
}
