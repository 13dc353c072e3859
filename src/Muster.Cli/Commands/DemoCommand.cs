using System.CommandLine;
using Muster.Claude;
using Muster.Cli.Demo;
using Muster.Cli.Output;
using Muster.Jobs;
using Muster.Promotion;
using Muster.Runs;
using Muster.Simulator;
using Muster.Stores;
using Muster.Stores.Sqlite;

namespace Muster.Cli.Commands;

/// <summary>The whole path on this machine: a sample job, the simulated API, a run with trouble in it, and a promotion.</summary>
internal static class DemoCommand
{
    private const int DefaultRows = 600;
    private const int MaxRows = 2_000_000;

    public static Command Create(Terminal terminal)
    {
        var rows = new Option<int>("--rows") { Description = "Rows of the sample source.", DefaultValueFactory = _ => DefaultRows };
        Shared.Bound(rows, 1, MaxRows, $"--rows is a number from 1 to {MaxRows}.");
        var folder = new Option<string>("--folder") { Description = "Where the demo lives; run it again to see it resume.", DefaultValueFactory = _ => "muster-demo" };
        var json = Shared.Json();
        var command = new ExampledCommand("demo", "See the whole path on this machine: no key, no cost, nothing leaves it.",
            "muster demo", "muster demo --rows 600000 --folder big-demo")
        {
            rows, folder, json,
        };
        command.SetAction((parsed, cancellationToken) =>
            RunAsync(terminal, parsed.GetValue(folder)!, parsed.GetValue(rows), parsed.GetValue(json), cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(Terminal terminal, string folder, int rows, bool json, CancellationToken cancellationToken)
    {
        var startedAt = terminal.Time.GetTimestamp();
        var job = JobFile.Load(DemoFolder.Prepare(folder, rows));
        await using var follower = new RunFollower(terminal, StoreFolder.Of(job), job.Name);
        try
        {
            terminal.Say($"{Figures.Count(rows)} made-up products in {folder}; a few rows go first, as a pilot");
            var options = new PipelineOptions { PollInterval = TimeSpan.FromMilliseconds(50), QuietPeriod = TimeSpan.FromSeconds(1) };
            var pilot = await DemoPilot.RunAsync(terminal, follower, job, options, () => StartAsync(folder, DemoFaults.Pilot, cancellationToken), cancellationToken);
            if (!json)
                terminal.Line(pilot.Line());
            await using var api = await StartAsync(folder, DemoFaults.Plan, cancellationToken);
            terminal.Say($"all rows now; the simulated API answers at {api.BaseUrl}");
            var (end, report) = await RunCommand.FollowAsync(
                follower, job, Claude(api), options with { Unpiloted = pilot.Lock is null }, cancellationToken);
            await using var store = SqliteStore.OpenForReading(StoreFolder.Of(job))!;
            var result = new Result(folder, pilot, end, report, await AuditAsync(terminal, store, cancellationToken), await BilledAsync(store, cancellationToken), api.Truth);
            var receipt = end.Outcome is RunOutcome.Done or RunOutcome.NothingToDo && result.Audit.Count == 0
                ? await PromoteAsync(terminal, job, store, end.Run, cancellationToken)
                : null;
            var took = terminal.Time.GetElapsedTime(startedAt);
            if (json)
                terminal.Json("muster.demo/1", Form(result, receipt, took));
            else
                Print(terminal, result, receipt, took);
            return result.Audit.Count > 0 ? ExitCodes.Unbalanced : end.ExitCode;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            terminal.Say($"{follower.Run ?? "The demo"} is detached. To go on: {Again(folder, rows)}");
            return ExitCodes.Detached;
        }
    }

    internal static ClaudeOptions Claude(SimulatedApi api) => new(api.BaseUrl, new Secret("sk-sim"));

    private static Task<SimulatedApi> StartAsync(string folder, Muster.Simulator.Faults.FaultPlan faults, CancellationToken cancellationToken) =>
        SimulatedApi.StartAsync(new SimulatorOptions
        {
            Instant = true, StateFolder = Path.Combine(folder, "remote"), Faults = faults, RequestsPerMinute = null, QueuedRequests = null,
        }, cancellationToken);

    /// <summary>Counts every run again.</summary>
    private static async Task<IReadOnlyList<string>> AuditAsync(Terminal terminal, SqliteStore store, CancellationToken cancellationToken)
    {
        var counting = new StepProgress(terminal, "demo");
        counting.Say("counting every row, request and result again");
        var found = new List<string>();
        foreach (var run in await store.RunsAsync(cancellationToken))
            found.AddRange((await counting.FollowAsync(() => store.AuditAsync(run.Id, cancellationToken))).Select(difference => $"{run.Name}: {difference}"));
        return found;
    }

    /// <summary>Requests that our books of all runs say were billed.</summary>
    private static async Task<long> BilledAsync(SqliteStore store, CancellationToken cancellationToken)
    {
        long billed = 0;
        foreach (var run in await store.RunsAsync(cancellationToken))
            billed += (await store.UsageAsync(run.Id, cancellationToken)).Sum(usage => usage.Requests);
        return billed;
    }

    private static async Task<Receipt> PromoteAsync(Terminal terminal, Job job, SqliteStore store, Run run, CancellationToken cancellationToken)
    {
        var steps = new PromotionSteps(terminal);
        var promotions = Promotions.Open(job, new PromotionsOptions { Time = terminal.Time, Actor = "muster demo", Progress = steps });
        return await steps.FollowAsync(() => PromoteAsync(promotions, store, run, cancellationToken));
    }

    /// <summary>Promotes the run, or finds the promotion that was made of it before.</summary>
    private static async Task<Receipt> PromoteAsync(Promotions promotions, SqliteStore store, Run run, CancellationToken cancellationToken) =>
        (await promotions.ReceiptsAsync(cancellationToken)).FirstOrDefault(receipt => receipt.RunId == Promotions.RunIdOf(run)) is { } before
            ? before with { AlreadyApplied = true }
            : await promotions.ApplyAsync(store, await promotions.PlanAsync(store, run, cancellationToken: cancellationToken), cancellationToken);

    private static void Print(Terminal terminal, Result result, Receipt? receipt, TimeSpan took)
    {
        var (end, report, audit, truth) = (result.End, result.Report, result.Audit, result.Truth);
        if (end.Outcome == RunOutcome.NothingToDo)
            terminal.Line("Nothing to do: every row has its answer already, and nothing was sent.");
        terminal.Lines(RunSummary.Lines(report, terminal.OutWidth));
        terminal.Line(audit.Count == 0
            ? "Reconciled: everything counted again from rows, requests and results; no difference from the books."
            : $"Reconciled, with differences: {string.Join("; ", audit)}");
        if (receipt is not null)
            terminal.Lines(Promoted(receipt));
        terminal.Line($"The remote's own count: {Figures.Count(truth.BatchesCreated, "batch")}, {Figures.Count(truth.RequestsAccepted, "request")} for"
            + $" {Figures.Count(truth.PairsAccepted)} distinct {Amount.Noun(truth.PairsAccepted, "(row, attempt) pair")}, {truth.PairsAcceptedMoreThanOnce} accepted more than once;"
            + $" {Figures.Count(truth.RowsBilled)} billed, {Figures.Count(result.Billed)} in our books.");
        terminal.Line($"Took {took.TotalSeconds:0.0} s.");
        foreach (var command in Nexts(result.Folder, receipt))
            terminal.Next(command);
    }

    private static IEnumerable<string> Promoted(Receipt receipt)
    {
        var counts = receipt.Counts;
        yield return $"Promotion {receipt.PromotionId} {(receipt.AlreadyApplied ? $"is already applied ({Figures.Words(receipt.State)})" : "applied")}: {receipt.Target},"
            + $" {Figures.Count(counts.Update)} updated, {Figures.Count(counts.Insert)} inserted, {Figures.Count(counts.Unchanged)} unchanged,"
            + $" {Figures.Count(counts.Conflict)} in conflict";
        yield return $"  receipt: {Figures.Clock(receipt.At)}, plan {receipt.PlanHash[..12]}";
        yield return $"  undo: {Undo(receipt)}";
    }

    private static string Undo(Receipt receipt) => $"muster rollback {receipt.PromotionId} --yes";

    private static IEnumerable<string> Nexts(string folder, Receipt? receipt)
    {
        yield return $"cd {folder}";
        yield return "muster status --batches";
        yield return "muster report";
        if (receipt is { State: PromotionState.Live })
            yield return Undo(receipt);
    }

    private static string Again(string folder, int rows) => $"muster demo --rows {rows} --folder {folder}";

    private static object Form(Result result, Receipt? receipt, TimeSpan took) => new
    {
        folder = Path.GetFullPath(result.Folder), outcome = result.End.Outcome, result.End.ExitCode, run = RunJson.Run(result.Report.Run),
        ledger = RunJson.Ledger(result.Report.Ledger), batches = RunJson.BatchCounts(result.Report), money = RunJson.Money(result.Report.Usage),
        reasons = RunJson.Reasons(result.Report), result.Audit,
        pilot = new
        {
            run = RunJson.Run(result.Pilot.Account.Run), result.Pilot.Account.Report.All.Passed, result.Pilot.Account.Report.All.Of, locked = result.Pilot.Lock is not null,
        },
        promotion = receipt is null ? null : new
        {
            id = receipt.PromotionId, receipt.Target, receipt.State, receipt.AlreadyApplied, receipt.At, receipt.PlanHash, receipt.Counts, undo = Undo(receipt),
        },
        truth = new
        {
            result.Truth.BatchesCreated, result.Truth.RequestsAccepted, result.Truth.PairsAccepted, result.Truth.PairsAcceptedMoreThanOnce, result.Truth.RowsBilled,
        },
        seconds = Math.Round(took.TotalSeconds, 2),
    };

    /// <param name="Billed">Requests of all runs that our books say were billed.</param>
    private sealed record Result(
        string Folder, DemoPilot Pilot, RunEnd End, RunReport Report, IReadOnlyList<string> Audit, long Billed, Truth Truth);
}
