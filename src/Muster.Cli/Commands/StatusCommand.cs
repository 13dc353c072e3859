using System.CommandLine;
using Muster.Batches;
using Muster.Cli.Output;
using Muster.Jobs;
using Muster.Runs;
using Muster.Stores;
using Muster.Stores.Sqlite;

namespace Muster.Cli.Commands;

/// <summary>Where a job's runs stand, from the store alone: no network, no lock.</summary>
internal static class StatusCommand
{
    public static Command Create(Terminal terminal)
    {
        var job = Shared.JobFile();
        var batches = new Option<bool>("--batches") { Description = "List every batch of the last run with the rows it covers." };
        var named = new Option<string?>("--run") { Description = "Show this run instead of the last full one.", HelpName = "RUN" };
        var json = Shared.Json();
        var command = new ExampledCommand("status", "Show where a run stands: ledger, batches, money.",
            "muster status", "muster status catalog.job.yaml --batches", "muster status --json | jq .ledger")
        {
            job, batches, named, json,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var definition = Shared.Load(parsed.GetValue(job));
            var next = new NextStep(parsed.GetValue(job), definition.Target is not null);
            await using var store = OpenRun(definition, next);
            var runs = await store.RunsOfAsync(definition.Name, cancellationToken);
            var chosen = RunChoice.Of(definition.Name, runs, parsed.GetValue(named));
            var others = runs.Where(run => run.Id != chosen.Id).ToList();
            var report = await RunReport.ReadAsync(store, chosen, ReportScope.Full, cancellationToken);
            foreach (var batch in ResultsWindow.Unread(report.Batches, terminal.Time.GetUtcNow()))
            {
                terminal.RawTalk.WriteLine($"Warning: the results of {batch.Name} are not fetched, and the remote removes them at "
                    + $"{Figures.Clock(ResultsWindow.Of(batch, terminal.Time.GetUtcNow())!.ClosesAt)}. Fetch them: {next.Command("run")}");
            }

            var step = await next.OfAsync(report, definition, terminal.Time, cancellationToken);
            var covered = parsed.GetValue(batches) ? await store.CoveredLinesAsync(report.Run.Id, cancellationToken) : null;
            if (parsed.GetValue(json))
            {
                terminal.Json("muster.status/1", new
                {
                    run = RunJson.Run(report.Run), ledger = RunJson.Ledger(report.Ledger), gold = RunJson.Gold(report), batches = RunJson.BatchCounts(report),
                    money = RunJson.Money(report.Usage), synchronousLane = RunJson.Lane(report), reasons = RunJson.Reasons(report), earlierRuns = others.Select(RunJson.Run),
                    manifest = covered is null ? null : report.Batches.Select(batch => RunJson.Batch(batch, covered.GetValueOrDefault(batch.Id))),
                    next = step,
                });
                return ExitCodes.Ok;
            }

            foreach (var run in others)
                terminal.Line($"{run.Name} {run.Job}@{run.JobVersion} {(run.IsFull() ? "" : $"{run.Kind} ")}{Figures.Words(run.State)}: {Figures.Ledger(await store.LedgerAsync(run.Id, cancellationToken))}");
            terminal.Lines(RunSummary.Lines(report, terminal.OutWidth));
            if (covered is not null)
                terminal.Lines(Manifest(report, covered, terminal.OutWidth, terminal.Time.GetUtcNow()));
            terminal.Next(step);
            return ExitCodes.Ok;
        });
        return command;
    }

    internal static SqliteStore OpenRun(Job job, NextStep next) => SqliteStore.OpenForReading(StoreFolder.Of(job)) ?? throw NotRun(job, next);

    internal static UsageException NotRun(Job job, NextStep next) => new($"{job.Name} has not been run yet.", next.Command("run"));

    private static IEnumerable<string> Manifest(RunReport report, IReadOnlyDictionary<long, CoveredLines> covered, int width, DateTimeOffset now)
    {
        if (report.Batches.Count == 0)
            return [];
        var table = new Columns("llrrlllrllll").Add(
            "batch", "state", "tier", "rows", "covers", "remote id", "proof", "bytes", "created", "ends", "results kept until", "archive file");
        foreach (var batch in report.Batches)
        {
            var lines = covered.GetValueOrDefault(batch.Id);
            table.Add(batch.Name, Figures.Words(batch.State), $"{batch.Tier + 1}", Figures.Count(batch.Requests),
                lines is null ? "–" : Covers(lines), batch.RemoteId ?? (batch.Lane == Lane.Synchronous ? "synchronous calls" : "–"),
                batch.Proof is { } proof ? Figures.Words(proof) : "–", Figures.Count(batch.BodyBytes),
                batch.Remote is { } remote ? Figures.Clock(remote.CreatedAt) : "–", Ends(batch, now),
                BatchTimes.ResultsKeptUntil(batch) is { } kept ? Figures.Clock(kept) : "–", batch.Archive?.File ?? "–");
        }

        return table.Lines(width);
    }

    /// <summary>The file is named once where both lines are in it.</summary>
    private static string Covers(CoveredLines lines)
    {
        var colon = lines.Last.LastIndexOf(':');
        var last = colon >= 0 && lines.First.StartsWith(lines.Last[..(colon + 1)], StringComparison.Ordinal) ? lines.Last[(colon + 1)..] : lines.Last;
        return $"{Figures.Clean(lines.First)} … {Figures.Clean(last)}";
    }

    private static string Ends(Batch batch, DateTimeOffset now) => batch switch
    {
        { Remote.EndedAt: { } ended } => $"ended {Figures.Clock(ended)}",
        _ when BatchTimes.ToWall(batch, now) is { } wall => $"expires in {Figures.Span(wall)}",
        { Why: { } why } => Figures.Clean(why),
        _ => "–",
    };
}
