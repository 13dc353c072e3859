namespace Muster.Claude;

/// <summary>Keeps the headers that the SDK's exceptions and models drop: the retry hint and the server's time.</summary>
internal sealed class ReplyTap(HttpMessageHandler inner, ServerClock clock) : DelegatingHandler(inner)
{
    private static readonly AsyncLocal<Call?> Current = new();

    public static Call Begin()
    {
        var call = new Call();
        Current.Value = call;
        return call;
    }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        // The one such await in the library: it stands inside HttpClient and the SDK, whose own awaits do the same, and would bring the
        // caller's context into the middle of them.
        var reply = await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
        if (reply.Headers.Date is { } date)
            clock.Learn(date);
        if (Current.Value is { } call)
        {
            call.HasReply = true;
            call.RetryAfter = BatchesClient.RetryAfter(reply);
            call.ServerTime = reply.Headers.Date;
        }

        return reply;
    }

    internal sealed class Call : IDisposable
    {
        /// <summary>True once headers came, whoever sent them.</summary>
        public bool HasReply { get; set; }

        public TimeSpan? RetryAfter { get; set; }

        public DateTimeOffset? ServerTime { get; set; }

        public void Dispose() => Current.Value = null;
    }
}
