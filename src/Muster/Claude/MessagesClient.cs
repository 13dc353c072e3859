using System.Net;
using System.Text.Json;

namespace Muster.Claude;

/// <summary>The Messages API, for the synchronous lane. A request is sent at most once: nothing here or below sends it again.</summary>
internal sealed class MessagesClient(HttpClient http, ClaudeOptions options)
{
    private const int Overloaded = 529;

    /// <param name="body">The <c>params</c> of a request of a batch; the API takes the same here.</param>
    public async Task<MessageReply> SendAsync(ReadOnlyMemory<byte> body, CancellationToken cancellationToken = default)
    {
        using var request = ApiRequest.Of(options, HttpMethod.Post, "/v1/messages");
        using var content = new OnceContent(body);
        request.Content = content;
        using var patience = new CancellationTokenSource(options.CreateReplyTimeout, options.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, patience.Token);
        try
        {
            using var reply = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token);
            return Judge(reply, await reply.Content.ReadAsByteArrayAsync(either.Token));
        }
        catch (Exception problem) when (problem is HttpRequestException or IOException or OperationCanceledException or GateClosedException)
        {
            return content.HasLeft
                ? new MessageReply.Lost(BatchesClient.Reason(problem))
                : new MessageReply.NotTaken(BatchesClient.Reason(problem), null);
        }
    }

    private static MessageReply Judge(HttpResponseMessage reply, byte[] body)
    {
        var status = (int)reply.StatusCode;
        if (status is >= 200 and < 300)
            return OneLine(body) is { } message ? new MessageReply.Answered(message) : new MessageReply.Lost($"HTTP {status} with a body that is not a message");
        var error = ApiError.Parse(status, body, BatchesClient.RequestId(reply));
        var isOverloaded = error.IsTheApis && (status == Overloaded || error.Type == "overloaded_error");
        if (error.Cause == ErrorCause.RateLimited || isOverloaded)
            return new MessageReply.NotTaken(error.ToString(), BatchesClient.RetryAfter(reply)) { Overload = isOverloaded ? error : null };
        // The service or what stands before it may give up while the answer is still made, and billed.
        if (status is 408 or 409 or >= 500)
            return new MessageReply.Lost(error.ToString());
        if (error.IsTheApis)
            return new MessageReply.Refused(error);
        return TypeOf(status) is { } type
            ? new MessageReply.Refused(error with { Type = type })
            : new MessageReply.NotTaken(error.ToString(), null) { IsTurnedAway = true };
    }

    /// <summary>What a status says by itself, in words that are not the API's; null when it may be about the way and not about us or the request.</summary>
    private static string? TypeOf(int status) => status switch
    {
        401 => "authentication_error",
        402 => "billing_error",
        403 => "permission_error",
        413 => "request_too_large",
        _ => null,
    };

    /// <summary>The body as it is where it fits a line of an archive; null when it is no message, which has its usage.</summary>
    private static ReadOnlyMemory<byte>? OneLine(byte[] body)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            if (document.RootElement.ValueKind != JsonValueKind.Object || !document.RootElement.TryGetProperty("usage", out _))
                return null;
            if (body.AsSpan().IndexOfAny((byte)'\n', (byte)'\r') < 0)
                return body;
            using var line = new MemoryStream();
            using (var json = new Utf8JsonWriter(line, new JsonWriterOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
                document.RootElement.WriteTo(json);
            return line.ToArray();
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>A body that can be sent once: a pooled connection that died is not tried again behind our back.</summary>
    private sealed class OnceContent : HttpContent
    {
        private readonly ReadOnlyMemory<byte> bytes;
        private volatile bool hasLeft;

        public OnceContent(ReadOnlyMemory<byte> bytes)
        {
            this.bytes = bytes;
            Headers.TryAddWithoutValidation("Content-Type", "application/json");
        }

        /// <summary>True once bytes of it may be on their way.</summary>
        public bool HasLeft => hasLeft;

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
            SerializeToStreamAsync(stream, context, CancellationToken.None);

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
        {
            if (hasLeft)
                throw new GateClosedException("the body was asked for a second time; a request is never sent twice");
            hasLeft = true;
            await stream.WriteAsync(bytes, cancellationToken);
        }

        protected override bool TryComputeLength(out long length)
        {
            length = bytes.Length;
            return true;
        }
    }
}
