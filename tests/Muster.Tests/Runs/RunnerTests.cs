using Muster.Runs;
using Muster.Simulator;

namespace Muster.Tests.Runs;

public sealed class RunnerTests
{
    [Fact]
    public async Task A_run_accounts_for_every_row_and_asks_each_attempt_once()
    {
        await using var api = await SimulatedApi.StartAsync(new SimulatorOptions { Instant = true });
        var job = Some.Job(Some.Folder());
        await using var runner = Runner.Open(job, Some.Claude(api), Some.Options());

        var end = await runner.RunAsync(TestContext.Current.CancellationToken);

        end.Outcome.ShouldBe(RunOutcome.Done, end.Why);
        end.Ledger.Balances.ShouldBeTrue();
        end.Ledger.Rows.ShouldBe(20);
        end.Ledger.Open.ShouldBe(0);
        api.Truth.PairsAcceptedMoreThanOnce.ShouldBe(0);
        (await runner.Store.AuditAsync(end.Run.Id)).ShouldBeEmpty();
        (await runner.ReportAsync(end.Run)).Ledger.ShouldBe(end.Ledger);
    }
}
