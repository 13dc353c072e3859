namespace Muster.Claude;

/// <summary>What became of one synchronous request. Only <see cref="Lost"/> leaves open whether it is billed.</summary>
internal abstract record MessageReply
{
    private MessageReply() { }

    /// <param name="Message">The API's message, as JSON on one line.</param>
    public sealed record Answered(ReadOnlyMemory<byte> Message) : MessageReply;

    /// <summary>The API judged the request and did not answer it: not billed.</summary>
    public sealed record Refused(ApiError Error) : MessageReply;

    /// <summary>It never left, or the API took no such request now: the same request may be made again.</summary>
    /// <param name="RetryAfter">The server's hint when, or null.</param>
    public sealed record NotTaken(string Why, TimeSpan? RetryAfter) : MessageReply
    {
        /// <summary>The service's words when it was overloaded, which may have to do with this request; null otherwise.</summary>
        public ApiError? Overload { get; init; }

        /// <summary>True when something before the API refused it, in words that are not the API's: no request of ours gets through.</summary>
        public bool IsTurnedAway { get; init; }
    }

    /// <summary>It left, and no readable reply of the API came.</summary>
    public sealed record Lost(string Why) : MessageReply;
}
