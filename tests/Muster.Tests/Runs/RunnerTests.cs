using Muster.Requests;
using Muster.Runs;
using Muster.Simulator;
using Muster.Simulator.Faults;

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

    [Fact]
    public async Task The_second_tier_is_asked_about_the_rows_that_failed_at_the_first_and_no_other()
    {
        await using var trial = await Trial.StartAsync(new FaultPlan { Rows = [new RowRule { Contains = "number 1", Model = "haiku", Outcome = "violation" }] });

        await trial.ShouldBeDoneAsync(await trial.RunAsync());

        await using var store = trial.Read();
        var asked = new Dictionary<int, List<string>> { [0] = [], [1] = [] };
        foreach (var batch in await store.BatchesAsync(1))
            asked[batch.Tier].AddRange((await trial.CustomIdsAsync(batch.RemoteId!)).Select(id => CustomId.Parse(id)!.Part));
        asked[0].Distinct().Order(StringComparer.Ordinal).ShouldBe(Enumerable.Range(1, 20).Select(i => $"p-{i:D5}"));
        asked[1].Order(StringComparer.Ordinal).ShouldBe(new[] { 1 }.Concat(Enumerable.Range(10, 10)).Select(i => $"p-{i:D5}"));
    }
}
