using Muster.Drift;
using Muster.Evals;
using Muster.Promotion;
using Muster.Runs;
using Muster.Simulator.Faults;
using Muster.Stores;
using Muster.Tests.Selections;

namespace Muster.Tests.Drift;

public sealed class DriftReaderTests
{
    private const int Rows = 400;

    [Fact]
    public async Task The_first_run_has_nothing_to_be_compared_with_and_says_so()
    {
        await using var folder = await RerunFolder.StartAsync(Rows);
        await folder.Trial.RunAsync();
        var account = await RerunTests.DriftAsync(folder, "r-1");

        account.Against.ShouldBeNull();
        account.WhyAlone.ShouldBe("No run before r-1 was promoted, or its promotion was taken back.");
        account.Report.Findings.Single(finding => finding.Check == "A1").Severity.ShouldBe(Severity.Ok);
        account.Report.Findings.Single(finding => finding.Check == "A19").Severity.ShouldBe(Severity.Info);
        account.Report.Findings.Single(finding => finding.Check == "A3").Sentence.ShouldBe("There is no accepted run to compare with.");
    }

    [Fact]
    public async Task A_run_that_drifted_is_held_and_goes_on_only_with_a_reason_that_is_kept()
    {
        await using var folder = await DriftedAsync();
        var held = await Should.ThrowAsync<DriftHeldException>(() => folder.PromoteAsync("r-2", 2));

        held.Message.ShouldStartWith("r-2 is held, AGG.DRIFT.A2: ");
        held.Hint.ShouldContain("muster drift r-2");
        held.Hint.ShouldContain("--despite-drift REASON");
        (await Promotions.Open(folder.Job).ReceiptsAsync()).Count.ShouldBe(1);
        (await RerunTests.DriftAsync(folder, "r-2")).Override.ShouldBeNull();

        var receipt = await folder.PromoteAsync("r-2", 3, "the supplier dropped those names on purpose");
        var kept = (await RerunTests.DriftAsync(folder, "r-2")).Override.ShouldNotBeNull();
        kept.PromotionId.ShouldBe(receipt.PromotionId);
        kept.Reason.ShouldBe("the supplier dropped those names on purpose");
        kept.Holds.ShouldContain(hold => hold.StartsWith("AGG.DRIFT.A2: ", StringComparison.Ordinal));
        await using var store = folder.Trial.Read();
        var told = await new RunAccountReader(store, null, null).ReadAsync((await store.RunsAsync()).Single(run => run.Name == "r-2"));
        told.Overrides.ShouldHaveSingleItem().HeldBy.ShouldBe("drift");
    }

    [Fact]
    public async Task A_rerun_of_what_drifted_lets_go_of_both_runs()
    {
        await using var folder = await DriftedAsync();
        folder.Trial.Api.Faults = FaultPlan.None;
        await folder.OpenAsync("state:quarantined");
        (await Should.ThrowAsync<DriftException>(() => RerunTests.DriftAsync(folder, "r-2"))).Message
            .ShouldBe("r-3, a rerun of rows of r-2, is running: drift is judged when every row is in a terminal state.");
        await folder.GoOnAsync();

        (await RerunTests.DriftAsync(folder, "r-3")).Report.Blocks.ShouldBeFalse();
        var mended = await folder.PromoteAsync("r-3", 4);
        mended.Counts.Total.ShouldBe((await RerunTests.DriftAsync(folder, "r-3")).Family.Reruns[0].Selection.Rows);
        (await folder.PromoteAsync("r-2", 5)).Counts.Conflict.ShouldBe(0);
    }

    [Fact]
    public async Task A_run_still_under_way_has_no_profile_and_a_pilot_none_at_all()
    {
        await using var folder = await RerunFolder.StartAsync(Rows);
        folder.Trial.Heard.OnEvent = e => { if (e.Kind == RunEventKind.BatchCreated) throw new Runs.KilledException(); };
        await Should.ThrowAsync<Runs.KilledException>(() => folder.Trial.RunAsync());
        var refusal = await Should.ThrowAsync<DriftException>(() => RerunTests.DriftAsync(folder, "r-1"));
        refusal.Message.ShouldBe("r-1 is running: drift is judged when every row is in a terminal state.");
        refusal.Hint.ShouldBe("Finish it with `muster run`.");
        (await Should.ThrowAsync<UnknownRunException>(() => RerunTests.DriftAsync(folder, "r-7"))).Message.ShouldContain("its runs are r-1");

        await using var pilot = await RerunFolder.StartAsync(Rows);
        await pilot.Trial.RunAsync(options => options with { Scope = new RunScope(Muster.Pilots.PilotStage.Smoke) });
        (await Should.ThrowAsync<DriftException>(() => RerunTests.DriftAsync(pilot, "r-1"))).Message.ShouldContain("smoke run over picked rows");
    }

    [Fact]
    public async Task A_profile_is_kept_and_made_anew_when_a_rerun_changed_what_stands()
    {
        await using var folder = await RerunFolder.StartAsync(Rows);
        await folder.Trial.RunAsync();
        await RerunTests.DriftAsync(folder, "r-1");
        var path = Path.Combine(StoreFolder.Of(folder.Job), "profiles", "r-1.json");
        var kept = File.ReadAllText(path);
        File.WriteAllText(path, kept.Replace($"\"rows\":{Rows}", "\"rows\":7", StringComparison.Ordinal));
        (await RerunTests.DriftAsync(folder, "r-1")).Report.Findings.Single(finding => finding.Check == "A1").Severity.ShouldBe(Severity.Block, "the kept profile was not used");

        await folder.RerunAsync(folder.Keys(1, 2, 3));
        (await RerunTests.DriftAsync(folder, "r-1")).Report.Findings.Single(finding => finding.Check == "A1").Severity.ShouldBe(Severity.Ok);
        File.ReadAllText(path).ShouldNotBe(kept);
    }

    [Fact]
    public async Task Cases_of_the_eval_set_are_graded_beside_those_of_the_reference()
    {
        await using var folder = await DriftedAsync();
        await using (var store = folder.Trial.Read())
        {
            var cases = new List<EvalCase>();
            await foreach (var row in store.StagedAsync(1))
            {
                using var output = System.Text.Json.JsonDocument.Parse(row.Output);
                cases.Add(new EvalCase(row.Key, new Dictionary<string, System.Text.Json.JsonElement> { ["/category"] = output.RootElement.GetProperty("category").Clone() }));
            }

            var fields = new Dictionary<string, Comparator> { ["/category"] = new Comparator(CompareKind.Exact) };
            File.WriteAllBytes(Path.Combine(folder.Job.Directory, "catalog.evalset.jsonl"), EvalSetWriter.Write(new EvalSet("gold", 1, EvalSetWriter.Hash(fields, cases), fields, cases)));
        }

        var account = await RerunTests.DriftAsync(folder, "r-2");
        account.Gold.ShouldStartWith("gold@1: ");
        account.Report.Findings.Single(finding => finding.Check == "A15").Severity.ShouldBe(Severity.Block, account.Gold);
    }

    [Fact]
    public async Task A_promotion_that_was_taken_back_makes_no_reference()
    {
        await using var folder = await DriftedAsync();
        var promotions = Promotions.Open(folder.Job);
        await promotions.RollbackAsync((await promotions.ReceiptsAsync()).Single().PromotionId, RollbackMode.Write);
        var account = await RerunTests.DriftAsync(folder, "r-2");

        account.Against.ShouldBeNull();
        account.WhyAlone.ShouldBe("No run before r-2 was promoted, or its promotion was taken back.");
        account.Report.Blocks.ShouldBeFalse();
    }

    [Fact]
    public async Task A_reference_that_was_profiled_before_its_purge_still_counts()
    {
        await using var folder = await DriftedAsync();
        await RerunTests.PurgeAsync(folder, null);
        var account = await RerunTests.DriftAsync(folder, "r-2");

        account.Against!.Full.Name.ShouldBe("r-1");
        account.Blocking.ShouldContain(finding => finding.Check == "A2");
    }

    /// <summary>An accepted run, and one over the same rows of which a tenth break the contract at every tier.</summary>
    private static async Task<RerunFolder> DriftedAsync()
    {
        var folder = await RerunFolder.StartAsync(Rows);
        (await folder.Trial.RunAsync()).Outcome.ShouldBe(RunOutcome.Done);
        await folder.PromoteAsync("r-1");
        folder.Trial.Api.Faults = new FaultPlan { Rows = [new RowRule { Contains = "number 3", Outcome = "violation" }] };
        (await folder.Trial.RunAsync(options => options with { Anew = true })).Outcome.ShouldBe(RunOutcome.Done);
        return folder;
    }
}
