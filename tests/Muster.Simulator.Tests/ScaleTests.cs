using System.Net;
using System.Text;

namespace Muster.Simulator.Tests;

/// <summary>
/// Items 25 and 91 of the checklist at full size, one after the other and beside no other test: they count what is allocated. The
/// whole process is measured by <c>bench/Muster.Bench -- simulator</c>.
/// </summary>
[CollectionDefinition(nameof(ScaleTests), DisableParallelization = true)]
[Collection(nameof(ScaleTests))]
public sealed class ScaleTests
{
    private const int Rows = 100_000;
    private const long Limit = 256L * 1024 * 1024;
    private const long MostAllocated = 96L * 1024 * 1024;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Checklist_025_a_body_of_256_MB_less_one_byte_is_taken_with_length_and_chunked_in_bounded_memory(bool chunked)
    {
        await using var api = await SimulatedApi.StartAsync(Some.Options);
        using var client = Some.Client(api);
        using var call = new HttpRequestMessage(HttpMethod.Post, "/v1/messages/batches") { Content = new Upload(Limit - 1, chunked) };
        call.Headers.TransferEncodingChunked = chunked;
        var before = GC.GetTotalAllocatedBytes();
        using var reply = await client.SendAsync(call);
        var allocated = GC.GetTotalAllocatedBytes() - before;
        reply.StatusCode.ShouldBe(HttpStatusCode.OK, await reply.Content.ReadAsStringAsync());
        api.Truth.RequestsAccepted.ShouldBe(Rows);
        allocated.ShouldBeLessThan(MostAllocated);
    }

    [Fact]
    public async Task Checklist_025_chunked_bodies_are_refused_when_switched()
    {
        await using var api = await SimulatedApi.StartAsync(Some.Options with { Wire = new WireSwitches { RefuseChunkedCreate = true } });
        using var client = Some.Client(api);
        using var call = new HttpRequestMessage(HttpMethod.Post, "/v1/messages/batches") { Content = Some.Json(Some.Body(1)) };
        call.Headers.TransferEncodingChunked = true;
        using var reply = await client.SendAsync(call);
        reply.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        using var sized = await Some.CreateAsync(client, Some.Body(1));
        sized.StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Checklist_091_100000_lines_of_2_5_KB_stream_to_several_readers_in_bounded_memory()
    {
        await using var api = await SimulatedApi.StartAsync(Some.Options with { Engine = "echo", Instant = true });
        using var client = Some.Client(api);
        using var call = new HttpRequestMessage(HttpMethod.Post, "/v1/messages/batches") { Content = new Upload(235_000_000, chunked: false) };
        using var created = await client.SendAsync(call);
        var id = (await Some.ReadAsync(created)).GetProperty("id").GetString();
        var before = GC.GetTotalAllocatedBytes();
        var reads = await Task.WhenAll(CountAsync(), CountAsync());
        var allocated = GC.GetTotalAllocatedBytes() - before;
        reads.ShouldAllBe(r => r.Lines == Rows && r.Bytes > Rows * 2_500L);
        allocated.ShouldBeLessThan(MostAllocated);

        async Task<(int Lines, long Bytes)> CountAsync()
        {
            using var reply = await client.GetAsync($"/v1/messages/batches/{id}/results", HttpCompletionOption.ResponseHeadersRead);
            await using var stream = await reply.Content.ReadAsStreamAsync();
            var block = new byte[64 * 1024];
            var (lines, bytes) = (0, 0L);
            for (int got; (got = await stream.ReadAsync(block)) > 0; bytes += got)
            {
                lines += block.AsSpan(0, got).Count((byte)'\n');
            }

            return (lines, bytes);
        }
    }

    /// <summary>A create body of a given size, written piece by piece: nothing of its size is held on this side either.</summary>
    private sealed class Upload : HttpContent
    {
        private readonly long _size;
        private readonly bool _chunked;

        public Upload(long size, bool chunked)
        {
            (_size, _chunked) = (size, chunked);
            Headers.ContentType = new("application/json");
        }

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            const string head = "{\"requests\":[", tail = "]}";
            const string before = "{\"custom_id\":\"row-000000\",\"params\":{\"model\":\"claude-opus-4-6\",\"max_tokens\":4000,\"messages\":[{\"role\":\"user\",\"content\":\"";
            const string after = "\"}]}},";
            await stream.WriteAsync(Encoding.ASCII.GetBytes(head));
            var left = _size - head.Length - tail.Length + 1;
            var text = new byte[8_192];
            text.AsSpan().Fill((byte)'x');
            for (var i = 0; i < Rows; i++)
            {
                var length = (int)(left / (Rows - i));
                left -= length;
                await stream.WriteAsync(Encoding.ASCII.GetBytes(before.Replace("000000", i.ToString("D6"))));
                await stream.WriteAsync(text.AsMemory(0, length - before.Length - after.Length));
                await stream.WriteAsync(Encoding.ASCII.GetBytes(i == Rows - 1 ? after[..^1] : after));
            }

            await stream.WriteAsync(Encoding.ASCII.GetBytes(tail));
        }

        protected override bool TryComputeLength(out long length)
        {
            length = _size;
            return !_chunked;
        }
    }
}
