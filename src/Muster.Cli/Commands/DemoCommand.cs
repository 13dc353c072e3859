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
        await using var api = await SimulatedApi.StartAsync(
            new SimulatorOptions
            {
                Instant = true, StateFolder = Path.Combine(folder, "remote"), Faults = DemoFaults.Plan, RequestsPerMinute = null, QueuedRequests = null,
            }, cancellationToken);
        terminal.Say($"{Figures.Count(rows)} made-up products in {folder}; the simulated API answers at {api.BaseUrl}");
        await using var follower = new RunFollower(terminal, StoreFolder.Of(job), job.Name);
        var options = new PipelineOptions { PollInterval = TimeSpan.FromMilliseconds(50), QuietPeriod = TimeSpan.FromSeconds(1) };
        RunEnd end;
        RunReport report;
        try
        {
            (end, report) = await RunCommand.FollowAsync(follower, job, new ClaudeOptions(api.BaseUrl, new Secret("sk-sim")), options, cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            terminal.Say($"{follower.Run ?? "The demo"} is detached. To go on: {Again(folder, rows)}");
            return ExitCodes.Detached;
        }

        await using var store = SqliteStore.OpenForReading(StoreFolder.Of(job))!;
        var counting = new StepProgress(terminal, "demo");
        counting.Say("counting every row, request and result again");
        var audit = await counting.FollowAsync(() => store.AuditAsync(end.Run.Id, cancellationToken));
        var steps = new PromotionSteps(terminal);
        var promotions = Promotions.Open(job, new PromotionsOptions { Time = terminal.Time, Actor = "muster demo", Progress = steps });
        var receipt = end.Outcome is RunOutcome.Done or RunOutcome.NothingToDo && audit.Count == 0
            ? await steps.FollowAsync(() => PromoteAsync(promotions, store, end.Run, cancellationToken))
            : null;
        var truth = api.Truth;
        var took = terminal.Time.GetElapsedTime(startedAt);
        if (json)
            terminal.Json("muster.demo/1", Form(folder, end, report, audit, receipt, truth, took));
        else
            Print(terminal, folder, end, report, audit, receipt, truth, took);
        return audit.Count > 0 ? ExitCodes.Unbalanced : end.ExitCode;
    }

    /// <summary>Promotes the run, or finds the promotion that was made of it before.</summary>
    private static async Task<Receipt> PromoteAsync(Promotions promotions, SqliteStore store, Run run, CancellationToken cancellationToken) =>
        (await promotions.ReceiptsAsync(cancellationToken)).FirstOrDefault(receipt => receipt.RunId == Promotions.RunIdOf(run)) is { } before
            ? before with { AlreadyApplied = true }
            : await promotions.ApplyAsync(store, await promotions.PlanAsync(store, run, cancellationToken: cancellationToken), cancellationToken);

    private static void Print(
        Terminal terminal, string folder, RunEnd end, RunReport report, IReadOnlyList<string> audit, Receipt? receipt, Truth truth, TimeSpan took)
    {
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
            + $" {Figures.Count(truth.RowsBilled)} billed, {Figures.Count(report.Spend.Requests)} in our books.");
        terminal.Line($"Took {took.TotalSeconds:0.0} s.");
        foreach (var command in Nexts(folder, receipt))
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

    private static object Form(
        string folder, RunEnd end, RunReport report, IReadOnlyList<string> audit, Receipt? receipt, Truth truth, TimeSpan took) => new
    {
        folder = Path.GetFullPath(folder), outcome = end.Outcome, end.ExitCode, run = RunJson.Run(report.Run), ledger = RunJson.Ledger(report.Ledger),
        batches = RunJson.BatchCounts(report), money = RunJson.Money(report.Usage), reasons = RunJson.Reasons(report), audit,
        promotion = receipt is null ? null : new
        {
            id = receipt.PromotionId, receipt.Target, receipt.State, receipt.AlreadyApplied, receipt.At, receipt.PlanHash, receipt.Counts, undo = Undo(receipt),
        },
        truth = new { truth.BatchesCreated, truth.RequestsAccepted, truth.PairsAccepted, truth.PairsAcceptedMoreThanOnce, truth.RowsBilled },
        seconds = Math.Round(took.TotalSeconds, 2),
    };
}
