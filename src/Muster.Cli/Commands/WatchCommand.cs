using System.CommandLine;
using Muster.Cli.Output;
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
        var command = new ExampledCommand("watch", "Watch a run that another process works on; changes nothing.",
            "muster watch", "muster watch catalog.job.yaml --once")
        {
            job, once,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var definition = Shared.Load(parsed.GetValue(job));
            var next = new NextStep(parsed.GetValue(job), definition.Target is not null);
            await using var store = StatusCommand.OpenRun(definition, next);
            var report = await RunReport.LatestAsync(store, definition.Name, ReportScope.Progress, cancellationToken)
                ?? throw StatusCommand.NotRun(definition, next);
            if (parsed.GetValue(once))
            {
                var profile = terminal.Out.Profile;
                terminal.Lines(RunView.Lines(report, null, profile.Width, profile.Height, terminal.Time.GetUtcNow()));
                return ExitCodes.Ok;
            }

            await using var follower = new RunFollower(terminal, StoreFolder.Of(definition), definition.Name);
            await follower.FollowAsync(UntilFinalAsync(terminal, follower, cancellationToken));
            cancellationToken.ThrowIfCancellationRequested();
            var full = await RunReport.LatestAsync(store, definition.Name, ReportScope.Full, cancellationToken);
            terminal.Lines(RunSummary.Lines(full!));
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
                terminal.RawTalk.WriteLine(PlainLine.Of(terminal.Time.GetUtcNow(), now));
            if (now is not null && RunStates.IsFinal(now.Run.State))
                return;
            before = now ?? before;
            await Task.WhenAny(Task.Delay(Tick, terminal.Time, cancellationToken));
        }
    }

    private static bool HasMoved(RunReport? before, RunReport now) =>
        before is null || before.Run.State != now.Run.State || before.Ledger != now.Ledger
        || !before.Batches.Select(batch => batch.State).SequenceEqual(now.Batches.Select(batch => batch.State));
}
