using System.CommandLine;
using Muster.Alerts;
using Muster.Claude;
using Muster.Cli.Output;
using Muster.Jobs;
using Muster.Runs;
using Muster.Stores;
using Muster.Stores.Sqlite;

namespace Muster.Cli.Commands;

/// <summary>Runs a job from wherever it stands until every row is accounted for.</summary>
internal static class RunCommand
{
    public static Command Create(Terminal terminal)
    {
        var job = Shared.JobFile();
        var source = Shared.Source();
        var timeout = Shared.Duration("--timeout", "Stop waiting after so long, with exit code 75; the work goes on at the remote.");
        var poll = new Option<double?>("--poll-interval") { Description = "Seconds between looks at a batch, instead of the server's hint.", HelpName = "SECONDS" };
        var asOpened = new Option<bool>("--as-opened") { Description = "Finish an unfinished run with the definition it was opened with." };
        var anew = new Option<bool>("--anew") { Description = "Open a new run although the last one has every answer; every row is asked and paid again." };
        var ignore = new Option<bool>("--ignore-failure-budget") { Description = "Go on although more rows failed than the job allows." };
        var unpiloted = new Option<bool>("--unpiloted") { Description = "Run all rows although no pilot of this version is locked; the run records it." };
        var json = Shared.Json();
        var command = new ExampledCommand("run", "Run a job, or go on with its unfinished run, until every row is accounted for.",
            "muster run", "muster run catalog.job.yaml --source products-march.csv", "muster run --timeout 30m --json")
        {
            job, source, timeout, poll, asOpened, anew, ignore, unpiloted, json,
        };
        Shared.Bound(poll, 0.01, 3_600, "--poll-interval is a number of seconds from 0.01 to 3600.");
        command.SetAction((parsed, cancellationToken) =>
        {
            var definition = Shared.Load(parsed.GetValue(job), parsed.GetValue(source));
            var options = PipelineOptions.FromEnvironment();
            options = options with
            {
                Timeout = parsed.GetValue(timeout), AsOpened = parsed.GetValue(asOpened), Anew = parsed.GetValue(anew),
                IgnoreFailureBudget = parsed.GetValue(ignore), Unpiloted = parsed.GetValue(unpiloted),
                Alerts = AlertOptions.FromEnvironment(definition),
                PollInterval = parsed.GetValue(poll) is { } seconds ? TimeSpan.FromSeconds(seconds) : options.PollInterval,
            };
            return RunAsync(terminal, definition, options, new NextStep(parsed.GetValue(job), definition.Target is not null), parsed.GetValue(json), cancellationToken);
        });
        return command;
    }

    private static async Task<int> RunAsync(
        Terminal terminal, Job job, PipelineOptions options, NextStep next, bool json, CancellationToken cancellationToken)
    {
        await using var follower = new RunFollower(terminal, StoreFolder.Of(job), job.Name);
        try
        {
            if (options.Unpiloted || !job.Pilot.Required)
                await WarnUnpilotedAsync(terminal, job, next, cancellationToken);
            var (end, report) = await FollowAsync(follower, job, ClaudeOptions.FromEnvironment(), options, cancellationToken);
            Print(terminal, end, report, await next.OfAsync(report, job, terminal.Time, cancellationToken), json);
            return end.ExitCode;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            if (json && follower.Read(ReportScope.Full) is { } report)
                terminal.Json("muster.run/1", Form("detached", ExitCodes.Detached, null, report, next.Of(report)));
            terminal.Say(follower.Left("Nothing was begun; the run", next.Command("run")));
            return ExitCodes.Detached;
        }
    }

    /// <summary>Runs the job on another thread, because the store works synchronously, and shows it on this one.</summary>
    internal static async Task<(RunEnd End, RunReport Report)> FollowAsync(
        RunFollower follower, Job job, ClaudeOptions claude, PipelineOptions options, CancellationToken cancellationToken)
    {
        await using var runner = Runner.Open(job, claude, options with { Progress = follower });
        var running = Task.Run(() => runner.RunAsync(cancellationToken), CancellationToken.None);
        await follower.FollowAsync(running);
        var end = await running;
        return (end, await RunReport.ReadAsync(runner.Store, end.Run, ReportScope.Full, cancellationToken));
    }

    private static async Task WarnUnpilotedAsync(Terminal terminal, Job job, NextStep next, CancellationToken cancellationToken)
    {
        var version = JobVersion.Of(job);
        await using var store = SqliteStore.OpenForReading(StoreFolder.Of(job));
        // A run that goes on was warned of when it was opened.
        if (store is not null && (await store.RunsAsync(cancellationToken)).LastOrDefault(run => run.Job == job.Name) is { } last && !RunStates.IsFinal(last.State))
            return;
        if (store is null || await store.PilotLockAsync(job.Name, version, cancellationToken) is null)
            terminal.Say($"not piloted: {job.Name}@{version} has no locked pilot; run `{next.Command("pilot")}`");
    }

    private static void Print(Terminal terminal, RunEnd end, RunReport report, string next, bool json)
    {
        if (json)
        {
            terminal.Json("muster.run/1", Form(Figures.Snake(end.Outcome), end.ExitCode, end.Why, report, next));
            return;
        }

        if (RunEnding.Sentence(end) is { } sentence)
            terminal.Line(sentence);
        terminal.Lines(RunSummary.Lines(report, terminal.OutWidth));
        terminal.Next(next);
    }

    private static object Form(string outcome, int exitCode, string? why, RunReport report, string next) => new
    {
        outcome, exitCode, why, run = RunJson.Run(report.Run), ledger = RunJson.Ledger(report.Ledger), gold = RunJson.Gold(report), batches = RunJson.BatchCounts(report),
        money = RunJson.Money(report.Usage), reasons = RunJson.Reasons(report), next,
    };
}
