using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;

namespace Muster.Alerts;

/// <summary>What became of an alert at one address.</summary>
/// <param name="Host">The address's host; the rest of it may be a secret.</param>
/// <param name="Why">Null when it was taken.</param>
internal sealed record AlertDelivery(string Host, int Attempts, int? Status, string? Why);

/// <summary>
/// Posts an alert. Follows no redirect, uses no proxy, connects only to the address that was judged, tries a bounded number of times,
/// and never throws for what the receiver does.
/// </summary>
internal sealed class AlertSender : IDisposable
{
    private readonly AlertOptions options;
    private readonly TimeProvider time;
    private readonly HttpClient http;

    public AlertSender(AlertOptions options, TimeProvider time)
    {
        this.options = options;
        this.time = time;
        http = new HttpClient(new SocketsHttpHandler
        {
            AllowAutoRedirect = false, UseProxy = false, UseCookies = false, Credentials = null, ConnectCallback = ConnectAsync,
            // Each alert is a connection of its own: a name that changes its address is judged again.
            PooledConnectionLifetime = TimeSpan.Zero,
        })
        { Timeout = Timeout.InfiniteTimeSpan };
    }

    public async Task<AlertDelivery> SendAsync(AlertAddress address, Alert alert, CancellationToken cancellationToken = default)
    {
        var body = address.Key is null ? AlertForm.Slack(alert) : AlertForm.Webhook(alert);
        var wait = options.Backoff;
        for (var attempt = 1; ; attempt++)
        {
            var seen = await TryAsync(address, alert.Id, body, cancellationToken);
            if (seen.Why is null || !seen.MayRetry || attempt >= options.Attempts)
                return new AlertDelivery(address.Uri.Host, attempt, seen.Status, seen.Why);
            await Task.Delay(wait, time, cancellationToken);
            wait *= 2;
        }
    }

    public void Dispose() => http.Dispose();

    private async Task<Seen> TryAsync(AlertAddress address, string id, byte[] body, CancellationToken cancellationToken)
    {
        using var silence = new CancellationTokenSource(options.Timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, silence.Token);
        using var request = new HttpRequestMessage(HttpMethod.Post, address.Uri) { Version = HttpVersion.Version11, Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        if (address.Key is { } key)
        {
            var at = time.GetUtcNow();
            request.Headers.TryAddWithoutValidation(AlertSignature.IdHeader, id);
            request.Headers.TryAddWithoutValidation(AlertSignature.TimestampHeader, AlertSignature.Timestamp(at));
            request.Headers.TryAddWithoutValidation(AlertSignature.SignatureHeader, AlertSignature.Of(key, id, at, body));
        }

        try
        {
            // The reply's body is of no use and never read.
            using var reply = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token);
            return (int)reply.StatusCode switch
            {
                >= 200 and < 300 and var ok => new Seen(ok, null, MayRetry: false),
                >= 300 and < 400 and var moved => new Seen(moved, $"it answered {moved}, and redirects are not followed", MayRetry: false),
                (408 or 429 or >= 500) and var busy => new Seen(busy, $"it answered {busy}", MayRetry: true),
                var refused => new Seen(refused, $"it answered {refused}", MayRetry: false),
            };
        }
        catch (HttpRequestException problem) when (problem.InnerException is AddressRefusedException refused)
        {
            return new Seen(null, refused.Message, MayRetry: false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new Seen(null, $"no answer within {options.Timeout.TotalSeconds:0.#} s", MayRetry: true);
        }
        catch (Exception problem) when (problem is HttpRequestException or IOException or SocketException)
        {
            // The message may quote the address; its kind says enough.
            return new Seen(null, problem is HttpRequestException { HttpRequestError: not HttpRequestError.Unknown and var kind }
                ? $"it cannot be reached: {kind}" : "it cannot be reached", MayRetry: true);
        }
    }

    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var host = context.DnsEndPoint.Host;
        var addresses = IPAddress.TryParse(host, out var literal) ? [literal] : await options.Resolve(host, cancellationToken);
        // One bad address among good ones is how a name is pointed elsewhere between two looks.
        foreach (var address in addresses)
        {
            if (AddressRule.Refusal(address, options.Allowance) is { } what)
                throw new AddressRefusedException($"{Excerpt.Of(host)} is {what}, where alerts do not go");
        }

        if (addresses.Length == 0)
            throw new SocketException((int)SocketError.HostNotFound);
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(addresses, context.DnsEndPoint.Port, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private readonly record struct Seen(int? Status, string? Why, bool MayRetry);
}

/// <summary>A name leads where alerts do not go. Crosses the HTTP client only.</summary>
internal sealed class AddressRefusedException(string message) : Exception(message);
