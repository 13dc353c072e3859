using System.Net;
using System.Runtime.CompilerServices;
using Muster.Simulation.Scheduling;

namespace Muster.Simulation.Network;

/// <summary>
/// One process's connections. Every reply completes inside an event of the world, with no synchronization context, so that what
/// awaits it inside HttpClient stays on the simulation's thread.
/// </summary>
internal sealed class Wire(VirtualNetwork network, VirtualProcess process) : HttpMessageHandler
{
    private const string Batches = VirtualNetwork.BatchesPath;

    private World World => network.World;

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (request.Method != HttpMethod.Get)
            network.Writes++;
        var exchange = new TaskCompletionSource<HttpResponseMessage>();
        cancellationToken.UnsafeRegister(_ => World.At(TimeSpan.Zero, process, () => exchange.TrySetCanceled(cancellationToken)), null);
        var path = request.RequestUri!.PathAndQuery;
        if (request.Method == HttpMethod.Post && path == Batches)
            Upload(request, exchange, cancellationToken);
        else if (request.Method == HttpMethod.Post && path == VirtualNetwork.MessagesPath)
            Message(request, exchange, cancellationToken);
        else
            Ask(request.Method, path, exchange);
        return exchange.Task;
    }

    private void Upload(HttpRequestMessage request, TaskCompletionSource<HttpResponseMessage> exchange, CancellationToken cancellationToken)
    {
        if (DrawFate("create", exchange) is not { } fate)
            return;
        var upload = new UploadStream(network, process, request.Content!.Headers.ContentLength!.Value, fate, body => Sent(Batches, body, fate, exchange));
        _ = SerializeAsync(request.Content, upload, exchange, cancellationToken);
    }

    /// <summary>A message's body is small and leaves at once; the fates are those of a create.</summary>
    private void Message(HttpRequestMessage request, TaskCompletionSource<HttpResponseMessage> exchange, CancellationToken cancellationToken)
    {
        if (DrawFate("message", exchange) is not { } fate)
            return;
        network.OnMessage?.Invoke();
        using var body = new MemoryStream();
        if (Serialize(request.Content!, body, null, cancellationToken) is { IsCompletedSuccessfully: false } broken)
            throw new ViolationException("OneThread", "a message was not written at once", broken.Exception);
        Sent(VirtualNetwork.MessagesPath, body.ToArray(), fate == CreateFate.ResetInUpload ? CreateFate.LostBefore : fate, exchange);
    }

    /// <summary>Null when the call was answered, or failed, before its body was read.</summary>
    private CreateFate? DrawFate(string call, TaskCompletionSource<HttpResponseMessage> exchange)
    {
        var fate = network.Faults.DrawCreate(World.Random);
        Note(call, fate, CreateFate.Well);
        switch (fate)
        {
            case CreateFate.Unconnected:
                Fail(exchange, "connection refused");
                return null;
            case CreateFate.EarlyStatus:
                Answer(exchange, World.Random.Hit(0.5) ? VirtualNetwork.Reply(429, "rate_limit_error", "7") : VirtualNetwork.Reply(529, "overloaded_error"));
                return null;
            case CreateFate.AccountRefused:
                Answer(exchange, VirtualNetwork.Reply(401, "authentication_error"));
                return null;
            default:
                return fate;
        }
    }

    private async Task SerializeAsync(
        HttpContent content, UploadStream upload, TaskCompletionSource<HttpResponseMessage> exchange, CancellationToken cancellationToken)
    {
        try
        {
            // Not through CopyToAsync, whose own await would leave this thread.
            await Serialize(content, upload, null, cancellationToken);
        }
        catch (Exception problem)
        {
            var outer = problem is IOException ? new HttpRequestException("Error while copying content to a stream.", problem) : problem;
            World.At(TimeSpan.Zero, process, () => exchange.TrySetException(outer));
        }
    }

    /// <summary>The last byte has left: from here on the process has no say in what happens.</summary>
    private void Sent(string path, byte[] body, CreateFate fate, TaskCompletionSource<HttpResponseMessage> exchange)
    {
        var arrives = network.Latency;
        switch (fate)
        {
            case CreateFate.LostBefore:
                Fail(exchange, "reset");
                return;
            case CreateFate.StatusBefore:
                Answer(exchange, Trouble());
                return;
            case CreateFate.Ghost or CreateFate.GhostAfterStatus:
                World.At(World.Random.Seconds(1, network.Faults.GhostSeconds), null, () => Deliver(path, body).Dispose());
                if (fate == CreateFate.Ghost)
                    Fail(exchange, "reset");
                else
                    Answer(exchange, TroubleAfter(path));
                return;
        }

        World.At(arrives, null, () =>
        {
            var reply = Deliver(path, body);
            switch (fate)
            {
                case CreateFate.LostAfter:
                    Fail(exchange, "reset");
                    break;
                case CreateFate.StatusAfter:
                    Answer(exchange, TroubleAfter(path));
                    break;
                case CreateFate.CutReply:
                    Answer(exchange, Cut(reply));
                    break;
                case CreateFate.HtmlReply:
                    Answer(exchange, VirtualNetwork.Html(200));
                    break;
                case CreateFate.SlowReply:
                    Answer(exchange, reply, World.Random.Seconds(5, 480));
                    break;
                case CreateFate.Silence:
                    break;
                default:
                    Answer(exchange, reply);
                    break;
            }
        });
    }

    private HttpResponseMessage Deliver(string path, byte[] body) => network.Call(HttpMethod.Post, path, body);

    private void Ask(HttpMethod method, string path, TaskCompletionSource<HttpResponseMessage> exchange)
    {
        var isResults = path.EndsWith("/results", StringComparison.Ordinal);
        var isCancel = path.EndsWith("/cancel", StringComparison.Ordinal);
        var name = isResults ? "results" : isCancel ? "cancel" : path.StartsWith(Batches + "/", StringComparison.Ordinal) ? "retrieve" : "list";
        if (isCancel)
            network.CheckCancel(path.Split('/')[^2]);
        var fate = isCancel ? network.Faults.DrawCancel(World.Random) : network.Faults.DrawGet(World.Random);
        if (fate == GetFate.FalseNotFound && name == "list")
            fate = GetFate.Status;
        Note(name, fate, GetFate.Well);
        switch (fate)
        {
            case GetFate.Unconnected or GetFate.Reset:
                Fail(exchange, fate == GetFate.Reset ? "reset" : "connection refused");
                return;
            case GetFate.AccountRefused:
                Answer(exchange, VirtualNetwork.Reply(403, "permission_error"));
                return;
            case GetFate.Status:
                Answer(exchange, Trouble());
                return;
            case GetFate.Html:
                Answer(exchange, VirtualNetwork.Html(World.Random.Hit(0.5) ? 502 : 200));
                return;
            case GetFate.FalseNotFound:
                Answer(exchange, VirtualNetwork.Reply(404, "not_found_error"));
                return;
            case GetFate.Silence:
                return;
        }

        World.At(fate == GetFate.Slow ? World.Random.Seconds(5, 50) : network.Latency, null, () =>
        {
            var reply = network.Call(method, path, isCancel ? [] : null);
            if (fate == GetFate.ResetAfter)
                Fail(exchange, "reset");
            else if (isResults && reply.IsSuccessStatusCode)
                Answer(exchange, Streamed(reply));
            else
                Answer(exchange, fate == GetFate.CutReply ? Cut(reply) : reply);
        });
    }

    private HttpResponseMessage Streamed(HttpResponseMessage reply)
    {
        var fate = network.Faults.DrawStream(World.Random);
        Note("download", fate, StreamFate.Well);
        var streamed = new HttpResponseMessage(HttpStatusCode.OK)
        {
            Content = new StreamContent(new ResultStream(network, process, Bytes(reply), fate)),
        };
        foreach (var (name, values) in reply.Headers)
            streamed.Headers.TryAddWithoutValidation(name, values);
        return streamed;
    }

    /// <summary>Of a message, 529 says that it was not taken; of a create nothing is believed.</summary>
    private HttpResponseMessage TroubleAfter(string path) => Trouble() is var trouble && (int)trouble.StatusCode == 529 && path == VirtualNetwork.MessagesPath
        ? VirtualNetwork.Reply(500, "api_error")
        : trouble;

    private HttpResponseMessage Trouble() => World.Random.Below(7) switch
    {
        0 => VirtualNetwork.Reply(500, "api_error"),
        1 => VirtualNetwork.Reply(503, "api_error"),
        2 => VirtualNetwork.Reply(504, "timeout_error"),
        3 => VirtualNetwork.Reply(529, "overloaded_error"),
        4 => VirtualNetwork.Reply(408, "timeout_error"),
        5 => VirtualNetwork.Reply(409, "conflict_error"),
        _ => VirtualNetwork.Html(502),
    };

    private static HttpResponseMessage Cut(HttpResponseMessage reply)
    {
        var bytes = Bytes(reply);
        reply.Content = new ByteArrayContent(bytes, 0, bytes.Length / 2);
        return reply;
    }

    private static byte[] Bytes(HttpResponseMessage reply)
    {
        using var copy = new MemoryStream();
        reply.Content.ReadAsStream().CopyTo(copy);
        return copy.ToArray();
    }

    private void Note<T>(string call, T fate, T well) where T : struct, Enum
    {
        if (EqualityComparer<T>.Default.Equals(fate, well))
            return;
        World.Trace.Count($"{call}: {fate}");
        World.Trace.Add("network", $"{call} of {process.Name}: {fate}");
    }

    private void Answer(TaskCompletionSource<HttpResponseMessage> exchange, HttpResponseMessage reply, TimeSpan? after = null) =>
        World.At(after ?? network.Latency, process, () => exchange.TrySetResult(reply));

    private void Fail(TaskCompletionSource<HttpResponseMessage> exchange, string why) =>
        World.At(network.Latency, process, () => exchange.TrySetException(new HttpRequestException($"An error occurred while sending the request: {why}.")));

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "SerializeToStreamAsync")]
    private static extern Task Serialize(HttpContent content, Stream stream, TransportContext? context, CancellationToken cancellationToken);
}
