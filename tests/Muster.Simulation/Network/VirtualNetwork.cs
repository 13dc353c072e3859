using System.Net;
using System.Text;
using System.Text.Json;
using Muster.Requests;
using Muster.Simulation.Scheduling;
using Muster.Simulator;

namespace Muster.Simulation.Network;

/// <summary>The remote and the way to it. What has left a process goes its way, whatever becomes of the process.</summary>
internal sealed class VirtualNetwork(World world, InMemoryApi api) : IDisposable
{
    public const string BatchesPath = "/v1/messages/batches";
    public const string MessagesPath = "/v1/messages";

    private readonly HttpMessageInvoker server = new(api.CreateHandler());
    private readonly HashSet<(string Part, int Attempt)> paid = [];
    private readonly RemoteSightings sightings = new(world);

    public World World => world;

    public NetworkFaults Faults { get; set; } = new();

    /// <summary>Every batch that the remote took, ours and others'.</summary>
    public List<RemoteRecord> Accepted { get; } = [];

    /// <summary>Calls of the product that may change something, whatever became of them.</summary>
    public long Writes { get; set; }

    /// <summary>Called with the bytes of a create before the first and before the last of them leave.</summary>
    public Action<ReadOnlyMemory<byte>, bool>? OnBytes { get; set; }

    /// <summary>Called before a synchronous message leaves.</summary>
    public Action? OnMessage { get; set; }

    public TimeSpan Latency => world.Random.Seconds(0.001, Faults.LatencySeconds);

    /// <summary>The server's own work, at the present instant.</summary>
    public HttpResponseMessage Call(HttpMethod method, string path, byte[]? body)
    {
        var behind = world.UtcNow - api.Clock.GetUtcNow();
        if (behind > TimeSpan.Zero)
            api.Clock.Advance(behind);
        using var request = new HttpRequestMessage(method, new Uri(api.BaseUrl, path));
        request.Headers.TryAddWithoutValidation("x-api-key", "sk-sim");
        request.Headers.TryAddWithoutValidation("anthropic-version", "2026-10-21");
        if (body is not null)
        {
            request.Content = new ByteArrayContent(body);
            request.Content.Headers.TryAddWithoutValidation("Content-Type", "application/json");
            if (path == MessagesPath)
                request.Headers.TryAddWithoutValidation("x-sim-custom-id", Scenario.OracleId(Encoding.UTF8.GetString(body)));
        }

        var answer = server.SendAsync(request, CancellationToken.None);
        if (!answer.IsCompletedSuccessfully)
            throw new ViolationException("OneThread", "the simulated remote did not answer at once", answer.Exception);
        var reply = answer.Result;
        if (method == HttpMethod.Post && path.EndsWith("/batches", StringComparison.Ordinal) && reply.IsSuccessStatusCode)
            Record(body!, reply);
        sightings.See(method, path, reply, Accepted);
        return reply;
    }

    /// <summary>Another program's batch; its requests fail, so it costs nothing.</summary>
    public void PostForeign(int requests)
    {
        var text = new StringBuilder("{\"requests\":[");
        for (var i = 0; i < requests; i++)
        {
            text.Append(i == 0 ? "" : ",").Append($"{{\"custom_id\":\"theirs-{Accepted.Count}-{i}\",\"params\":")
                .Append("{\"model\":\"not-a-model\",\"max_tokens\":9,\"messages\":[{\"role\":\"user\",\"content\":\"Hello\"}]}}");
        }

        using var reply = Call(HttpMethod.Post, "/v1/messages/batches", Encoding.UTF8.GetBytes(text.Append("]}").ToString()));
        if (!reply.IsSuccessStatusCode)
            return;
        world.Trace.Count("remote: foreign batch");
        world.Trace.Add("foreign", $"a batch of {requests}");
    }

    /// <summary>A person cancels a batch in the console.</summary>
    public void CancelByHand(string remoteId)
    {
        using var reply = Call(HttpMethod.Post, $"/v1/messages/batches/{remoteId}/cancel", []);
        if (!reply.IsSuccessStatusCode)
            return;
        world.Trace.Count("remote: canceled by a person");
        world.Trace.Add("person", $"cancels {remoteId}");
    }

    /// <summary>The product cancels; it may only cancel what it can prove.</summary>
    public void CheckCancel(string remoteId)
    {
        if (Accepted.Find(record => record.Id == remoteId) is { IsOurs: false })
            world.Violate("ForeignUntouched", $"{remoteId} belongs to another program and was canceled");
    }

    public static HttpResponseMessage Reply(int status, string type, string? retryAfter = null)
    {
        var reply = new HttpResponseMessage((HttpStatusCode)status)
        {
            Content = new StringContent($"{{\"type\":\"error\",\"error\":{{\"type\":\"{type}\",\"message\":\"Simulated\"}},\"request_id\":\"req_1\"}}", Encoding.UTF8, "application/json"),
        };
        if (retryAfter is not null)
            reply.Headers.TryAddWithoutValidation("retry-after", retryAfter);
        return reply;
    }

    public static HttpResponseMessage Html(int status) =>
        new((HttpStatusCode)status) { Content = new StringContent("<html><body>cloudflare</body></html>", Encoding.UTF8, "text/html") };

    /// <summary>The nonces and counts that a create body speaks of.</summary>
    public static IReadOnlyList<ParsedId> IdsIn(ReadOnlySpan<byte> body)
    {
        var ids = new List<ParsedId>();
        var mark = "\"custom_id\":\""u8;
        for (var at = body.IndexOf(mark); at >= 0; at = body.IndexOf(mark))
        {
            body = body[(at + mark.Length)..];
            if (CustomId.Parse(Encoding.ASCII.GetString(body[..body.IndexOf((byte)'"')])) is { } id)
                ids.Add(id);
        }

        return ids;
    }

    public void Dispose()
    {
        server.Dispose();
        api.Dispose();
    }

    private void Record(byte[] body, HttpResponseMessage reply)
    {
        using var json = JsonDocument.Parse(reply.Content.ReadAsStream());
        reply.Content.ReadAsStream().Position = 0;
        var ids = IdsIn(body);
        var id = json.RootElement.GetProperty("id").GetString()!;
        Accepted.Add(new RemoteRecord(id, ids.Count > 0, ids.Count > 0 ? ids[0].Nonce : null, ids.Count));
        world.Trace.Add("remote", $"takes {id} with {ids.Count} of ours");
        foreach (var one in ids)
        {
            if (!paid.Add((one.Part, one.Attempt)))
                world.Violate("PaidAtMostOnce", $"{one.Part} attempt {one.Attempt} was taken a second time, in {id}");
        }
    }
}

/// <param name="Nonce">Of the intent that it came from; null for others' batches.</param>
internal sealed record RemoteRecord(string Id, bool IsOurs, string? Nonce, int Requests);
