using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Muster.Simulator.Wire;

/// <summary>
/// Carries calls to the router without a socket. A reply is whole before it is handed over; one that a fault cuts off ends in an
/// exception where the connection would have been reset. Nothing leaves the caller's thread unless a fault waits on the clock.
/// </summary>
internal sealed class InProcessHandler(Router router) : HttpMessageHandler
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        using var lifetime = new Lifetime(cancellationToken);
        using var body = new MemoryStream();
        var answer = new HttpResponseFeature();
        var http = new DefaultHttpContext(await FeaturesAsync(request, answer, body, lifetime, cancellationToken));
        try
        {
            await router.HandleAsync(http);
        }
        catch (OperationCanceledException) when (lifetime.IsAborted && !cancellationToken.IsCancellationRequested)
        {
            // The router gave the call up, as after a reset.
        }

        if (lifetime.IsAborted && body.Length == 0)
            throw new HttpRequestException("The connection was reset.");
        return Reply(answer, body.ToArray(), lifetime.IsAborted);
    }

    private static async Task<FeatureCollection> FeaturesAsync(
        HttpRequestMessage request, HttpResponseFeature answer, Stream body, Lifetime lifetime, CancellationToken cancellationToken)
    {
        var headers = new HeaderDictionary();
        var all = request.Content is null ? request.Headers : request.Headers.Concat(request.Content.Headers);
        foreach (var (name, values) in all)
            headers[name] = values.ToArray();
        if (request.Content?.Headers.ContentLength is { } length)
            headers.ContentLength = length;
        var uri = request.RequestUri!;
        var features = new FeatureCollection();
        features.Set<IHttpRequestFeature>(new HttpRequestFeature
        {
            Method = request.Method.Method, Path = Uri.UnescapeDataString(uri.AbsolutePath), QueryString = uri.Query, Scheme = uri.Scheme,
            Protocol = "HTTP/1.1", Headers = headers,
            Body = request.Content is null ? Stream.Null : await request.Content.ReadAsStreamAsync(cancellationToken),
        });
        features.Set<IHttpResponseFeature>(answer);
        features.Set<IHttpResponseBodyFeature>(new StreamResponseBodyFeature(body));
        features.Set<IHttpRequestLifetimeFeature>(lifetime);
        features.Set<IHttpMaxRequestBodySizeFeature>(new NoLimit());
        return features;
    }

    private static HttpResponseMessage Reply(HttpResponseFeature answer, byte[] body, bool cut)
    {
        var reply = new HttpResponseMessage((HttpStatusCode)answer.StatusCode)
        {
            Content = cut ? new StreamContent(new CutStream(body)) : new ByteArrayContent(body),
        };
        foreach (var (name, values) in answer.Headers)
        {
            if (!reply.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)values))
                reply.Content.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)values);
        }

        return reply;
    }

    private sealed class Lifetime : IHttpRequestLifetimeFeature, IDisposable
    {
        private readonly CancellationTokenSource _aborted;

        public Lifetime(CancellationToken callers)
        {
            _aborted = CancellationTokenSource.CreateLinkedTokenSource(callers);
            RequestAborted = _aborted.Token;
        }

        public bool IsAborted { get; private set; }

        public CancellationToken RequestAborted { get; set; }

        public void Abort()
        {
            IsAborted = true;
            _aborted.Cancel();
        }

        public void Dispose() => _aborted.Dispose();
    }

    private sealed class NoLimit : IHttpMaxRequestBodySizeFeature
    {
        public bool IsReadOnly => false;

        public long? MaxRequestBodySize { get; set; }
    }

    /// <summary>What came before a reset, then the reset.</summary>
    private sealed class CutStream(byte[] bytes) : MemoryStream(bytes, writable: false)
    {
        public override int Read(Span<byte> buffer)
        {
            var got = base.Read(buffer);
            return got > 0 || buffer.IsEmpty ? got : throw new IOException("The connection was reset.");
        }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => new(Read(buffer.Span));

        public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
            Task.FromResult(Read(buffer.AsSpan(offset, count)));
    }
}
