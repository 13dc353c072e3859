using Muster.Runs;
using Muster.Simulator.Faults;
using Muster.Stores.Sqlite;

namespace Muster.Cli.Tests;

public sealed class KillTests
{
    private const int Rows = 20_000;
    private const int Kills = 10;

    /// <summary>The list is looked at before each batch, so this holds the run long enough for ten kills.</summary>
    private const double ListSeconds = 0.15;

    [Fact]
    public async Task Ten_kills_at_any_moment_bill_no_row_twice_and_lose_none()
    {
        var seed = int.TryParse(Environment.GetEnvironmentVariable("MUSTER_KILL_SEED"), out var given) ? given : 4711;
        var moments = new Random(seed);
        await using var api = await Some.Api(faults: new FaultPlan
        {
            Seed = (ulong)seed,
            Rates = new Dictionary<string, double> { ["overloaded_error"] = 0.01, ["expired"] = 0.01 },
            Models = [new ModelFaults { Model = "haiku", Violation = 0.02, Broken = 0.01 }],
            Calls =
            [
                new CallFault { Endpoint = "create", Probability = 0.15, Fault = CallFaultKind.ResetAfter },
                new CallFault { Endpoint = "list", Every = 1, Fault = CallFaultKind.DelayBefore, Seconds = ListSeconds },
            ],
        });
        var folder = Some.JobFolder(Rows, batchRows: 400);
        var environment = Some.Environment(api);

        var kills = 0;
        while (kills < Kills)
        {
            using var cli = Cli.Start(folder, environment, "run");
            (await cli.SaysAsync("r-1 opened")).ShouldBeTrue($"seed {seed}, kill {kills}: {(await cli.EndAsync()).All}");
            await Task.Delay(moments.Next(10, 900), TestContext.Current.CancellationToken);
            cli.Kill().ShouldBeTrue($"seed {seed}: the run ended before kill {kills + 1}");
            await cli.EndAsync();
            kills++;
        }

        var last = await Cli.RunAsync(folder, environment, "run");
        var truth = api.Truth;
        await using var store = SqliteStore.OpenForReading(Path.Combine(folder, ".muster"))!;
        var report = (await RunReport.LatestAsync(store, "goods"))!;

        last.ExitCode.ShouldBe(0, $"seed {seed}: {last.All}");
        truth.PairsAcceptedMoreThanOnce.ShouldBe(0, $"seed {seed}: {string.Join(", ", truth.RepeatedIds)}");
        truth.PairsAccepted.ShouldBe(truth.RequestsAccepted, $"seed {seed}");
        report.Ledger.Rows.ShouldBe(Rows, $"seed {seed}");
        report.Ledger.Balances.ShouldBeTrue($"seed {seed}: {report.Ledger}");
        report.Ledger.Open.ShouldBe(0, $"seed {seed}: {report.Ledger}");
        report.Spend.Requests.ShouldBe(truth.RowsBilled, $"seed {seed}");
        (await store.AuditAsync(report.Run.Id)).ShouldBeEmpty($"seed {seed}");
    }
}
