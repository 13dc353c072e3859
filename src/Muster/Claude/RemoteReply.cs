namespace Muster.Claude;

/// <summary>What a call that creates nothing came back with. None of these is an exception: each has its policy.</summary>
public abstract record RemoteReply<T>
{
    private RemoteReply() { }

    /// <param name="RetryAfter">The server's hint when to ask again, or null.</param>
    /// <param name="ServerTime">The reply's <c>Date</c>, by which windows on <c>created_at</c> are judged.</param>
    public sealed record Answered(T Value, TimeSpan? RetryAfter, DateTimeOffset? ServerTime) : RemoteReply<T>;

    /// <summary>404: on a known id no proof of absence.</summary>
    public sealed record NotFound(ApiError Error) : RemoteReply<T>;

    public sealed record Refused(ApiError Error, TimeSpan? RetryAfter) : RemoteReply<T>;

    /// <summary>No readable reply: connection, timeout, or a body that is not the API's.</summary>
    public sealed record Unreachable(string Why, Unreached How = Unreached.Connection) : RemoteReply<T>;
}

/// <summary>How a call went without a readable reply.</summary>
public enum Unreached
{
    /// <summary>No connection, a broken one, or no answer in time: may pass.</summary>
    Connection,

    /// <summary>The host's name does not resolve.</summary>
    Name,

    /// <summary>A reply came whole, and it is not the API's.</summary>
    NotTheApi,
}

/// <summary>What became of a create. Only <see cref="Created"/> and <see cref="Refused"/> and <see cref="NotSent"/> are certain.</summary>
public abstract record CreateOutcome
{
    private CreateOutcome() { }

    public sealed record Created(Batches.RemoteBatch Batch) : CreateOutcome;

    public sealed record Refused(ApiError Error, TimeSpan? RetryAfter) : CreateOutcome;

    /// <summary>The gate was never passed, so the body never became complete.</summary>
    /// <param name="IsCutOff">True when the connection failed or was too slow; false when an answer came first, or we stopped it ourselves.</param>
    public sealed record NotSent(string Why, bool IsCutOff) : CreateOutcome;

    public sealed record Unknown(string Why) : CreateOutcome;
}
