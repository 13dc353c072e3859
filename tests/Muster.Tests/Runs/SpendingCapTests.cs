using Muster.Jobs;
using Muster.Runs;
using Muster.Simulator;
using Muster.Simulator.Faults;

namespace Muster.Tests.Runs;

/// <summary>A cap that cannot be compared with anything is none, so nothing is sent under it.</summary>
public sealed class SpendingCapTests
{
    private const string Unpriced = "claude-unlisted-9";

    private static Task<Trial> StartAsync(Func<Job, Job> job) => Trial.StartAsync(
        new FaultPlan { Models = [new ModelFaults { Model = "haiku", Violation = 1 }] }, job, Some.Rows(6),
        new SimulatorOptions { Instant = true, ExtraModels = [Unpriced] });

    private static Job Escalating(Job job) => job with { Tiers = [job.Tiers[0], new TierSpec(Unpriced, 2000)] };

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_capped_run_pauses_before_the_tier_whose_model_has_no_price_and_goes_on_with_one_or_without_the_cap(bool getsPrice)
    {
        await using var trial = await StartAsync(job => Escalating(job) with { Budget = new BudgetSpec(Usd: 100) });

        var end = await trial.RunAsync();

        end.Outcome.ShouldBe(RunOutcome.Paused);
        end.ExitCode.ShouldBe(ExitCodes.BudgetExceeded);
        var why = end.Why.ShouldNotBeNull();
        why.ShouldStartWith($"REQ.COST_CAP: tiers[1] asks \"{Unpriced}\", which has no price");
        why.ShouldContain("MUSTER_PRICES");
        why.ShouldContain("remove `budget.usd`");
        end.Run.Why.ShouldBe(why);
        await using (var store = trial.Read())
            (await store.BatchesAsync(end.Run.Id)).ShouldAllBe(batch => batch.Tier == 0);
        await trial.BooksShouldBalanceAsync();
        var again = await trial.RunAsync();
        again.Outcome.ShouldBe(RunOutcome.Paused, "nothing has changed");

        var prices = Path.Combine(trial.Job.Directory, "prices.json");
        await File.WriteAllTextAsync(prices,
            $$"""{"as_of":"2026-11-01","models":[{"id":"{{Unpriced}}","input":1,"output":5,"write_5m":1,"write_1h":2,"read":0.1}]}""");
        if (!getsPrice)
            trial.Job = trial.Job with { Budget = new BudgetSpec() };
        var last = await trial.RunAsync(options => options with { PriceFile = getsPrice ? prices : null });

        await trial.ShouldBeDoneAsync(last);
        await using var after = trial.Read();
        (await after.BatchesAsync(end.Run.Id)).ShouldContain(batch => batch.Tier == 1);
    }

    [Fact]
    public async Task A_first_tier_without_a_price_pauses_a_capped_run_before_anything_is_sent()
    {
        await using var trial = await StartAsync(job => job with { Tiers = [new TierSpec(Unpriced, 300)], Budget = new BudgetSpec(Usd: 100) });

        var end = await trial.RunAsync();

        end.Why.ShouldNotBeNull().ShouldStartWith("REQ.COST_CAP: tiers[0] asks");
        trial.Api.Truth.CreateCalls.ShouldBe(0);
    }

    [Fact]
    public async Task Without_a_cap_a_model_needs_no_price()
    {
        await using var trial = await StartAsync(Escalating);

        await trial.ShouldBeDoneAsync(await trial.RunAsync());
    }
}
