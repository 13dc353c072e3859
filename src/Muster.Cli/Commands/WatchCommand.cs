using System.CommandLine;
using Muster.Cli.Output;
using Muster.Jobs;
using Muster.Runs;
using Muster.Stores;

namespace Muster.Cli.Commands;

/// <summary>A live view of a run that another process works on, or that goes on at the remote. Changes nothing.</summary>
internal static class WatchCommand
{
    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(1);

    public static Command Create(Terminal terminal)
    {
        var job = Shared.JobFile();
        var once = new Option<bool>("--once") { Description = "Print the picture once and end." };
        var json = new Option<bool>("--json") { Description = "Print one JSON object on a line of its own for each change (docs/json-output.md)." };
        var command = new ExampledCommand("watch", "Watch a run that another process works on; changes nothing.",
            "muster watch", "muster watch catalog.job.yaml --once", "muster watch --json | jq --unbuffered .ledger.open")
        {
            job, once, json,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var definition = Shared.Load(parsed.GetValue(job));
            var next = new NextStep(parsed.GetValue(job), definition.Target is not null);
            await using var store = StatusCommand.OpenRun(definition, next);
            var report = await RunReport.LatestAsync(store, definition.Name, ReportScope.Progress, cancellationToken)
                ?? throw StatusCommand.NotRun(definition, next);
            if (parsed.GetValue(json))
            {
                Json(terminal, report, next);
                return parsed.GetValue(once) ? ExitCodes.Ok : await PrintChangesAsync(terminal, definition, report, next, cancellationToken);
            }

            if (parsed.GetValue(once))
            {
                var profile = terminal.Out.Profile;
                terminal.Lines(RunView.Lines(report, null, profile.Width, profile.Height, terminal.Time.GetUtcNow()));
                return ExitCodes.Ok;
            }

            await using var follower = new RunFollower(terminal, StoreFolder.Of(definition), definition.Name);
            await follower.FollowAsync(UntilFinalAsync(terminal, follower, cancellationToken));
            if (cancellationToken.IsCancellationRequested)
                return Stopped(terminal);
            var full = await RunReport.LatestAsync(store, definition.Name, ReportScope.Full, cancellationToken);
            terminal.Lines(RunSummary.Lines(full!, terminal.OutWidth));
            terminal.Next(next.Of(full!));
            return ExitCodes.Ok;
        });
        return command;
    }

    /// <summary>Ends when the run is final, or when the watcher is told to stop.</summary>
    private static async Task UntilFinalAsync(Terminal terminal, RunFollower follower, CancellationToken cancellationToken)
    {
        RunReport? before = null;
        while (!cancellationToken.IsCancellationRequested)
        {
            var now = follower.Read();
            if (now is not null && !terminal.IsLive && HasMoved(before, now))
                terminal.Say(PlainLine.Of(terminal.Time.GetUtcNow(), now));
            if (now is not null && RunStates.IsFinal(now.Run.State))
                return;
            before = now ?? before;
            await Task.WhenAny(Task.Delay(Tick, terminal.Time, cancellationToken));
        }
    }

    private static async Task<int> PrintChangesAsync(
        Terminal terminal, Job job, RunReport first, NextStep next, CancellationToken cancellationToken)
    {
        await using var follower = new RunFollower(terminal, StoreFolder.Of(job), job.Name);
        var shown = first;
        while (!RunStates.IsFinal(shown.Run.State))
        {
            await Task.WhenAny(Task.Delay(Tick, terminal.Time, cancellationToken));
            if (cancellationToken.IsCancellationRequested)
                return Stopped(terminal);
            if (follower.Read() is not { } now || !HasMoved(shown, now))
                continue;
            shown = now;
            Json(terminal, shown, next);
        }

        return ExitCodes.Ok;
    }

    private static void Json(Terminal terminal, RunReport report, NextStep next) => terminal.JsonLine("muster.watch/1", new
    {
        at = terminal.Time.GetUtcNow(), isFinal = RunStates.IsFinal(report.Run.State), run = RunJson.Run(report.Run), ledger = RunJson.Ledger(report.Ledger),
        batches = RunJson.BatchCounts(report), money = RunJson.Money(report.Usage), next = next.Of(report),
    });

    private static int Stopped(Terminal terminal)
    {
        terminal.Say("Stopped watching; the run is not touched by it.");
        return ExitCodes.Detached;
    }

    private static bool HasMoved(RunReport? before, RunReport now) =>
        before is null || before.Run.State != now.Run.State || before.Ledger != now.Ledger
        || !before.Batches.Select(batch => batch.State).SequenceEqual(now.Batches.Select(batch => batch.State));
}
