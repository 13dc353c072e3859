using System.Text.Json;
using Muster.Drift;
using Muster.Evals;
using Muster.Promotion;
using Muster.Runs;
using Muster.Stores;
using Muster.Stores.Sqlite;
using Muster.Tests.Selections;

namespace Muster.Tests.Drift;

/// <summary>What a run is compared with, and what its eval set says where there is no run to compare with.</summary>
public sealed class DriftReferenceTests
{
    private const int Rows = 60;

    [Fact]
    public async Task The_newest_promoted_run_of_the_same_contract_is_the_reference_though_a_newer_one_has_another()
    {
        await using var folder = await RerunFolder.StartAsync(Rows);
        await RunAsync(folder, 1);
        await RunAsync(folder, 2);
        var job = folder.Job;
        folder.Trial.Job = job with { Contract = job.Contract with { SchemaJson = job.Contract.SchemaJson.Replace("119", "118", StringComparison.Ordinal) } };
        await RunAsync(folder, 3);
        var alone = await RerunTests.DriftAsync(folder, "r-3");
        alone.Against.ShouldBeNull();
        alone.WhyAlone.ShouldBe("r-2, the last one promoted before r-3, has another contract, and so has every one before it. Compare them all the same with --against r-2.");
        folder.Trial.Job = job;
        await folder.Trial.RunAsync(options => options with { Anew = true });

        var account = await RerunTests.DriftAsync(folder, "r-4");

        account.Against.ShouldNotBeNull(account.WhyAlone).Full.Name.ShouldBe("r-2");
    }

    [Fact]
    public async Task A_must_pass_case_that_fails_blocks_the_first_run_too()
    {
        await using var folder = await RerunFolder.StartAsync(Rows);
        await folder.Trial.RunAsync();
        Write(folder, i => i == 3 ? "Toys" : "Shoes", i => i == 3);

        var account = await RerunTests.DriftAsync(folder, "r-1");

        account.Against.ShouldBeNull();
        var gold = account.Report.Findings.Single(finding => finding.Check == "A15");
        (gold.Severity, gold.Sentence).ShouldBe((Severity.Block, "Must-pass cases fail: p-00003."));
        (await Should.ThrowAsync<DriftHeldException>(() => folder.PromoteAsync("r-1"))).Message.ShouldStartWith("r-1 is held, AGG.DRIFT.A15: ");
    }

    [Fact]
    public async Task Without_a_reference_run_the_cases_are_compared_with_the_locked_baseline()
    {
        await using var folder = await RerunFolder.StartAsync(Rows);
        await folder.Trial.RunAsync();
        var set = Write(folder, i => i <= 20 ? "Toys" : "Shoes", _ => false);
        var before = await RerunTests.DriftAsync(folder, "r-1");
        before.Report.Findings.Single(finding => finding.Check == "A15").ShouldSatisfyAllConditions(
            gold => gold.Severity.ShouldBe(Severity.NotApplicable), gold => gold.Sentence.ShouldContain("no locked baseline"));
        await using (var store = SqliteStore.Open(StoreFolder.Of(folder.Job), "a test", TimeProvider.System))
        {
            var run = (await store.RunsAsync())[0];
            var grade = Grader.Grade(set, "earlier", one => new EvalAnswer(AnswerState.Answered, JsonSerializer.SerializeToUtf8Bytes(new { category = one.Expect["/category"] })));
            await store.LockBaselineAsync(
                await store.RecordGradeAsync(new StoredGrade(0, run.Id, run.Name, GradeSource.Rows, run.Job, grade, null, DateTimeOffset.UnixEpoch)), "tester", DateTimeOffset.UnixEpoch);
        }

        var after = await RerunTests.DriftAsync(folder, "r-1");

        var compared = after.Report.Findings.Single(finding => finding.Check == "A15");
        (compared.Severity, compared.Measured, compared.Reference).ShouldBe((Severity.Block, "20 regressed", "0 fixed"));
        compared.Sentence.ShouldContain("Of 40 gold rows 20 regressed");
    }

    /// <summary>Cases about the first forty rows, which the simulated API answers with Shoes.</summary>
    private static EvalSet Write(RerunFolder folder, Func<int, string> expected, Func<int, bool> mustPass)
    {
        var fields = new Dictionary<string, Comparator> { ["/category"] = new(CompareKind.Exact) };
        List<EvalCase> cases = [.. Enumerable.Range(1, 40).Select(i =>
            new EvalCase($"p-{i:D5}", new Dictionary<string, JsonElement> { ["/category"] = JsonSerializer.SerializeToElement(expected(i)) }) { MustPass = mustPass(i) })];
        var set = new EvalSet("gold", 1, EvalSetWriter.Hash(fields, cases), fields, cases);
        File.WriteAllBytes(Path.Combine(folder.Job.Directory, "catalog.evalset.jsonl"), EvalSetWriter.Write(set));
        return set;
    }

    private static async Task RunAsync(RerunFolder folder, int number)
    {
        (await folder.Trial.RunAsync(options => options with { Anew = true })).Outcome.ShouldBe(RunOutcome.Done);
        await folder.PromoteAsync($"r-{number}", number);
    }
}
