using System.Net.Http.Json;
using Muster.Claude;
using Muster.Jobs;
using Muster.Runs;
using Muster.Simulator;
using Muster.Simulator.Faults;
using Muster.Stores;
using Muster.Stores.Sqlite;

namespace Muster.Tests.Runs;

/// <summary>One job against one simulated API, run as often as a test likes.</summary>
internal sealed class Trial : IAsyncDisposable
{
    private static readonly TimeSpan Stride = TimeSpan.FromMilliseconds(5);

    private readonly CancellationTokenSource over = new();
    private volatile bool hurries;
    private double speed;
    private Task? hurry;
    private int seed;
    private int foreign;

    private Trial(SimulatedApi api, Job job) => (Api, Job) = (api, job);

    public SimulatedApi Api { get; }

    public Job Job { get; set; }

    public Listener Heard { get; } = new();

    /// <summary>Changes how the remote is asked.</summary>
    public Func<ClaudeOptions, ClaudeOptions> Remote { get; set; } = options => options;

    public CancellationTokenSource Detach { get; set; } = new();

    public static async Task<Trial> StartAsync(
        FaultPlan? faults = null, Func<Job, Job>? job = null, IReadOnlyList<string>? rows = null, SimulatorOptions? simulator = null)
    {
        var api = await SimulatedApi.StartAsync((simulator ?? new SimulatorOptions { Instant = true }) with { Faults = faults ?? FaultPlan.None });
        var spec = Some.Job(Some.Folder(), rows);
        return new Trial(api, job is null ? spec : job(spec));
    }

    public static FaultPlan Calls(string endpoint, CallFaultKind kind, int first = 1, int status = 500, FaultBody body = FaultBody.Json) =>
        new() { Calls = [new CallFault { Endpoint = endpoint, Fault = kind, First = first, Status = status, Body = body }] };

    public async Task<RunEnd> RunAsync(Func<PipelineOptions, PipelineOptions>? options = null, HttpMessageHandler? transport = null, CancellationToken stop = default)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop);
        limit.CancelAfter(TimeSpan.FromSeconds(100));
        var basic = Some.Options(Heard, ++seed);
        await using var runner = Runner.Open(Job, Remote(hurry is null ? Some.Claude(Api) : Patient(Some.Claude(Api))), options is null ? basic : options(basic), transport);
        try
        {
            return await runner.RunAsync(limit.Token);
        }
        finally
        {
            hurries = false;
        }
    }

    /// <summary>
    /// Lets the simulator's clock run at so many seconds per second between two events, and as real time does before and after: what a
    /// process must do within seconds of its own clock, such as the last bytes of a create, has them.
    /// </summary>
    public void Hurry(double secondsPerSecond, RunEventKind from, params RunEventKind[] until)
    {
        speed = secondsPerSecond;
        Heard.Also = e => hurries = e.Kind == from || (hurries && !until.Contains(e.Kind));
        hurry ??= Task.Run(async () =>
        {
            while (!over.IsCancellationRequested)
            {
                await Task.Delay(Stride);
                if (hurries)
                    Api.Clock.Advance(Stride * speed);
            }
        });
    }

    // Measured on a clock that hurries, a minute is not long enough for a busy machine to answer itself.
    private static ClaudeOptions Patient(ClaudeOptions options) =>
        options with { IdleTimeout = TimeSpan.FromHours(12), ReplyTimeout = TimeSpan.FromHours(12), CreateReplyTimeout = TimeSpan.FromHours(12) };

    public async Task<RunEnd?> CancelAsync()
    {
        await using var runner = Runner.Open(Job, Some.Claude(Api), Some.Options(Heard, ++seed));
        return await runner.CancelAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>What holds after every call to run, however it ended.</summary>
    public async Task BooksShouldBalanceAsync()
    {
        await using var store = Read();
        foreach (var run in await store.RunsAsync())
        {
            (await store.AuditAsync(run.Id)).ShouldBeEmpty();
            (await store.LedgerAsync(run.Id)).Balances.ShouldBeTrue();
        }

        Api.Truth.PairsAcceptedMoreThanOnce.ShouldBe(0, string.Join(", ", Api.Truth.RepeatedIds));
    }

    /// <summary>Every row in a terminal state, each billed answer in the books, none asked twice.</summary>
    public async Task ShouldBeDoneAsync(RunEnd end)
    {
        end.Outcome.ShouldBe(RunOutcome.Done, end.Why);
        end.Ledger.Open.ShouldBe(0);
        await BooksShouldBalanceAsync();
        await using var store = Read();
        (await store.UsageAsync(end.Run.Id)).Sum(usage => usage.OutputTokens).ShouldBe(Api.Truth.OutputTokens);
    }

    public SqliteStore Read() => SqliteStore.OpenForReading(StoreFolder.Of(Job))!;

    /// <summary>Another program's batch in the same workspace.</summary>
    public async Task<string> ForeignBatchAsync(int requests)
    {
        foreign++;
        using var http = Foreigner();
        var body = new
        {
            requests = Enumerable.Range(1, requests).Select(i => new
            {
                custom_id = $"theirs-{foreign}-{i}",
                @params = new { model = "claude-haiku-4-5", max_tokens = 9, messages = new[] { new { role = "user", content = "Hello" } } },
            }),
        };
        using var reply = await http.PostAsJsonAsync("/v1/messages/batches", body);
        reply.EnsureSuccessStatusCode();
        using var text = System.Text.Json.JsonDocument.Parse(await reply.Content.ReadAsStringAsync());
        return text.RootElement.GetProperty("id").GetString()!;
    }

    /// <summary>Which requests the remote has in a batch, in the order of its results.</summary>
    public async Task<IReadOnlyList<string>> CustomIdsAsync(string remoteId)
    {
        using var http = Foreigner();
        var lines = (await http.GetStringAsync($"/v1/messages/batches/{remoteId}/results")).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        return [.. lines.Select(line => System.Text.Json.JsonDocument.Parse(line).RootElement.GetProperty("custom_id").GetString()!)];
    }

    public async Task CancelByHandAsync(string remoteId)
    {
        using var http = Foreigner();
        using var reply = await http.PostAsync($"/v1/messages/batches/{remoteId}/cancel", null);
        reply.EnsureSuccessStatusCode();
    }

    public async Task DeleteByHandAsync(string remoteId)
    {
        using var http = Foreigner();
        using var reply = await http.DeleteAsync($"/v1/messages/batches/{remoteId}");
        reply.EnsureSuccessStatusCode();
    }

    public async ValueTask DisposeAsync()
    {
        await over.CancelAsync();
        await (hurry ?? Task.CompletedTask);
        over.Dispose();
        await Api.DisposeAsync();
    }

    private HttpClient Foreigner()
    {
        var http = new HttpClient { BaseAddress = Api.BaseUrl };
        http.DefaultRequestHeaders.Add("x-api-key", "sk-sim");
        http.DefaultRequestHeaders.Add("anthropic-version", "2026-10-21");
        return http;
    }
}

/// <summary>Hears each event on the caller's thread, and may act on it.</summary>
internal sealed class Listener : IProgress<RunEvent>
{
    public List<RunEvent> Events { get; } = [];

    public Action<RunEvent>? OnEvent { get; set; }

    /// <summary>Hears it before <see cref="OnEvent"/>.</summary>
    public Action<RunEvent>? Also { get; set; }

    public int Count(RunEventKind kind) => Events.Count(e => e.Kind == kind);

    public void Report(RunEvent value)
    {
        Events.Add(value);
        Also?.Invoke(value);
        OnEvent?.Invoke(value);
    }
}

/// <summary>Carries calls as the product's own handler does, and lets a test act before or after one.</summary>
internal sealed class Wire : DelegatingHandler
{
    public Wire() : base(new SocketsHttpHandler
    {
        AllowAutoRedirect = false, UseCookies = false, Expect100ContinueTimeout = TimeSpan.FromSeconds(2),
    })
    {
    }

    public int Calls { get; private set; }

    public Func<int, HttpRequestMessage, Task>? Before { get; init; }

    public Func<int, HttpRequestMessage, Task>? After { get; init; }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var call = ++Calls;
        if (Before is not null)
            await Before(call, request);
        var reply = await base.SendAsync(request, cancellationToken);
        if (After is not null)
        {
            try
            {
                await After(call, request);
            }
            catch
            {
                reply.Dispose();
                throw;
            }
        }

        return reply;
    }
}

/// <summary>Stands for a process that dies: nothing in the product catches it.</summary>
internal sealed class KilledException() : Exception("killed");
