using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Muster.Tests.Alerts;

/// <summary>A real HTTP server on this machine that keeps what it got and answers as it is told.</summary>
internal sealed class Receiver : IAsyncDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource stop = new();
    private readonly Task serving;

    /// <param name="answer">The status line and headers for the n-th request, from 1; null never answers.</param>
    public Receiver(Func<int, string?>? answer = null)
    {
        listener.Start();
        serving = ServeAsync(answer ?? (_ => "200 OK"));
    }

    public List<Received> Requests { get; } = [];

    public int Port => ((IPEndPoint)listener.LocalEndpoint).Port;

    public string Url => $"http://127.0.0.1:{Port}/hook?token=t0ken-canary";

    public async ValueTask DisposeAsync()
    {
        // The loop ends first: a listener that is stopped between two calls refuses the next one in words of its own.
        await stop.CancelAsync();
        await serving;
        listener.Stop();
    }

    private async Task ServeAsync(Func<int, string?> answer)
    {
        var open = new List<TcpClient>();
        try
        {
            while (true)
            {
                var client = await listener.AcceptTcpClientAsync(stop.Token);
                open.Add(client);
                var stream = client.GetStream();
                if (await ReadAsync(stream) is not { } request)
                    continue;
                Requests.Add(request);
                if (answer(Requests.Count) is { } head)
                    await stream.WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 {head}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"), stop.Token);
            }
        }
        catch (Exception end) when (end is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            open.ForEach(client => client.Dispose());
        }
    }

    private async Task<Received?> ReadAsync(NetworkStream stream)
    {
        var bytes = new List<byte>();
        var buffer = new byte[8192];
        while (true)
        {
            var read = await stream.ReadAsync(buffer, stop.Token);
            if (read == 0)
                return null;
            bytes.AddRange(buffer[..read]);
            var all = bytes.ToArray();
            var end = all.AsSpan().IndexOf("\r\n\r\n"u8);
            if (end < 0)
                continue;
            var lines = Encoding.ASCII.GetString(all, 0, end).Split("\r\n");
            var headers = lines.Skip(1).Select(line => line.Split(": ", 2)).ToDictionary(pair => pair[0].ToLowerInvariant(), pair => pair[1]);
            if (all.Length - end - 4 >= int.Parse(headers["content-length"]))
                return new Received(lines[0], headers, all[(end + 4)..]);
        }
    }
}

internal sealed record Received(string Line, IReadOnlyDictionary<string, string> Headers, byte[] Body)
{
    public string Text => Encoding.UTF8.GetString(Body);
}
