using System.Net;
using System.Text.Json;
using Anthropic;
using Anthropic.Exceptions;
using Anthropic.Models.Messages.Batches;
using Muster.Batches;

namespace Muster.Claude;

/// <summary>
/// The Message Batches API. Retrieve, list and cancel go through the official SDK with its retries off; create and results are
/// streamed by our own code, because the SDK holds whole batches in memory and resends creates.
/// </summary>
public sealed class BatchesClient : IDisposable
{
    private readonly ClaudeOptions options;
    private readonly HttpClient http;
    private readonly AnthropicClient sdk;

    public BatchesClient(ClaudeOptions options, HttpMessageHandler? transport = null)
    {
        this.options = options;
        Clock = new ServerClock(options.Time);
        http = new HttpClient(new ReplyTap(transport ?? Transport(), Clock)) { Timeout = Timeout.InfiniteTimeSpan, BaseAddress = options.BaseUrl };
        sdk = new AnthropicClient
        {
            BaseUrl = options.BaseUrl.ToString().TrimEnd('/'), ApiKey = options.ApiKey.Reveal(), HttpClient = http, MaxRetries = 0,
            Timeout = options.ReplyTimeout,
        };
        Messages = new MessagesClient(http, options);
    }

    /// <summary>The same service, key and connections, for requests outside a batch.</summary>
    internal MessagesClient Messages { get; }

    public Uri BaseUrl => options.BaseUrl;

    internal ClaudeOptions Options => options;

    /// <summary>The remote's time, as its replies tell it.</summary>
    internal ServerClock Clock { get; }

    /// <summary>Creates one batch, at most once: nothing here or below sends the body again.</summary>
    internal async Task<CreateOutcome> CreateAsync(SealedContent body, CancellationToken cancellationToken = default)
    {
        using var request = ApiRequest.Of(options, HttpMethod.Post, "/v1/messages/batches");
        body.Headers.TryAddWithoutValidation("Content-Type", "application/json");
        request.Content = body;
        // A refusal that does not depend on the body (key, limits, size) comes before it is sent.
        request.Headers.ExpectContinue = true;
        try
        {
            using var reply = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            var bytes = await reply.Content.ReadAsByteArrayAsync(cancellationToken);
            if ((int)reply.StatusCode is >= 200 and < 300)
            {
                return ReadBatch(bytes) is { } batch
                    ? new CreateOutcome.Created(batch)
                    : new CreateOutcome.Unknown($"HTTP {(int)reply.StatusCode} with a body that is not a batch");
            }

            var error = ApiError.Parse((int)reply.StatusCode, bytes, RequestId(reply));
            return IsCertainRefusal(reply.StatusCode) ? new CreateOutcome.Refused(error, RetryAfter(reply))
                : body.GatePassed ? new CreateOutcome.Unknown(error.ToString())
                : new CreateOutcome.NotSent(error.ToString(), IsCutOff: false);
        }
        catch (Exception problem) when (problem is HttpRequestException or IOException or GateClosedException or OperationCanceledException)
        {
            await body.StopAsync();
            if (!body.GatePassed && cancellationToken.IsCancellationRequested)
                return new CreateOutcome.NotSent("canceled before the last byte", IsCutOff: false);
            return body.GatePassed
                ? new CreateOutcome.Unknown(Reason(problem))
                : new CreateOutcome.NotSent(Reason(problem), IsCutOff: problem is not GateClosedException { IsSlow: false });
        }
    }

    public Task<RemoteReply<RemoteBatch>> RetrieveAsync(string id, CancellationToken cancellationToken = default) =>
        AskAsync(async token => Read(await sdk.Messages.Batches.Retrieve(id, cancellationToken: token)), cancellationToken);

    public Task<RemoteReply<RemoteBatch>> CancelAsync(string id, CancellationToken cancellationToken = default) =>
        AskAsync(async token => Read(await sdk.Messages.Batches.Cancel(id, cancellationToken: token)), cancellationToken);

    /// <summary>Deletes an ended batch with its requests and results, and answers with its id; what is in progress is refused.</summary>
    public Task<RemoteReply<string>> DeleteAsync(string id, CancellationToken cancellationToken = default) =>
        AskAsync(async token => (await sdk.Messages.Batches.Delete(id, cancellationToken: token)).ID, cancellationToken);

    /// <summary>One page of the workspace's batches, newest first, up to 1,000; other programs' are among them.</summary>
    public Task<RemoteReply<BatchPage>> ListAsync(string? afterId, CancellationToken cancellationToken = default) =>
        AskAsync(async token =>
        {
            var page = await sdk.Messages.Batches.List(new BatchListParams { Limit = 1000, AfterID = afterId }, token);
            var batches = page.Items.Select(Read).ToList();
            return new BatchPage(batches, page.HasNext() && batches.Count > 0);
        }, cancellationToken);

    /// <summary>Opens the results of an ended batch as raw bytes. The caller guards each read with the idle timeout.</summary>
    internal async Task<RemoteReply<HttpResponseMessage>> OpenResultsAsync(string id, CancellationToken cancellationToken = default)
    {
        using var request = ApiRequest.Of(options, HttpMethod.Get, $"/v1/messages/batches/{Uri.EscapeDataString(id)}/results");
        request.Headers.TryAddWithoutValidation("Accept", "application/x-jsonl");
        using var patience = new CancellationTokenSource(options.ReplyTimeout, options.Time);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, patience.Token);
        try
        {
            var reply = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, limit.Token);
            if (reply.IsSuccessStatusCode)
                return new RemoteReply<HttpResponseMessage>.Answered(reply, null, reply.Headers.Date);
            using (reply)
                return Refusal<HttpResponseMessage>(reply, await reply.Content.ReadAsByteArrayAsync(limit.Token));
        }
        catch (Exception problem) when (IsUnreachable(problem, cancellationToken))
        {
            return new RemoteReply<HttpResponseMessage>.Unreachable(Reason(problem), How(problem, hasReply: false));
        }
    }

    public void Dispose()
    {
        sdk.Dispose();
        http.Dispose();
    }

    private async Task<RemoteReply<T>> AskAsync<T>(Func<CancellationToken, Task<T>> call, CancellationToken cancellationToken)
    {
        using var tap = ReplyTap.Begin();
        using var patience = new CancellationTokenSource(options.ReplyTimeout, options.Time);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, patience.Token);
        try
        {
            var value = await call(limit.Token);
            return new RemoteReply<T>.Answered(value, tap.RetryAfter, tap.ServerTime);
        }
        catch (AnthropicApiException problem)
        {
            var error = ApiError.Parse((int)problem.StatusCode, System.Text.Encoding.UTF8.GetBytes(problem.ResponseBody ?? ""), problem.RequestID);
            return error.Cause == ErrorCause.NotFound
                ? new RemoteReply<T>.NotFound(error)
                : new RemoteReply<T>.Refused(error, tap.RetryAfter);
        }
        catch (Exception problem) when (problem is AnthropicException or JsonException || IsUnreachable(problem, cancellationToken))
        {
            return new RemoteReply<T>.Unreachable(Reason(problem), How(problem, tap.HasReply));
        }
    }

    private static RemoteReply<T> Refusal<T>(HttpResponseMessage reply, byte[] body)
    {
        var error = ApiError.Parse((int)reply.StatusCode, body, RequestId(reply));
        return error.Cause == ErrorCause.NotFound
            ? new RemoteReply<T>.NotFound(error)
            : new RemoteReply<T>.Refused(error, RetryAfter(reply));
    }

    // 408 and 409 and everything from 500 leave open whether a batch was made.
    private static bool IsCertainRefusal(HttpStatusCode status) => (int)status is 400 or 401 or 402 or 403 or 404 or 413 or 422 or 429;

    private static bool IsUnreachable(Exception problem, CancellationToken callers) =>
        problem is HttpRequestException or IOException || (problem is OperationCanceledException && !callers.IsCancellationRequested);

    private static Unreached How(Exception problem, bool hasReply)
    {
        for (Exception? cause = problem; cause is not null; cause = cause.InnerException)
        {
            if (cause is HttpRequestException { HttpRequestError: HttpRequestError.NameResolutionError })
                return Unreached.Name;
            if (cause is HttpRequestException or IOException or OperationCanceledException)
                return Unreached.Connection;
        }

        return hasReply ? Unreached.NotTheApi : Unreached.Connection;
    }

    private static SocketsHttpHandler Transport() => new()
    {
        AllowAutoRedirect = false, AutomaticDecompression = DecompressionMethods.GZip, UseCookies = false,
        ConnectTimeout = TimeSpan.FromSeconds(20), Expect100ContinueTimeout = TimeSpan.FromSeconds(2),
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
    };

    internal static string Reason(Exception problem) => problem switch
    {
        OperationCanceledException => "no answer in time",
        { InnerException: { } inner } => $"{problem.Message} ({Cause(inner)})",
        _ => problem.Message,
    };

    /// <summary>The message of a TLS failure only points at the exception inside.</summary>
    private static string Cause(Exception problem) =>
        problem is { InnerException: { } inner } && problem.Message.Contains("inner exception", StringComparison.Ordinal) ? Cause(inner) : problem.Message;

    internal static string? RequestId(HttpResponseMessage reply) =>
        reply.Headers.TryGetValues("request-id", out var values) ? values.FirstOrDefault() : null;

    internal static TimeSpan? RetryAfter(HttpResponseMessage reply) =>
        reply.Headers.RetryAfter switch
        {
            { Delta: { } delta } when delta > TimeSpan.Zero => delta,
            { Date: { } date } when reply.Headers.Date is { } now && date > now => date - now,
            _ => null,
        };

    private static RemoteBatch? ReadBatch(byte[] bytes)
    {
        try
        {
            return JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(bytes) is { } raw
                ? Read(MessageBatch.FromRawUnchecked(raw))
                : null;
        }
        catch (Exception problem) when (problem is JsonException or AnthropicException or NotSupportedException)
        {
            return null;
        }
    }

    private static RemoteBatch Read(MessageBatch batch) =>
        new(batch.ID, batch.ProcessingStatus.Raw() switch
            {
                "in_progress" => RemoteStatus.InProgress,
                "canceling" => RemoteStatus.Canceling,
                "ended" => RemoteStatus.Ended,
                // A status of a later day is followed until it says that it ended.
                _ => RemoteStatus.InProgress,
            },
            new RequestCounts((int)batch.RequestCounts.Processing, (int)batch.RequestCounts.Succeeded, (int)batch.RequestCounts.Errored,
                (int)batch.RequestCounts.Canceled, (int)batch.RequestCounts.Expired),
            batch.CreatedAt, batch.ExpiresAt, batch.EndedAt, batch.ArchivedAt, batch.CancelInitiatedAt)
        {
            HasResultsUrl = batch.ResultsUrl is not null,
        };
}

/// <param name="HasMore">True when older batches follow.</param>
public sealed record BatchPage(IReadOnlyList<RemoteBatch> Batches, bool HasMore);
