using System.Text.Json;
using Muster.Drift;
using Muster.Evals;
using Muster.Jobs;
using Muster.Runs;
using Muster.Simulator.Faults;
using Muster.Stores;
using Muster.Stores.Sqlite;

namespace Muster.Tests.Drift;

/// <summary>
/// Cells of the matrix of faults and checks from end to end: real rows, a promoted run, and a second one while the simulated service does what
/// the fault says. Requests, batches, results, verdicts and profile are those of every run.
/// </summary>
public sealed class SimulatedFaultTests
{
    private const int Rows = 2_000;

    [Fact]
    public async Task Truncated_outputs_are_caught_by_the_stop_reasons()
    {
        var (drift, end) = await DriftedAsync(new FaultPlan { Rows = [new RowRule { Contains = "мл", Outcome = "truncated" }] });
        end.Ledger.Quarantined.ShouldBeGreaterThan(40, "cut off at every tier");
        Caught(drift, "A9").Severity.ShouldBe(Severity.Block);
    }

    [Fact]
    public async Task A_quality_drop_with_valid_shape_is_caught_by_the_eval_set_alone()
    {
        var (drift, end) = await DriftedAsync(new FaultPlan { Models = [new ModelFaults { Model = "haiku", Wrong = 0.1 }] }, withEvalSet: true);
        end.Ledger.Succeeded.ShouldBe(Rows, "every answer is plausible");
        drift.Gold.ShouldStartWith("gold@1: ");
        Caught(drift, "A15").Severity.ShouldBe(Severity.Block);
    }

    [Fact]
    public async Task Outputs_joined_to_another_row_are_caught_by_the_pairing()
    {
        var (drift, end) = await DriftedAsync(new FaultPlan { Lines = new LineFaults { Swapped = 0.25 } });
        end.Ledger.Succeeded.ShouldBe(Rows, "every answer is one of the file's");
        Caught(drift, "A13").Severity.ShouldBe(Severity.Block);
    }

    [Fact]
    public async Task No_fault_is_caught_by_nothing()
    {
        // Without the eval set: what the first run answered is right in it, so the second's own slips can only be regressions.
        var (drift, _) = await DriftedAsync(FaultPlan.None);
        drift.Report.Findings.ShouldAllBe(finding => finding.Severity < Severity.Warn);
    }

    private static DriftFinding Caught(DriftAccount drift, string check)
    {
        var said = string.Join("\n", drift.ByWeight.Where(finding => finding.Severity >= Severity.Warn));
        TestContext.Current.TestOutputHelper?.WriteLine(said);
        return drift.Report.Findings.Where(finding => finding.Check == check).MaxBy(finding => finding.Severity) ?? throw new InvalidOperationException(said);
    }

    private static async Task<(DriftAccount Drift, RunEnd End)> DriftedAsync(FaultPlan faults, bool withEvalSet = false)
    {
        var story = new RealStory(Rows);
        await using var honest = await story.ApiAsync(isBiased: false);
        (await story.RunAsync(honest, story.Job)).Outcome.ShouldBe(RunOutcome.Done);
        await story.PromoteAsync("r-1");
        if (withEvalSet)
            await WriteEvalSetAsync(story);
        // Another seed: a second service does not give out the ids of the first.
        await using var faulty = await story.ApiAsync(isBiased: false, draw: 2);
        faulty.Faults = faults;
        // The failure budget would stop what the drift check is to find.
        var end = await story.RunAsync(faulty, story.Reworded with { Budget = new BudgetSpec() });
        end.Outcome.ShouldBe(RunOutcome.Done, end.Why);
        return (await story.DriftAsync("r-2"), end);
    }

    /// <summary>What the first two hundred rows were answered, for right.</summary>
    private static async Task WriteEvalSetAsync(RealStory story)
    {
        await using var store = SqliteStore.OpenForReading(StoreFolder.Of(story.Job))!;
        var cases = new List<EvalCase>();
        await foreach (var row in store.StagedAsync(1))
        {
            using var output = JsonDocument.Parse(row.Output);
            cases.Add(new EvalCase(row.Key, new Dictionary<string, JsonElement> { ["/category"] = output.RootElement.GetProperty("category").Clone() }));
            if (cases.Count == 200)
                break;
        }

        var fields = new Dictionary<string, Comparator> { ["/category"] = new Comparator(CompareKind.Exact) };
        File.WriteAllBytes(Path.Combine(story.Job.Directory, $"{story.Job.Name}.evalset.jsonl"), EvalSetWriter.Write(new EvalSet("gold", 1, EvalSetWriter.Hash(fields, cases), fields, cases)));
    }
}
