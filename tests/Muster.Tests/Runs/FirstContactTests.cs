using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Muster.Claude;
using Muster.Runs;
using Muster.Simulator;
using Muster.Simulator.Faults;

namespace Muster.Tests.Runs;

/// <summary>A remote that is not there ends a run that has nothing in flight with one refusal; once something is, it is waited for.</summary>
public sealed class FirstContactTests
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(15);

    [Fact]
    public async Task A_refused_connection_is_tried_three_times_and_refused()
    {
        var (refusal, heard, took) = await RefusedAsync(new Uri($"http://127.0.0.1:{FreePort()}"), null);

        refusal.Message.ShouldContain("127.0.0.1");
        refusal.Message.ShouldContain("3 tries");
        refusal.Hint.ShouldContain("ANTHROPIC_BASE_URL");
        took.ShouldBeLessThan(Bound);
        heard.Count(RunEventKind.Waiting).ShouldBe(1);
        heard.Count(RunEventKind.BatchSealed).ShouldBe(0);
    }

    [Fact]
    public async Task A_name_that_does_not_resolve_is_refused_at_once()
    {
        var (refusal, heard, _) = await RefusedAsync(new Uri("https://no-such-host.invalid"), null);

        refusal.Message.ShouldContain("no-such-host.invalid");
        heard.Count(RunEventKind.Waiting).ShouldBe(0);
    }

    [Theory]
    [InlineData(404, "<html>not here</html>", "text/html")]
    [InlineData(404, """{"detail":"Not Found"}""", "application/json")]
    [InlineData(200, "<html>welcome</html>", "text/html")]
    [InlineData(200, """{"hello":"world"}""", "application/json")]
    [InlineData(301, "<html>moved</html>", "text/html")]
    [InlineData(405, "", "text/plain")]
    public async Task An_answer_that_is_not_the_APIs_is_refused(int status, string body, string type)
    {
        var (refusal, heard, _) = await RefusedAsync(new Uri("http://127.0.0.1:9"), new Page((HttpStatusCode)status, body, type));

        refusal.Message.ShouldContain("not as the Message Batches API");
        refusal.Hint.ShouldContain("ANTHROPIC_BASE_URL");
        // A missing path is a wrong address; anything else may be one damaged reply and is tried again.
        heard.Count(RunEventKind.Waiting).ShouldBe(status == 404 ? 0 : 1);
    }

    [Fact]
    public async Task A_gateway_without_its_service_is_tried_three_times_and_refused()
    {
        var page = new Page(HttpStatusCode.BadGateway, "<html>bad gateway</html>", "text/html");

        await RefusedAsync(new Uri("http://127.0.0.1:9"), page, TimeSpan.FromMilliseconds(20));

        page.Calls.ShouldBe(3);
    }

    [Fact]
    public async Task A_refused_run_goes_on_with_the_right_address()
    {
        await using var trial = await Trial.StartAsync(rows: Some.Rows(5));
        await Should.ThrowAsync<ClaudeException>(() => trial.RunAsync(
            transport: new Wire { Before = (_, _) => throw new HttpRequestException("connection refused") }));

        await trial.BooksShouldBalanceAsync();
        await trial.ShouldBeDoneAsync(await trial.RunAsync());
    }

    [Fact]
    public async Task An_outage_with_a_batch_in_flight_is_waited_out_and_told_once_when_it_begins_and_once_when_it_ends()
    {
        await using var trial = await Trial.StartAsync();
        var wire = new Wire
        {
            Before = (call, _) => call is > 6 and < 30 ? throw new HttpRequestException("connection refused") : Task.CompletedTask,
        };

        var end = await trial.RunAsync(transport: wire);

        await trial.ShouldBeDoneAsync(end);
        trial.Heard.Events.Where(e => e.Kind == RunEventKind.Waiting).Select(e => e.Text.Contains("answers again", StringComparison.Ordinal))
            .ShouldBe([false, true]);
    }

    [Fact]
    public async Task An_outage_that_outlasts_the_timeout_ends_as_still_processing()
    {
        await using var trial = await Trial.StartAsync();
        var wire = new Wire { Before = (call, _) => call > 6 ? throw new HttpRequestException("connection refused") : Task.CompletedTask };

        var end = await trial.RunAsync(options => options with { Timeout = TimeSpan.FromMilliseconds(700) }, wire);

        end.Outcome.ShouldBe(RunOutcome.StillProcessing);
        end.ExitCode.ShouldBe(ExitCodes.StillProcessing);
        trial.Heard.Count(RunEventKind.Waiting).ShouldBe(1);
        await trial.ShouldBeDoneAsync(await trial.RunAsync());
    }

    [Fact]
    public async Task A_run_resumed_with_batches_in_flight_waits_for_a_remote_that_is_not_there()
    {
        await using var trial = await Trial.StartAsync(Trial.Calls("retrieve", CallFaultKind.Status, first: 1000));
        await trial.RunAsync(options => options with { Timeout = TimeSpan.FromMilliseconds(300) });

        var end = await trial.RunAsync(options => options with { Timeout = TimeSpan.FromMilliseconds(700) },
            new Wire { Before = (_, _) => throw new HttpRequestException("connection refused") });

        end.Outcome.ShouldBe(RunOutcome.StillProcessing);
    }

    private static async Task<(ClaudeException Refusal, Listener Heard, TimeSpan Took)> RefusedAsync(
        Uri at, HttpMessageHandler? transport, TimeSpan? poll = null)
    {
        var heard = new Listener();
        await using var runner = Runner.Open(Some.Job(Some.Folder()), new ClaudeOptions(at, new Secret("sk-sim")),
            Some.Options(heard) with { PollInterval = poll }, transport);
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(40));
        var began = Stopwatch.GetTimestamp();
        var refusal = await Should.ThrowAsync<ClaudeException>(() => runner.RunAsync(limit.Token));
        return (refusal, heard, Stopwatch.GetElapsedTime(began));
    }

    private static int FreePort()
    {
        using var socket = new TcpListener(IPAddress.Loopback, 0);
        socket.Start();
        return ((IPEndPoint)socket.LocalEndpoint).Port;
    }

    /// <summary>Stands for a host that serves something else: the same page to whatever is asked.</summary>
    private sealed class Page(HttpStatusCode status, string body, string type) : HttpMessageHandler
    {
        public int Calls { get; private set; }

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Calls++;
            return Task.FromResult(new HttpResponseMessage(status)
            {
                RequestMessage = request, Content = new StringContent(body, System.Text.Encoding.UTF8, type),
            });
        }
    }
}
