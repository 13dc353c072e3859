using Muster.Jobs;
using Muster.Pilots;
using Muster.Promotion;
using Muster.Runs;

namespace Muster.Tests.Runs;

public sealed class RunScopeTests
{
    private static readonly CancellationToken Stop = TestContext.Current.CancellationToken;

    private static Func<PipelineOptions, PipelineOptions> Stage(PilotStage stage, int? rows = null, ulong? seed = null) =>
        options => options with { Scope = new RunScope(stage) { Rows = rows, Seed = seed } };

    [Fact]
    public async Task A_pilot_asks_exactly_the_picked_rows()
    {
        await using var trial = await Trial.StartAsync(rows: Some.Rows(300));

        var end = await trial.RunAsync(Stage(PilotStage.Pilot, 12));

        await trial.ShouldBeDoneAsync(end);
        end.Run.Kind.ShouldBe("pilot");
        end.Ledger.Rows.ShouldBe(12);
        await using var store = trial.Read();
        var pick = (await store.PickAsync(end.Run.Id, Stop)).ShouldNotBeNull();
        pick.Seed.ShouldBe(1ul);
        pick.Askable.ShouldBe(300);
        var lines = new List<string>();
        await foreach (var row in store.ReadPickedAsync(end.Run.Id, Stop))
        {
            lines.Add(row.Line);
            row.Use.Requests.ShouldBeGreaterThan(0);
            row.Output.IsEmpty.ShouldBeFalse();
        }

        lines.ShouldBe(pick.Rows.Select(row => row.Line));
        (await store.UsageAsync(end.Run.Id, Stop)).Sum(usage => usage.Requests).ShouldBeGreaterThanOrEqualTo(12);
    }

    [Fact]
    public async Task A_killed_pilot_resumes_with_its_own_rows_whatever_is_asked_for_now()
    {
        await using var trial = await Trial.StartAsync(rows: Some.Rows(200));
        await Should.ThrowAsync<KilledException>(() => trial.RunAsync(options =>
        {
            trial.Heard.OnEvent = e => { if (e.Kind == RunEventKind.Opened) throw new KilledException(); };
            return Stage(PilotStage.Pilot, 10, 5)(options);
        }));
        trial.Heard.OnEvent = null;
        RunPick before;
        await using (var store = trial.Read())
            before = (await store.PickAsync(1, Stop)).ShouldNotBeNull();

        var end = await trial.RunAsync(Stage(PilotStage.Pilot, 40, 9));

        await trial.ShouldBeDoneAsync(end);
        end.Run.Name.ShouldBe("r-1");
        end.Ledger.Rows.ShouldBe(10);
        await using var after = trial.Read();
        (await after.PickAsync(1, Stop))!.Rows.ShouldBe(before.Rows);
        (await after.RunsAsync(Stop)).Count.ShouldBe(1);
    }

    [Fact]
    public async Task Kinds_are_never_mixed()
    {
        await using var trial = await Trial.StartAsync();
        await Should.ThrowAsync<KilledException>(() => trial.RunAsync(options =>
        {
            trial.Heard.OnEvent = e => { if (e.Kind == RunEventKind.Opened) throw new KilledException(); };
            return Stage(PilotStage.Smoke)(options);
        }));
        trial.Heard.OnEvent = null;

        var refused = await Should.ThrowAsync<OtherRunException>(() => trial.RunAsync());
        refused.Hint.ShouldContain("muster pilot --stage smoke");
        await Should.ThrowAsync<OtherRunException>(() => trial.RunAsync(Stage(PilotStage.Pilot)));

        await trial.ShouldBeDoneAsync(await trial.RunAsync(Stage(PilotStage.Smoke)));
        var full = await trial.RunAsync();
        (full.Run.Kind, full.Run.Name, full.Ledger.Rows).ShouldBe(("full", "r-2", 20));
        var again = await trial.RunAsync(Stage(PilotStage.Smoke));
        (again.Outcome, again.Run.Name).ShouldBe((RunOutcome.NothingToDo, "r-1"));
        (await trial.RunAsync(Stage(PilotStage.Smoke, seed: 2))).Run.Name.ShouldBe("r-3");
        (await trial.RunAsync()).Outcome.ShouldBe(RunOutcome.NothingToDo);
    }

    [Fact]
    public async Task A_pilot_is_not_promoted_and_the_newest_full_run_is()
    {
        await using var trial = await Trial.StartAsync(job: job => job with
        {
            Target = new TargetSpec(TargetKind.Csv, Path.Combine(job.Directory, "out.csv"), "sku", [new ColumnSpec("category", "/category")]),
        });
        var promotions = Promotions.Open(trial.Job, new PromotionsOptions());
        await trial.RunAsync(Stage(PilotStage.Pilot, 10));
        await using (var store = trial.Read())
            (await Should.ThrowAsync<TargetException>(() => promotions.ChooseAsync(store, null, Completeness.Whole, Stop))).Message.ShouldContain("pilot run over picked rows");
        await trial.RunAsync();
        await trial.RunAsync(Stage(PilotStage.Smoke, 5));

        await using var read = trial.Read();
        (await promotions.ChooseAsync(read, null, Completeness.Whole, Stop)).Name.ShouldBe("r-2");
        await Should.ThrowAsync<TargetException>(() => promotions.ChooseAsync(read, "r-3", Completeness.Whole, Stop));
    }

    [Fact]
    public async Task The_failure_budget_of_the_full_run_does_not_stop_a_pilot()
    {
        IReadOnlyList<string> rows = [.. Some.Rows(10), "p-00001,again", "p-00002,again"];
        await using var trial = await Trial.StartAsync(rows: rows, job: job => job with
        {
            Budget = new BudgetSpec(Failures: 0), Contract = new ContractSpec("""{"type":"object","properties":{"category":{"type":"string","pattern":"^never$"}},"required":["category"]}""", "s.json"),
        });

        (await trial.RunAsync(Stage(PilotStage.Pilot, 10))).Outcome.ShouldBe(RunOutcome.Done);
    }

    [Fact]
    public async Task A_full_run_without_a_locked_pilot_is_refused_by_default_and_recorded_when_it_was_wanted_all_the_same()
    {
        await using var trial = await Trial.StartAsync(job: job => job with { Pilot = new PilotSpec(10, 0.5) });

        var refused = await Should.ThrowAsync<PilotRequiredException>(() => trial.RunAsync());
        refused.Hint.ShouldContain("muster pilot");
        refused.Hint.ShouldContain("--unpiloted");
        refused.ExitCode.ShouldBe(ExitCodes.Unbalanced);
        await using (var store = trial.Read())
            (await store.RunsAsync(Stop)).ShouldBeEmpty();
        trial.Api.Truth.BatchesCreated.ShouldBe(0);
        var end = await trial.RunAsync(options => options with { Unpiloted = true });

        end.Run.Unpiloted.ShouldBeTrue();
        await trial.ShouldBeDoneAsync(end);
    }
}
