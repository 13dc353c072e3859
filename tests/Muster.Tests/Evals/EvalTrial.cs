using System.Text;
using System.Text.Json;
using Muster.Evals;
using Muster.Jobs;
using Muster.Runs;
using Muster.Simulator;
using Muster.Simulator.Faults;
using Muster.Stores;
using Muster.Stores.Sqlite;
using Muster.Tests.Runs;

namespace Muster.Tests.Evals;

/// <summary>A trial whose job carries gold rows; the simulated API answers "Shoes" to every row of the source.</summary>
internal static class EvalTrial
{
    public static readonly CancellationToken Stop = TestContext.Current.CancellationToken;

    public static Task<Trial> StartAsync(
        EvalSet set, int? goldRows = 3, int rows = 24, FaultPlan? faults = null, SimulatorOptions? simulator = null, string? judge = null, bool carries = true) =>
        Trial.StartAsync(faults, job =>
        {
            var path = Path.Combine(job.Directory, "gold.evalset.jsonl");
            File.WriteAllBytes(path, EvalSetWriter.Write(set));
            return job with
            {
                Evals = new EvalSpec(path) { GoldRows = carries ? goldRows : 0, Judge = judge },
                Target = new TargetSpec(TargetKind.Csv, Path.Combine(job.Directory, "out.csv"), "sku", [new ColumnSpec("category", "/category")]),
            };
        }, Some.Rows(rows), simulator);

    /// <summary>Cases about the first rows of the source.</summary>
    public static EvalSet Set(int cases, Func<int, string>? expected = null, Func<int, EvalCase, EvalCase>? with = null) => Of(
        [.. Enumerable.Range(1, cases).Select(i =>
        {
            var one = new EvalCase($"p-{i:D5}", new Dictionary<string, JsonElement> { ["/category"] = JsonSerializer.SerializeToElement(expected?.Invoke(i) ?? "Shoes") });
            return with is null ? one : with(i, one);
        })]);

    public static EvalSet Of(IReadOnlyList<EvalCase> cases, Dictionary<string, Comparator>? fields = null)
    {
        fields ??= new Dictionary<string, Comparator> { ["/category"] = new(CompareKind.Exact) };
        return new EvalSet("gold", 1, EvalSetWriter.Hash(fields, cases), fields, cases);
    }

    /// <summary>Locks a baseline in which every case of a set passes.</summary>
    public static async Task LockPassingAsync(Trial trial, EvalSet set)
    {
        await using var store = SqliteStore.Open(StoreFolder.Of(trial.Job), "a test", TimeProvider.System);
        var run = (await store.RunsAsync(Stop))[0];
        var grade = Grader.Grade(set, "earlier", one => new EvalAnswer(AnswerState.Answered, Encoding.UTF8.GetBytes($$"""{"category":{{one.Expect["/category"].GetRawText()}}}""")));
        await store.LockBaselineAsync(
            await store.RecordGradeAsync(new StoredGrade(0, run.Id, run.Name, GradeSource.Rows, run.Job, grade, null, DateTimeOffset.UnixEpoch), Stop), "tester", DateTimeOffset.UnixEpoch, Stop);
    }

    /// <summary>Asks the cases of a set, or grades what a run answered.</summary>
    public static async Task<EvalResult?> EvalAsync(Trial trial, EvalSet set, string? run = null, int seed = 50, bool anew = false)
    {
        var options = Some.Options(trial.Heard, seed) with { Anew = anew };
        await using var runner = Runner.Open(trial.Job, Some.Claude(trial.Api), options);
        var evaluator = new Evaluator(trial.Job, runner.Store, StoreFolder.Of(trial.Job), runner, options);
        return run is null ? await evaluator.AskAsync(set, Stop)
            : await evaluator.GradeAsync(set, (await runner.Store.RunsAsync(Stop)).Single(one => one.Name == run), Stop);
    }

    public static async Task<IReadOnlyList<RowAnswer>> GoldAsync(Trial trial, Run run)
    {
        await using var store = trial.Read();
        var rows = new List<RowAnswer>();
        await foreach (var row in store.AnswersAsync(GoldRun.IdOf(run.Id), Stop))
            rows.Add(row);
        return rows;
    }
}
