using System.Text.Json;
using Muster.Evals;
using Muster.Jobs;
using Muster.Requests;
using Muster.Runs;
using Muster.Simulator;
using Muster.Simulator.Faults;
using Muster.Stores;
using Muster.Stores.Sqlite;
using Muster.Tests.Runs;

namespace Muster.Tests.Evals;

public sealed class EvaluatorTests
{
    private static readonly CancellationToken Stop = EvalTrial.Stop;

    [Fact]
    public async Task A_version_is_graded_by_a_run_of_the_cases_alone_and_asked_once()
    {
        var set = EvalTrial.Set(8, i => i == 8 ? "Tools" : "Shoes");
        await using var trial = await EvalTrial.StartAsync(set, carries: false);

        var first = (await EvalTrial.EvalAsync(trial, set)).ShouldNotBeNull();

        (first.Run.Kind, first.Run.Name, first.Grade.Source).ShouldBe(("eval", "r-1", GradeSource.Eval));
        (first.Grade.Grade.Passed, first.Grade.Grade.Failed).ShouldBe((7, 1));
        first.Gate.Verdict.ShouldBe(GateVerdict.Safe);
        first.Baseline.ShouldBeNull();
        trial.Api.Truth.RequestsAccepted.ShouldBe(8);
        var second = (await EvalTrial.EvalAsync(trial, set, seed: 51)).ShouldNotBeNull();
        (second.Run.Name, trial.Api.Truth.RequestsAccepted).ShouldBe(("r-1", 8));
        await trial.BooksShouldBalanceAsync();
        // Another set is another question.
        (await EvalTrial.EvalAsync(trial, EvalTrial.Set(2), seed: 52))!.Run.Name.ShouldBe("r-2");
        (await trial.RunAsync()).Run.Name.ShouldBe("r-3");
    }

    [Fact]
    public async Task A_killed_eval_goes_on_and_asks_nothing_twice()
    {
        var set = EvalTrial.Set(12);
        for (var kill = 1; ; kill++)
        {
            await using var trial = await EvalTrial.StartAsync(set, carries: false);
            var heard = 0;
            trial.Heard.OnEvent = _ => { if (++heard == kill) throw new KilledException(); };
            EvalResult? result = null;
            try
            {
                result = await EvalTrial.EvalAsync(trial, set);
            }
            catch (KilledException)
            {
                heard = -1;
            }

            var died = heard < 0;
            trial.Heard.OnEvent = null;
            result ??= await EvalTrial.EvalAsync(trial, set, seed: 60);
            (result!.Run.Name, result.Grade.Grade.Passed).ShouldBe(("r-1", 12));
            await trial.BooksShouldBalanceAsync();
            if (!died)
                return;
        }
    }

    [Fact]
    public async Task A_run_that_exists_is_graded_by_key_without_asking_anything()
    {
        var set = EvalTrial.Set(10, i => i > 8 ? "Tools" : "Shoes", (i, one) => i == 1 ? one with { Key = "nowhere" } : one);
        await using var trial = await EvalTrial.StartAsync(set, carries: false);
        await trial.RunAsync();
        var asked = trial.Api.Truth.RequestsAccepted;

        var result = (await EvalTrial.EvalAsync(trial, set, run: "r-1")).ShouldNotBeNull();

        (result.Grade.Source, result.Grade.Grade.Passed, result.Grade.Grade.Failed, result.Grade.Grade.Unscored).ShouldBe((GradeSource.Rows, 7, 2, 1));
        result.Gate.Verdict.ShouldBe(GateVerdict.Inconclusive, "one case in ten was not asked");
        trial.Api.Truth.RequestsAccepted.ShouldBe(asked);
    }

    [Fact]
    public async Task A_person_by_design_is_an_answer_and_a_refusal_is_none()
    {
        var set = EvalTrial.Of([
            Own("g-null", "..", null), Own("g-refused", "FORBIDDEN shoes", "Shoes"), Own("g-shoes", "Running shoes", "Shoes"),
        ]);
        await using var trial = await EvalTrial.StartAsync(set, carries: false, faults: new FaultPlan { Rows = [new RowRule { Contains = "FORBIDDEN", Outcome = "refusal" }] });

        var result = (await EvalTrial.EvalAsync(trial, set)).ShouldNotBeNull();

        result.Grade.Grade.Cases.Select(one => one.Outcome).ShouldBe([CaseOutcome.Pass, CaseOutcome.Fail, CaseOutcome.Pass]);
    }

    [Fact]
    public async Task The_baseline_is_stored_and_later_versions_are_compared_with_it()
    {
        var set = EvalTrial.Set(10);
        await using var trial = await EvalTrial.StartAsync(set, carries: false);
        var first = (await EvalTrial.EvalAsync(trial, set))!;
        await using (var store = SqliteStore.Open(StoreFolder.Of(trial.Job), "a test", TimeProvider.System))
            await store.LockBaselineAsync(first.Grade, "tester", DateTimeOffset.UnixEpoch, Stop);

        trial.Job = trial.Job with { Prompt = trial.Job.Prompt with { System = "Sort it another way." } };
        var later = (await EvalTrial.EvalAsync(trial, set, seed: 51))!;

        later.Baseline!.Grade.Run.ShouldBe("r-1");
        (later.Baseline.Who, later.Run.Name).ShouldBe(("tester", "r-2"));
        later.Gate.Comparison!.Paired.ShouldBe(10);
        later.Baseline.Grade.Grade.Cases.Select(one => (one.Key, one.Outcome)).ShouldBe(first.Grade.Grade.Cases.Select(one => (one.Key, one.Outcome)));
    }

    [Fact]
    public async Task A_judge_scores_rubrics_through_the_same_pipeline_and_one_that_refuses_leaves_the_denominator()
    {
        var set = Rubric(40);
        var oracle = Oracle(("p-00001", "no"), ("p-00002", "partly"), ("p-00003", "unsure"));
        await using var trial = await EvalTrial.StartAsync(set, carries: false, judge: "claude-sonnet-5-5", rows: 60, simulator: oracle,
            faults: new FaultPlan { Rows = [new RowRule { Contains = "number 4<", Model = "sonnet", Outcome = "refusal" }] });

        var result = (await EvalTrial.EvalAsync(trial, set)).ShouldNotBeNull();

        var judge = result.Judge.ShouldNotBeNull();
        (judge.Run, judge.Asked, judge.Scored, judge.Unscored).ShouldBe(("r-2", 40, 38, 2));
        judge.CostPicoUsd.ShouldBeGreaterThan(0);
        var grade = result.Grade.Grade;
        (grade.Passed, grade.Failed, grade.Unscored).ShouldBe((36, 2, 2));
        result.Grade.Judge.ShouldBe(judge.Version);
        result.Gate.Verdict.ShouldBe(GateVerdict.Safe, "two in forty are not more than 5 %");
        await trial.BooksShouldBalanceAsync();
        var asked = trial.Api.Truth.RequestsAccepted;
        (await EvalTrial.EvalAsync(trial, set, seed: 51))!.Grade.Grade.Passed.ShouldBe(36);
        trial.Api.Truth.RequestsAccepted.ShouldBe(asked, "neither the cases nor the judge are asked again");
        Directory.GetFiles(Path.Combine(StoreFolder.Of(trial.Job), "judge")).ShouldBeEmpty();
        // The full run is not held up by the judge's.
        (await trial.RunAsync()).Run.Name.ShouldBe("r-3");
    }

    [Fact]
    public async Task Rubrics_of_gold_rows_wait_for_the_judge_and_are_judged_when_the_run_is_graded_again()
    {
        var set = Rubric(3);
        await using var trial = await EvalTrial.StartAsync(set, goldRows: 3, judge: "claude-sonnet-5-5", rows: 4, simulator: Oracle(("p-00002", "partly")));
        var end = await trial.RunAsync();
        await using (var store = trial.Read())
            (await new EvalReader(store, TimeProvider.System).GoldAsync(end.Run, Stop))!.Gate.Verdict.ShouldBe(GateVerdict.Inconclusive);

        var judged = (await EvalTrial.EvalAsync(trial, set, run: "r-1")).ShouldNotBeNull();

        (judged.Grade.Source, judged.Judge!.Asked, judged.Grade.Grade.Passed, judged.Grade.Grade.Failed).ShouldBe((GradeSource.Gold, 3, 2, 1));
        await using var after = trial.Read();
        (await new EvalReader(after, TimeProvider.System).GoldAsync(end.Run, Stop))!.Gate.Verdict.ShouldBe(GateVerdict.Safe);
        await trial.BooksShouldBalanceAsync();
    }

    [Fact]
    public async Task A_judge_that_answers_too_little_decides_nothing()
    {
        var set = Rubric(10);
        await using var trial = await EvalTrial.StartAsync(set, carries: false, judge: "claude-sonnet-5-5", rows: 20, simulator: Oracle(),
            faults: new FaultPlan { Rows = [new RowRule { Contains = "<rubric>", Outcome = "refusal" }] });

        var result = (await EvalTrial.EvalAsync(trial, set)).ShouldNotBeNull();

        (result.Gate.Verdict, result.Gate.ExitCode, result.Judge!.Scored).ShouldBe((GateVerdict.Inconclusive, 4, 0));
        (result.Grade.Grade.Passed, result.Grade.Grade.Failed).ShouldBe((0, 0));
    }

    [Fact]
    public async Task A_killed_judge_is_finished_first_and_nothing_is_asked_twice()
    {
        var set = Rubric(9);
        for (var kill = 1; ; kill++)
        {
            await using var trial = await EvalTrial.StartAsync(set, carries: false, judge: "claude-sonnet-5-5", simulator: Oracle());
            var heard = 0;
            var died = false;
            trial.Heard.OnEvent = e => { if (e.Run == "r-2" && ++heard == kill) throw new KilledException(); };
            try
            {
                await EvalTrial.EvalAsync(trial, set);
            }
            catch (KilledException)
            {
                died = true;
            }

            trial.Heard.OnEvent = null;
            if (died && await StateAsync(trial) is { } state && !RunStates.IsFinal(state))
                (await Should.ThrowAsync<OtherRunException>(() => trial.RunAsync())).Hint.ShouldContain("muster eval");
            (await EvalTrial.EvalAsync(trial, set, seed: 60))!.Grade.Grade.Passed.ShouldBe(9);
            await trial.BooksShouldBalanceAsync();
            await using var store = trial.Read();
            (await store.RunsAsync(Stop)).Count.ShouldBe(2);
            if (!died)
                return;
        }
    }

    [Fact]
    public async Task What_two_judges_measured_is_not_compared()
    {
        var set = Rubric(6);
        await using var trial = await EvalTrial.StartAsync(set, carries: false, judge: "claude-sonnet-5-5", simulator: Oracle());
        var first = (await EvalTrial.EvalAsync(trial, set))!;
        await using (var store = SqliteStore.Open(StoreFolder.Of(trial.Job), "a test", TimeProvider.System))
            await store.LockBaselineAsync(first.Grade, "tester", DateTimeOffset.UnixEpoch, Stop);
        trial.Job = trial.Job with { Evals = trial.Job.Evals! with { Judge = "claude-haiku-4-5" } };

        var second = (await EvalTrial.EvalAsync(trial, set, seed: 51))!;

        (second.Gate.Verdict, second.Gate.Comparison).ShouldBe((GateVerdict.Inconclusive, null));
        second.Gate.Sentence.ShouldContain("was scored by judge");
    }

    private static async Task<RunState> StateAsync(Trial trial)
    {
        await using var store = trial.Read();
        return (await store.RunsAsync(Stop))[^1].State;
    }

    private static EvalCase Own(string key, string name, string? category) => new(key, new Dictionary<string, JsonElement> { ["/category"] = JsonSerializer.SerializeToElement(category) })
    {
        Input = new Dictionary<string, string> { ["sku"] = key, ["name"] = name },
    };

    private static EvalSet Rubric(int cases) => EvalTrial.Of(
        [.. EvalTrial.Set(cases).Cases.Select(one => one with { Expect = new Dictionary<string, JsonElement>(one.Expect) { ["/summary"] = JsonSerializer.SerializeToElement("says what it is") } })],
        new Dictionary<string, Comparator> { ["/category"] = new(CompareKind.Exact), ["/summary"] = new(CompareKind.Rubric) { Rubric = "One sentence that says what the product is." } });

    /// <summary>A remote whose judge says yes, but for the cases given.</summary>
    private static SimulatorOptions Oracle(params (string Key, string Verdict)[] others)
    {
        var path = Path.Combine(Some.Folder(), "oracle.tsv");
        File.WriteAllLines(path, Enumerable.Range(1, 60).Select(i => $"p-{i:D5}").Select(key =>
            $"{CustomId.HashedPart(JudgeScores.RowOf(key, "/summary"), [])}\t{{\"why\":\"It does.\",\"verdict\":\"{others.FirstOrDefault(one => one.Key == key).Verdict ?? "yes"}\"}}"));
        return new SimulatorOptions { Instant = true, Engine = "oracle", OracleFile = path };
    }
}
