using Muster.Evals;
using Muster.Promotion;
using Muster.Reports;
using Muster.Runs;
using Muster.Selections;
using Muster.Stores.Sqlite;
using Muster.Stores;
using Muster.Tests.Runs;

namespace Muster.Tests.Evals;

public sealed class PromotionHoldTests
{
    private static readonly CancellationToken Stop = EvalTrial.Stop;

    private static async Task<Receipt> PromoteAsync(Trial trial, RunEnd end, string? despite = null)
    {
        await using var store = SqliteStore.Open(StoreFolder.Of(trial.Job), "a test", TimeProvider.System);
        var promotions = Promotions.Open(trial.Job, new PromotionsOptions { DespiteGate = despite, Actor = "tester" });
        return await promotions.ApplyAsync(store, await promotions.PlanAsync(store, end.Run, cancellationToken: Stop), Stop);
    }

    [Fact]
    public async Task A_gate_that_is_red_holds_the_promotion_until_a_person_says_why_not()
    {
        // Six cases that passed before fail now: one in 64 by chance.
        var set = EvalTrial.Set(10, i => i <= 6 ? "Tools" : "Shoes");
        await using var trial = await EvalTrial.StartAsync(set, goldRows: 10, rows: 24);
        await trial.RunAsync(options => options with { Scope = new RunScope(Muster.Pilots.PilotStage.Smoke) });
        await EvalTrial.LockPassingAsync(trial, set);
        trial.Job = trial.Job with { Limits = trial.Job.Limits with { BatchRows = 100 } };
        var end = await trial.RunAsync();

        trial.Heard.Events.Single(e => e.Kind == RunEventKind.Graded).Text.ShouldStartWith("Worse than the locked baseline: 6 regressions and 0 fixed among 10 cases");
        var held = await Should.ThrowAsync<PromotionHeldException>(() => PromoteAsync(trial, end));
        held.ExitCode.ShouldBe(3);
        held.Holds.ShouldHaveSingleItem().ShouldContain("the gold rows of r-2 (gold@1): ABORT");
        held.Hint.ShouldContain("muster eval --run r-2");
        held.Hint.ShouldContain("--despite-gate \"REASON\"");
        File.Exists(trial.Job.Target!.Path).ShouldBeFalse();

        (await PromoteAsync(trial, end, despite: "Tools is what the shop calls shoes now")).Counts.Insert.ShouldBe(24);

        await using var store = trial.Read();
        var overruled = (await store.OverridesAsync(end.Run.Id, Stop)).ShouldHaveSingleItem();
        (overruled.HeldBy, overruled.Who, overruled.Reason).ShouldBe(("evals", "tester", "Tools is what the shop calls shoes now"));
        overruled.Holds.ShouldHaveSingleItem().ShouldContain("ABORT");
        var account = await new RunAccountReader(store, null, null).ReadAsync(end.Run, cancellationToken: Stop);
        account.Gold!.Gate.Verdict.ShouldBe(GateVerdict.Abort);
        account.Overrides.Count.ShouldBe(1);
        var page = new StringWriter();
        RunAccountMarkdown.Write(account, page);
        page.ToString().ShouldContain("let through despite evals");
    }

    [Fact]
    public async Task A_gate_that_is_green_lets_it_pass_and_records_nothing()
    {
        var set = EvalTrial.Set(10, i => i <= 2 ? "Tools" : "Shoes");
        await using var trial = await EvalTrial.StartAsync(set, goldRows: 10, rows: 24);
        await trial.RunAsync(options => options with { Scope = new RunScope(Muster.Pilots.PilotStage.Smoke) });
        await EvalTrial.LockPassingAsync(trial, set);
        var end = await trial.RunAsync();

        (await PromoteAsync(trial, end, despite: "not needed")).Counts.Insert.ShouldBe(24);

        await using var store = trial.Read();
        (await store.OverridesAsync(end.Run.Id, Stop)).ShouldBeEmpty();
        (await store.GradesAsync("catalog", Stop)).ShouldContain(grade => grade.Source == GradeSource.Gold && grade.Run == "r-2");
    }

    [Fact]
    public async Task A_must_pass_case_that_fails_in_one_batch_is_enough()
    {
        var set = EvalTrial.Set(5, i => i == 4 ? "Toys" : "Shoes", (i, one) => one with { MustPass = i == 4 });
        await using var trial = await EvalTrial.StartAsync(set, goldRows: 2, rows: 24);
        var end = await trial.RunAsync();

        (await Should.ThrowAsync<PromotionHeldException>(() => PromoteAsync(trial, end))).Message.ShouldContain("Must-pass cases fail: p-00004");
    }

    [Fact]
    public async Task A_rerun_of_the_same_version_is_no_way_around_the_gate()
    {
        var set = EvalTrial.Set(5, i => i == 4 ? "Toys" : "Shoes", (i, one) => one with { MustPass = i == 4 });
        await using var trial = await EvalTrial.StartAsync(set, goldRows: 2, rows: 24);
        var end = await trial.RunAsync();
        await Should.ThrowAsync<PromotionHeldException>(() => PromoteAsync(trial, end));
        await using (var store = SqliteStore.Open(StoreFolder.Of(trial.Job), "a test", TimeProvider.System))
            await new Rerunner(store, TimeProvider.System).OpenAsync(new RerunRequest(trial.Job, Selector.Parse("key:p-0001*"), end.Run.Name), Chance.Seeded(77));
        var again = await trial.RunAsync(options => options with { Scope = RunScope.Rerun });
        again.Outcome.ShouldBe(RunOutcome.Done, again.Why);
        again.Run.JobVersion.ShouldBe(end.Run.JobVersion);

        (await Should.ThrowAsync<PromotionHeldException>(() => PromoteAsync(trial, again))).Message.ShouldContain("Must-pass cases fail: p-00004");
    }

    [Fact]
    public async Task Gold_rows_that_all_fail_hold_the_promotion_though_nobody_locked_a_baseline()
    {
        await using var trial = await EvalTrial.StartAsync(EvalTrial.Set(10, _ => "Tools"), goldRows: 10, rows: 24);
        var end = await trial.RunAsync();

        var held = await Should.ThrowAsync<PromotionHeldException>(() => PromoteAsync(trial, end));
        held.ExitCode.ShouldBe(3);
        held.Message.ShouldMatch(@"ABORT\. Far from what the set expects: 0 of \d+ cases pass");
    }

    [Fact]
    public async Task A_rerun_with_a_version_that_nothing_was_graded_of_waits_for_its_eval()
    {
        var set = EvalTrial.Set(5);
        await using var trial = await EvalTrial.StartAsync(set, goldRows: 2, rows: 24);
        var end = await trial.RunAsync();
        await PromoteAsync(trial, end);
        trial.Job = trial.Job with { Prompt = trial.Job.Prompt with { System = "Sort the product. A hammer is Tools." } };
        await using (var store = SqliteStore.Open(StoreFolder.Of(trial.Job), "a test", TimeProvider.System))
            await new Rerunner(store, TimeProvider.System).OpenAsync(new RerunRequest(trial.Job, Selector.Parse("key:p-0001*"), end.Run.Name), Chance.Seeded(77));
        var again = await trial.RunAsync(options => options with { Scope = RunScope.Rerun });

        var held = await Should.ThrowAsync<PromotionHeldException>(() => PromoteAsync(trial, again));
        held.ExitCode.ShouldBe(4);
        held.Message.ShouldContain("which no full run asked with and no eval graded");
        held.Hint.ShouldContain("muster eval JOB");

        (await EvalTrial.EvalAsync(trial, set, seed: 51))!.Gate.Verdict.ShouldBe(GateVerdict.Safe);
        (await PromoteAsync(trial, again)).Counts.Total.ShouldBe(10);
    }

    [Fact]
    public async Task A_run_without_gold_rows_is_held_by_the_eval_of_its_version_until_that_is_better()
    {
        var bad = EvalTrial.Set(3, _ => "Tools", (_, one) => one with { MustPass = true });
        await using var trial = await EvalTrial.StartAsync(bad, carries: false);
        var end = await trial.RunAsync();
        (await EvalTrial.EvalAsync(trial, bad))!.Gate.Verdict.ShouldBe(GateVerdict.Abort);

        (await Should.ThrowAsync<PromotionHeldException>(() => PromoteAsync(trial, end))).Hint.ShouldContain("muster eval --run r-2");

        var mended = EvalTrial.Set(3);
        File.WriteAllBytes(trial.Job.Evals!.SetPath, EvalSetWriter.Write(mended));
        (await EvalTrial.EvalAsync(trial, mended, seed: 51))!.Gate.Verdict.ShouldBe(GateVerdict.Safe);
        (await PromoteAsync(trial, end)).Counts.Insert.ShouldBe(24);
    }
}
