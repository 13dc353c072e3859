using System.Net;
using System.Net.Sockets;
using Muster.Batches;
using Muster.Runs;
using Muster.Simulator;
using Muster.Simulator.Faults;
using Muster.Stores.Sqlite;

namespace Muster.Cli.Tests;

/// <summary>The real executable while the service is away, refuses its key, or never gets what was sent.</summary>
public sealed class OutageTests
{
    private static readonly TimeSpan Away = TimeSpan.FromSeconds(5);

    [Fact]
    public async Task Killed_during_a_create_that_never_arrived_the_next_run_waits_the_quiet_period_and_asks_again()
    {
        await using var api = await Some.Api(faults: Every("create", CallFaultKind.DelayBefore));
        var folder = Some.JobFolder();
        using (var cli = Cli.Start(folder, Some.Environment(api), "run"))
        {
            await UntilAsync(folder, BatchState.Sending);
            cli.Kill().ShouldBeTrue();
            await cli.EndAsync();
        }

        api.Truth.BatchesCreated.ShouldBe(0);
        api.Faults = FaultPlan.None;
        var last = await Cli.RunAsync(folder, Some.Environment(api), "run");

        last.ExitCode.ShouldBe(0, last.All);
        last.Err.ShouldContain("batch_withdrawn b-1");
        api.Truth.PairsAcceptedMoreThanOnce.ShouldBe(0);
        api.Truth.RequestsAccepted.ShouldBe(30);
    }

    [Fact]
    public async Task A_service_that_is_away_for_a_while_is_waited_for_and_nothing_is_asked_twice()
    {
        var options = new SimulatorOptions
        {
            Port = FreePort(), StateFolder = Directory.CreateTempSubdirectory("muster-sim-").FullName,
            TimeToEndMin = TimeSpan.FromSeconds(2), TimeToEndMax = TimeSpan.FromSeconds(2),
        };
        var first = await SimulatedApi.StartAsync(options);
        var folder = Some.JobFolder();
        using var cli = Cli.Start(folder, Some.Environment(first), "run");
        (await cli.SaysAsync("batch_created b-3")).ShouldBeTrue();

        await first.DisposeAsync();
        (await cli.SaysAsync("cannot be reached")).ShouldBeTrue();
        await Task.Delay(Away, TestContext.Current.CancellationToken);
        await using var second = await SimulatedApi.StartAsync(options);
        var end = await cli.EndAsync();

        end.ExitCode.ShouldBe(0, end.All);
        second.Truth.PairsAcceptedMoreThanOnce.ShouldBe(0);
        second.Truth.RequestsAccepted.ShouldBe(30);
    }

    [Fact]
    public async Task A_key_that_is_refused_for_a_while_pauses_the_run_and_the_next_one_finishes_it()
    {
        await using var api = await Some.Api(faults: Every("retrieve", CallFaultKind.FalseNotFound));
        var folder = Some.JobFolder();
        using var cli = Cli.Start(folder, Some.Environment(api), "run");
        (await cli.SaysAsync("batch_created b-3")).ShouldBeTrue();

        api.Faults = FaultPlan.None with { KeyRevoked = true };
        var paused = await cli.EndAsync();
        api.Faults = FaultPlan.None;
        var last = await Cli.RunAsync(folder, Some.Environment(api), "run");

        paused.ExitCode.ShouldBe(1, paused.All);
        paused.Out.ShouldContain("API.ACCOUNT");
        last.ExitCode.ShouldBe(0, last.All);
        api.Truth.PairsAcceptedMoreThanOnce.ShouldBe(0);
        api.Truth.RequestsAccepted.ShouldBe(30);
    }

    [Fact]
    public async Task Creates_that_never_arrive_pause_the_run_and_status_says_why()
    {
        await using var api = await Some.Api(faults: Every("create", CallFaultKind.Status));
        var folder = Some.JobFolder();
        var environment = new Dictionary<string, string>(Some.Environment(api)) { ["MUSTER_QUIET_PERIOD"] = "0.2" };

        var paused = await Cli.RunAsync(folder, environment, "run");
        var status = await Cli.RunAsync(folder, environment, "status");
        api.Faults = FaultPlan.None;
        var last = await Cli.RunAsync(folder, environment, "run");

        paused.ExitCode.ShouldBe(1, paused.All);
        status.Out.ShouldContain("API.CREATE_LOST: 8 creates in a row never arrived");
        last.ExitCode.ShouldBe(0, last.All);
        api.Truth.RequestsAccepted.ShouldBe(30);
    }

    [Fact]
    public async Task A_wrong_address_is_one_refusal()
    {
        var environment = new Dictionary<string, string> { ["ANTHROPIC_BASE_URL"] = $"http://127.0.0.1:{FreePort()}", ["ANTHROPIC_API_KEY"] = Some.Key };

        var run = await Cli.RunAsync(Some.JobFolder(), environment, "run");

        run.ExitCode.ShouldBe(1, run.All);
        run.Err.Split('\n').Count(line => line.StartsWith("Error: ", StringComparison.Ordinal)).ShouldBe(1);
        run.Err.ShouldContain("cannot be reached in 3 tries");
        run.Err.ShouldContain("Try: Check ANTHROPIC_BASE_URL");
    }

    private static FaultPlan Every(string endpoint, CallFaultKind kind) =>
        new() { Calls = [new CallFault { Endpoint = endpoint, Every = 1, Fault = kind, Seconds = 600 }] };

    private static int FreePort()
    {
        using var socket = new TcpListener(IPAddress.Loopback, 0);
        socket.Start();
        return ((IPEndPoint)socket.LocalEndpoint).Port;
    }

    private static async Task UntilAsync(string folder, BatchState state)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (true)
        {
            if (File.Exists(Path.Combine(folder, ".muster", "muster.db")) && await HasAsync(folder, state))
                return;
            await Task.Delay(50, limit.Token);
        }
    }

    private static async Task<bool> HasAsync(string folder, BatchState state)
    {
        try
        {
            await using var store = SqliteStore.OpenForReading(Path.Combine(folder, ".muster"));
            return store is not null && (await RunReport.LatestAsync(store, "goods"))?.Batches.Any(batch => batch.State == state) == true;
        }
        catch (Exception problem) when (problem is Muster.Stores.StoreException or Microsoft.Data.Sqlite.SqliteException)
        {
            // The store is being made.
            return false;
        }
    }
}
