using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;

namespace Muster.Bench;

/// <summary>The simulator at the service's limits, in a process of its own: how long, and how much memory it ever had.</summary>
internal static class SimulatorBench
{
    private const int Rows = 100_000;
    private const long LargestBody = (256L * 1024 * 1024) - 1;
    private const long UsualBody = 30_000_000;

    /// <summary>100,000 answers of this much make lines of about 2.5 KB.</summary>
    private const long EchoBody = 235_000_000;

    private const int Readers = 4;

    public static async Task<int> RunAsync()
    {
        Console.WriteLine($"{Environment.ProcessorCount} processors, {Environment.OSVersion}, .NET {Environment.Version}");
        using var simulator = await SimulatorProcess.StartAsync("echo");
        using var http = new HttpClient { BaseAddress = new Uri(simulator.BaseUrl), Timeout = Timeout.InfiniteTimeSpan };
        http.DefaultRequestHeaders.Add("x-api-key", "sk-sim");
        http.DefaultRequestHeaders.Add("anthropic-version", "2023-06-01");
        for (var round = 1; round <= 3; round++)
            await CreateAsync(http, simulator, $"create of {Rows} requests, round {round}", UsualBody);
        await CreateAsync(http, simulator, "create of 256 MB - 1, with length", LargestBody);
        await CreateAsync(http, simulator, "create of 256 MB - 1, chunked", LargestBody, chunked: true);
        var id = await CreateAsync(http, simulator, "create of rows of 2.3 KB", EchoBody);
        await DownloadAsync(http, simulator, id, readers: 1);
        await DownloadAsync(http, simulator, id, Readers);
        var peak = Measured.PeakOf(simulator.Id) / 1024.0;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"peak resident memory of the simulator (VmHWM): {peak:F0} MB, to be under 400"));
        return peak < 400 ? 0 : 1;
    }

    private static async Task<string> CreateAsync(HttpClient http, SimulatorProcess simulator, string what, long bytes, bool chunked = false)
    {
        using var call = new HttpRequestMessage(HttpMethod.Post, "/v1/messages/batches") { Content = new Upload(bytes, chunked) };
        call.Headers.TransferEncodingChunked = chunked;
        var watch = TimeProvider.System.GetTimestamp();
        using var reply = await http.SendAsync(call);
        var text = await reply.Content.ReadAsStringAsync();
        var seconds = TimeProvider.System.GetElapsedTime(watch).TotalSeconds;
        if (!reply.IsSuccessStatusCode)
            throw new InvalidOperationException(text);
        Print(what, bytes, seconds, simulator);
        using var batch = JsonDocument.Parse(text);
        return batch.RootElement.GetProperty("id").GetString()!;
    }

    private static async Task DownloadAsync(HttpClient http, SimulatorProcess simulator, string id, int readers)
    {
        var watch = TimeProvider.System.GetTimestamp();
        var read = await Task.WhenAll(Enumerable.Range(0, readers).Select(_ => CountAsync(http, id)));
        var seconds = TimeProvider.System.GetElapsedTime(watch).TotalSeconds;
        if (read.Any(r => r.Lines != Rows))
            throw new InvalidOperationException("lines are missing");
        Print($"{readers} x {Rows} result lines of {read[0].Bytes / Rows} bytes", read.Sum(r => r.Bytes), seconds, simulator);
    }

    private static async Task<Download> CountAsync(HttpClient http, string id)
    {
        using var reply = await http.GetAsync($"/v1/messages/batches/{id}/results", HttpCompletionOption.ResponseHeadersRead);
        await using var stream = await reply.Content.ReadAsStreamAsync();
        var block = new byte[128 * 1024];
        var (lines, bytes) = (0, 0L);
        for (int got; (got = await stream.ReadAsync(block)) > 0; bytes += got)
            lines += block.AsSpan(0, got).Count((byte)'\n');
        return new Download(lines, bytes);
    }

    private static void Print(string what, long bytes, double seconds, SimulatorProcess simulator) => Console.WriteLine(string.Create(
        CultureInfo.InvariantCulture,
        $"{what,-42} {bytes / 1e6,6:F0} MB  {seconds,5:F2} s  {bytes / 1e6 / seconds,5:F0} MB/s  peak so far {Measured.PeakOf(simulator.Id) / 1024.0:F0} MB"));

    private sealed record Download(int Lines, long Bytes);

    /// <summary>A create body of a given size that is never held whole.</summary>
    private sealed class Upload : HttpContent
    {
        private const string Head = "{\"requests\":[";
        private const string Tail = "]}";
        private const string Before = "{\"custom_id\":\"row-000000\",\"params\":{\"model\":\"claude-opus-4-6\",\"max_tokens\":4000,\"messages\":[{\"role\":\"user\",\"content\":\"";
        private const string After = "\"}]}},";
        private readonly long size;
        private readonly bool chunked;

        public Upload(long size, bool chunked)
        {
            (this.size, this.chunked) = (size, chunked);
            Headers.ContentType = new("application/json");
        }

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            var buffered = new BufferedStream(stream, 256 * 1024);
            buffered.Write(Encoding.ASCII.GetBytes(Head));
            var left = size - Head.Length - Tail.Length + 1;
            var text = new byte[8_192];
            text.AsSpan().Fill((byte)'x');
            var before = Encoding.ASCII.GetBytes(Before);
            var after = Encoding.ASCII.GetBytes(After);
            for (var i = 0; i < Rows; i++)
            {
                var length = (int)(left / (Rows - i));
                left -= length;
                i.TryFormat(before.AsSpan(18, 6), out _, "D6", CultureInfo.InvariantCulture);
                await buffered.WriteAsync(before);
                await buffered.WriteAsync(text.AsMemory(0, length - before.Length - after.Length));
                await buffered.WriteAsync(i == Rows - 1 ? after.AsMemory(0, after.Length - 1) : after);
            }

            await buffered.WriteAsync(Encoding.ASCII.GetBytes(Tail));
            await buffered.FlushAsync();
        }

        protected override bool TryComputeLength(out long length)
        {
            length = size;
            return !chunked;
        }
    }
}
