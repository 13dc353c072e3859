using System.Net;
using System.Net.Sockets;
using System.Text;
using Muster.Batches;
using Muster.Claude;

namespace Muster.Tests.Claude;

/// <summary>One create against a socket that misbehaves: what it was, and whether the last bytes were let go.</summary>
public sealed class CreateOutcomeTests
{
    private const string Batch =
        """{"id":"msgbatch_1","type":"message_batch","processing_status":"in_progress","request_counts":{"processing":2,"succeeded":0,"errored":0,"canceled":0,"expired":0},"ended_at":null,"created_at":"2026-08-19T14:44:51.493319+00:00","expires_at":"2026-08-20T14:44:51Z","archived_at":null,"cancel_initiated_at":null,"results_url":null}""";

    private const string Continue = "HTTP/1.1 100 Continue\r\n\r\n";

    private static string Reply(string status, string body, string headers = "", int? length = null) =>
        $"HTTP/1.1 {status}\r\nContent-Length: {length ?? Encoding.UTF8.GetByteCount(body)}\r\n{headers}Connection: close\r\n\r\n{body}";

    private sealed class Sent
    {
        public int Bodies { get; set; }

        public bool GateAsked { get; set; }

        public string? Refusal { get; init; }

        public string Heard { get; set; } = "";
    }

    /// <summary>Serves each connection alike; reads the body to its end when <paramref name="readsBody"/>, then says <paramref name="reply"/>.</summary>
    private static async Task<(CreateOutcome Outcome, Sent Sent)> CreateAsync(
        string reply, bool readsBody = true, int bodyBytes = 1_000, string? refusal = null, CancellationToken cancellationToken = default)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var sent = new Sent { Refusal = refusal };
        var serving = ServeAsync(listener, reply, readsBody, sent);
        var url = new Uri($"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}");
        using var client = new BatchesClient(new ClaudeOptions(url, new Secret("k")));
        var body = new SealedContent(bodyBytes + 2, async (stream, token) =>
        {
            sent.Bodies++;
            var block = new byte[Math.Min(bodyBytes, 1 << 16)];
            for (var left = bodyBytes; left > 0; left -= Math.Min(left, block.Length))
                await stream.WriteAsync(block.AsMemory(0, Math.Min(left, block.Length)), token);
        }, "]}"u8.ToArray(), _ =>
        {
            sent.GateAsked = true;
            return Task.FromResult(sent.Refusal);
        });

        var outcome = await client.CreateAsync(body, cancellationToken);
        listener.Stop();
        await serving;
        return (outcome, sent);
    }

    private static async Task ServeAsync(TcpListener listener, string reply, bool readsBody, Sent sent)
    {
        // Before a byte of the body is written, the client's handler may try again on a fresh connection.
        while (await ServeOneAsync(listener, reply, readsBody, sent))
        {
        }
    }

    private static async Task<bool> ServeOneAsync(TcpListener listener, string reply, bool readsBody, Sent sent)
    {
        TcpClient connection;
        try
        {
            connection = await listener.AcceptTcpClientAsync();
        }
        catch (Exception over) when (over is SocketException or ObjectDisposedException or InvalidOperationException)
        {
            return false;
        }

        try
        {
            using var served = connection;
            await using var stream = connection.GetStream();
            var heard = new MemoryStream();
            var buffer = new byte[1 << 16];
            var end = "\r\n\r\n"u8.ToArray();
            while (heard.ToArray().AsSpan().IndexOf(end) < 0)
                heard.Write(buffer, 0, await ReadAsync(stream, buffer));
            if (readsBody)
            {
                await stream.WriteAsync(Encoding.ASCII.GetBytes(Continue));
                while (!heard.GetBuffer().AsSpan(0, (int)heard.Length).EndsWith("]}"u8))
                    heard.Write(buffer, 0, await ReadAsync(stream, buffer));
            }

            sent.Heard = Encoding.Latin1.GetString(heard.ToArray());
            await stream.WriteAsync(Encoding.UTF8.GetBytes(reply));
        }
        catch (Exception over) when (over is IOException or SocketException or ObjectDisposedException)
        {
            // The client ended the call.
        }

        return true;
    }

    private static async Task<int> ReadAsync(NetworkStream stream, byte[] buffer)
    {
        var read = await stream.ReadAsync(buffer);
        return read > 0 ? read : throw new IOException("closed");
    }

    [Fact]
    public async Task A_reply_with_an_id_is_created_with_both_forms_of_time()
    {
        var (outcome, sent) = await CreateAsync(Reply("200 OK", Batch));

        var batch = outcome.ShouldBeOfType<CreateOutcome.Created>().Batch;
        (batch.Id, batch.Status, batch.Counts.Total).ShouldBe(("msgbatch_1", RemoteStatus.InProgress, 2));
        batch.CreatedAt.ShouldBe(new DateTimeOffset(2026, 8, 19, 14, 44, 51, TimeSpan.Zero).AddMicroseconds(493_319));
        batch.ExpiresAt.ShouldBe(new DateTimeOffset(2026, 8, 20, 14, 44, 51, TimeSpan.Zero));
        (sent.Bodies, sent.Heard.Contains("Content-Length: 1002\r\n", StringComparison.Ordinal)).ShouldBe((1, true));
    }

    [Fact]
    public async Task A_status_of_a_later_day_is_followed() =>
        (await CreateAsync(Reply("200 OK", Batch.Replace("in_progress", "pondering", StringComparison.Ordinal))))
            .Outcome.ShouldBeOfType<CreateOutcome.Created>().Batch.Status.ShouldBe(RemoteStatus.InProgress);

    [Theory]
    [InlineData("200 OK", "")]
    [InlineData("200 OK", "null")]
    [InlineData("200 OK", "[]")]
    [InlineData("200 OK", "{}")]
    [InlineData("200 OK", """{"id":7}""")]
    [InlineData("200 OK", """{"id":"msgbatch_1","processing_status":5,"request_counts":"x"}""")]
    [InlineData("200 OK", "<html>fine</html>")]
    [InlineData("500 Oops", "")]
    [InlineData("408 Late", "")]
    [InlineData("409 Conflict", "")]
    [InlineData("529 Busy", "")]
    [InlineData("302 Found", "")]
    [InlineData("418 Teapot", "")]
    public async Task After_the_last_byte_an_unclear_reply_is_unknown_and_nothing_is_sent_again(string status, string body)
    {
        var (outcome, sent) = await CreateAsync(Reply(status, body, "Location: /elsewhere\r\n"));

        outcome.ShouldBeOfType<CreateOutcome.Unknown>();
        sent.Bodies.ShouldBe(1);
    }

    [Theory]
    [InlineData("")]
    [InlineData("HTTP/1.1 200")]
    public async Task A_connection_that_ends_after_the_last_byte_is_unknown(string reply) =>
        (await CreateAsync(reply)).Outcome.ShouldBeOfType<CreateOutcome.Unknown>();

    [Fact]
    public async Task A_reply_cut_short_is_unknown() =>
        (await CreateAsync(Reply("200 OK", Batch[..40], length: 400))).Outcome.ShouldBeOfType<CreateOutcome.Unknown>();

    [Theory]
    [InlineData("400 Bad", ErrorCause.Request)]
    [InlineData("401 No", ErrorCause.Account)]
    [InlineData("404 None", ErrorCause.NotFound)]
    [InlineData("413 Large", ErrorCause.TooLarge)]
    [InlineData("429 Slow", ErrorCause.RateLimited)]
    public async Task A_refusal_is_certain_before_and_after_the_body(string status, ErrorCause cause)
    {
        var (before, unsent) = await CreateAsync(Reply(status, "<html>"), readsBody: false, bodyBytes: 5_000_000);
        var (after, _) = await CreateAsync(Reply(status, "<html>"));

        before.ShouldBeOfType<CreateOutcome.Refused>().Error.Cause.ShouldBe(cause);
        after.ShouldBeOfType<CreateOutcome.Refused>().Error.Cause.ShouldBe(cause);
        (unsent.Bodies, unsent.GateAsked).ShouldBe((0, false));
    }

    [Theory]
    [InlineData("", true)]
    [InlineData("HTTP/1.1 500 Oops\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", false)]
    public async Task What_ends_before_the_gate_was_not_sent(string reply, bool isCutOff)
    {
        var (outcome, sent) = await CreateAsync(reply, readsBody: false, bodyBytes: 5_000_000);

        outcome.ShouldBeOfType<CreateOutcome.NotSent>().IsCutOff.ShouldBe(isCutOff);
        sent.GateAsked.ShouldBeFalse();
    }

    [Fact]
    public async Task A_gate_that_refuses_keeps_the_last_bytes_back()
    {
        var (outcome, sent) = await CreateAsync(Reply("200 OK", Batch), refusal: "the intent was replaced");

        var closed = outcome.ShouldBeOfType<CreateOutcome.NotSent>();
        closed.Why.ShouldContain("the intent was replaced");
        closed.IsCutOff.ShouldBeFalse();
        sent.Heard.ShouldBe("");
    }

    [Fact]
    public async Task Nobody_listening_is_not_sent()
    {
        using var client = new BatchesClient(new ClaudeOptions(new Uri("http://127.0.0.1:1"), new Secret("k")));
        var body = new SealedContent(2, (_, _) => Task.CompletedTask, "]}"u8.ToArray(), _ => Task.FromResult<string?>(null));

        (await client.CreateAsync(body)).ShouldBeOfType<CreateOutcome.NotSent>().IsCutOff.ShouldBeTrue();
        (await client.CreateAsync(body)).ShouldBeOfType<CreateOutcome.NotSent>();
    }

    [Fact]
    public async Task Canceled_while_the_service_is_silent_it_was_not_sent_and_no_sending_goes_on()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var client = new BatchesClient(
            new ClaudeOptions(new Uri($"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}"), new Secret("k")));
        using var stop = new CancellationTokenSource();
        var running = 0;
        var body = new SealedContent(1_002, async (_, token) =>
        {
            Interlocked.Increment(ref running);
            await stop.CancelAsync();
            try
            {
                // Ignores its token for a while, as a store that is writing does.
                await Task.Delay(TimeSpan.FromMilliseconds(300), CancellationToken.None);
            }
            finally
            {
                Interlocked.Decrement(ref running);
            }
        }, "]}"u8.ToArray(), _ => Task.FromResult<string?>(null));

        var outcome = await client.CreateAsync(body, stop.Token);

        running.ShouldBe(0);
        outcome.ShouldBeOfType<CreateOutcome.NotSent>().IsCutOff.ShouldBeFalse();
        body.GatePassed.ShouldBeFalse();
    }
}
