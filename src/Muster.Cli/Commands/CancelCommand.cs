using System.CommandLine;
using Muster.Batches;
using Muster.Claude;
using Muster.Cli.Output;
using Muster.Jobs;
using Muster.Runs;
using Muster.Stores;
using Spectre.Console;

namespace Muster.Cli.Commands;

/// <summary>Cancels the unfinished run; answers that are there or on their way are kept.</summary>
internal static class CancelCommand
{
    public static Command Create(Terminal terminal)
    {
        var job = Shared.JobFile();
        var yes = new Option<bool>("--yes") { Description = "Do not ask; needed where nobody can answer." };
        var noWait = new Option<bool>("--no-wait") { Description = "Ask the remote to cancel and end, without waiting for its last results." };
        var dryRun = new Option<bool>("--dry-run") { Description = "Say what would be canceled and change nothing." };
        var json = Shared.Json();
        var command = new ExampledCommand("cancel", "Cancel an unfinished run; what finished is kept.",
            "muster cancel --dry-run", "muster cancel", "muster cancel catalog.job.yaml --yes --no-wait")
        {
            job, yes, noWait, dryRun, json,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var definition = Shared.Load(parsed.GetValue(job));
            var next = new NextStep(parsed.GetValue(job), definition.Target is not null);
            RunReport report;
            await using (var store = StatusCommand.OpenRun(definition, next))
            {
                report = await RunReport.LatestAsync(store, definition.Name, ReportScope.Progress, cancellationToken)
                    ?? throw StatusCommand.NotRun(definition, next);
            }

            if (RunStates.IsFinal(report.Run.State))
            {
                Say(terminal, parsed.GetValue(json), "nothing_to_cancel", $"{report.Run.Name} is {Figures.Words(report.Run.State)}; there is nothing to cancel.", report, next);
                return ExitCodes.Ok;
            }

            terminal.Say(Forecast(report));
            if (parsed.GetValue(dryRun))
            {
                Say(terminal, parsed.GetValue(json), "dry_run", "Nothing was changed.", report, next);
                return ExitCodes.Ok;
            }

            if (!parsed.GetValue(yes) && !Agreed(terminal, report))
                return ExitCodes.Error;
            return await CancelAsync(terminal, definition, next, parsed.GetValue(noWait), parsed.GetValue(json), cancellationToken);
        });
        return command;
    }

    private static async Task<int> CancelAsync(
        Terminal terminal, Job job, NextStep next, bool noWait, bool json, CancellationToken cancellationToken)
    {
        await using var follower = new RunFollower(terminal, StoreFolder.Of(job), job.Name);
        var options = PipelineOptions.FromEnvironment() with { Progress = follower, Timeout = noWait ? TimeSpan.Zero : null };
        try
        {
            await using var runner = Runner.Open(job, ClaudeOptions.FromEnvironment(), options);
            var running = Task.Run(() => runner.CancelAsync(cancellationToken), CancellationToken.None);
            await follower.FollowAsync(running);
            var end = await running;
            var report = follower.Read(ReportScope.Full)!;
            var waits = end?.Outcome == RunOutcome.StillProcessing;
            Say(terminal, json, waits ? "canceling" : "canceled", waits
                ? $"{report.Run.Name} is being canceled at the remote. Its last results are collected by: {next.Command("run")}"
                : $"{report.Run.Name} is {Figures.Words(report.Run.State)}. What had finished is kept and billed.", report, next);
            return waits ? ExitCodes.Ok : end?.ExitCode ?? ExitCodes.Ok;
        }
        catch (StoreHeldException held)
        {
            var run = await Runner.RequestCancelAsync(job, cancellationToken);
            Say(terminal, json, "requested", run is null
                ? "The run ended meanwhile; there is nothing to cancel."
                : $"{run.Name}: the request to cancel is left for {(held.Owner.Length > 0 ? held.Owner : "the process that works on it")}; it carries it out within"
                    + $" seconds. If it ends before, the next `{next.Command("run")}` does.", follower.Read(ReportScope.Full)!, next);
            return ExitCodes.Ok;
        }
    }

    private static string Forecast(RunReport report)
    {
        var inFlight = report.Batches.Where(batch => batch.State is BatchState.Created or BatchState.Unknown or BatchState.Sending).ToList();
        return $"{report.Run.Name}: {Figures.Count(inFlight.Count, "batch")} with {Figures.Count(inFlight.Sum(batch => (long)batch.Requests), "request")} to cancel at the remote;"
            + $" {Figures.Count(report.Ledger.Pending, "row")} not to be asked any more; {Figures.Count(report.ClosedRows, "row")} closed and kept."
            + " Requests that the remote finishes before the cancel takes hold are billed, collected and kept.";
    }

    private static bool Agreed(Terminal terminal, RunReport report)
    {
        if (!terminal.CanAsk)
            throw new UsageException($"Canceling {report.Run.Name} needs a yes, and nobody can be asked here.", "Add --yes, or look first with --dry-run.");
        return terminal.Talk.Confirm($"Cancel {report.Run.Name}?", defaultValue: false);
    }

    private static void Say(Terminal terminal, bool json, string outcome, string sentence, RunReport report, NextStep next)
    {
        if (json)
        {
            terminal.Json("muster.cancel/1", new
            {
                outcome, message = sentence, run = RunJson.Run(report.Run), ledger = RunJson.Ledger(report.Ledger), next = next.Of(report),
            });
            return;
        }

        terminal.Line(sentence);
        if (outcome is "canceled" or "canceling")
            terminal.Lines(RunSummary.Lines(report, terminal.OutWidth));
        terminal.Next(next.Of(report));
    }
}
