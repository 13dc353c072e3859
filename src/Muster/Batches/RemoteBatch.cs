namespace Muster.Batches;

public enum RemoteStatus { InProgress, Canceling, Ended }

/// <summary>What the remote says of a batch. Counts before <see cref="RemoteStatus.Ended"/> decide nothing.</summary>
public sealed record RemoteBatch(
    string Id, RemoteStatus Status, RequestCounts Counts, DateTimeOffset CreatedAt, DateTimeOffset ExpiresAt, DateTimeOffset? EndedAt,
    DateTimeOffset? ArchivedAt, DateTimeOffset? CancelInitiatedAt);

public sealed record RequestCounts(int Processing, int Succeeded, int Errored, int Canceled, int Expired)
{
    /// <summary>Always the number of requests submitted.</summary>
    public int Total => Processing + Succeeded + Errored + Canceled + Expired;
}
