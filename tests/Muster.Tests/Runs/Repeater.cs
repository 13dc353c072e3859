using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Muster.Tests.Runs;

/// <summary>A proxy that sends the first create twice and hands back the second reply: the first batch is the duplicate.</summary>
internal sealed class Repeater() : DelegatingHandler(new SocketsHttpHandler { UseCookies = false })
{
    private string? duplicate;

    public Action<string>? OnFirst { get; init; }

    /// <summary>Answers calls that name the duplicate; null lets one through.</summary>
    public Func<HttpRequestMessage, HttpResponseMessage?>? OnDuplicate { get; set; }

    /// <summary>Answers a read of the list, or throws; null lets it through.</summary>
    public Func<HttpResponseMessage?>? OnList { get; set; }

    /// <summary>Changes how the list shows the duplicate; null takes it out.</summary>
    public Func<JsonNode, JsonNode?>? Listed { get; set; }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (duplicate is not null && request.RequestUri!.AbsolutePath.Contains(duplicate, StringComparison.Ordinal) && OnDuplicate?.Invoke(request) is { } answer)
        {
            answer.RequestMessage = request;
            return answer;
        }

        if (request.Method == HttpMethod.Get && request.RequestUri!.AbsolutePath.EndsWith("/batches", StringComparison.Ordinal))
            return OnList?.Invoke() ?? await ListAsync(request, cancellationToken);
        if (duplicate is not null || request.Method != HttpMethod.Post)
            return await base.SendAsync(request, cancellationToken);
        var body = await request.Content!.ReadAsByteArrayAsync(cancellationToken);
        using (var first = await base.SendAsync(Copy(request, body), cancellationToken))
        {
            first.StatusCode.ShouldBe(HttpStatusCode.OK);
            using var text = JsonDocument.Parse(await first.Content.ReadAsStringAsync(cancellationToken));
            duplicate = text.RootElement.GetProperty("id").GetString()!;
            OnFirst?.Invoke(duplicate);
        }

        return await base.SendAsync(Copy(request, body), cancellationToken);
    }

    private async Task<HttpResponseMessage> ListAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var reply = await base.SendAsync(request, cancellationToken);
        if (duplicate is null || Listed is null)
            return reply;
        var page = JsonNode.Parse(await reply.Content.ReadAsStringAsync(cancellationToken))!;
        var shown = page["data"]!.AsArray().Select(entry => (string)entry!["id"]! == duplicate ? Listed(entry.DeepClone()) : entry.DeepClone());
        page["data"] = new JsonArray([.. shown.Where(entry => entry is not null)]);
        reply.Content = new StringContent(page.ToJsonString(), System.Text.Encoding.UTF8, "application/json");
        return reply;
    }

    private static HttpRequestMessage Copy(HttpRequestMessage request, byte[] body)
    {
        var copy = new HttpRequestMessage(request.Method, request.RequestUri) { Content = new ByteArrayContent(body) };
        foreach (var (name, values) in request.Headers.Where(header => header.Key != "Expect"))
            copy.Headers.TryAddWithoutValidation(name, values);
        copy.Content.Headers.TryAddWithoutValidation("Content-Type", "application/json");
        return copy;
    }
}

/// <summary>A body that begins and never goes on.</summary>
internal sealed class SilentStream : Stream
{
    public override bool CanRead => true;
    public override bool CanSeek => false;
    public override bool CanWrite => false;
    public override long Length => throw new NotSupportedException();
    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        await Task.Delay(Timeout.Infinite, cancellationToken);
        return 0;
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    public override void Flush() => throw new NotSupportedException();
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
    public override void SetLength(long value) => throw new NotSupportedException();
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
