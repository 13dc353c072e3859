using Muster.Claude;
using Muster.Cli.Commands;
using Muster.Cli.Output;
using Muster.Jobs;
using Muster.Pilots;
using Muster.Runs;
using Muster.Simulator;
using Muster.Stores;
using Muster.Stores.Sqlite;

namespace Muster.Cli.Demo;

/// <summary>The demo's pilot: the rows that are asked before all are, and the lock that lets the full run begin.</summary>
/// <param name="Account">What the pilot says.</param>
/// <param name="Lock">Null when it did not reach its share: the full run is then opened unpiloted, and says so.</param>
internal sealed record DemoPilot(PilotAccount Account, PilotLock? Lock)
{
    /// <summary>Runs the pilot, or goes on with it, and locks the version; a version that is locked is left as it is.</summary>
    public static async Task<DemoPilot> RunAsync(
        Terminal terminal, RunFollower follower, Job job, PipelineOptions options, Func<Task<SimulatedApi>> start, CancellationToken cancellationToken)
    {
        if (await LockedAsync(job, cancellationToken) is { } before)
            return before;
        await using (var api = await start())
        {
            await RunCommand.FollowAsync(follower, job, DemoCommand.Claude(api), options with { Scope = new RunScope(PilotStage.Pilot) }, cancellationToken);
        }

        await using var store = SqliteStore.Open(StoreFolder.Of(job), $"lock the pilot of {job.Name}", terminal.Time);
        var reader = new PilotReader(store, store.ArchiveFolder, Prices.Load());
        try
        {
            var locked = await new PilotLocker(store, reader, job, "muster demo", terminal.Time).LockAsync(cancellationToken);
            return new DemoPilot(await reader.ReadAsync(await store.RunAsync(locked.RunId, cancellationToken), job.Pilot.Pass, cancellationToken), locked);
        }
        catch (PilotLockException)
        {
            var newest = (await store.RunsAsync(cancellationToken)).Last(run => run.Kind == RunScope.KindOf(PilotStage.Pilot));
            return new DemoPilot(await reader.ReadAsync(newest, job.Pilot.Pass, cancellationToken), null);
        }
    }

    public string Line()
    {
        var report = Account.Report;
        return $"{Account.Run.Name} {Account.Run.Job}@{Account.Run.JobVersion} pilot: {Figures.Count(Account.Rows.Count, "row")} picked of"
            + $" {Figures.Count(Account.Pick.Askable)}, {Figures.Count(report.All.Passed)} of {Figures.Count(report.All.Of)} passed,"
            + (Lock is null ? " which misses pilot.pass: the full run is unpiloted" : " locked")
            + (report.Cost is { } cost ? $"; the full run: {Usd.Text((long)cost.Low)} to {Usd.Text((long)cost.High)}" : "");
    }

    private static async Task<DemoPilot?> LockedAsync(Job job, CancellationToken cancellationToken)
    {
        await using var store = SqliteStore.OpenForReading(StoreFolder.Of(job));
        return store is not null && await store.PilotLockAsync(job.Name, JobVersion.Of(job), cancellationToken) is { } locked
            ? new DemoPilot(await new PilotReader(store, store.ArchiveFolder, Prices.Load())
                .ReadAsync(await store.RunAsync(locked.RunId, cancellationToken), job.Pilot.Pass, cancellationToken), locked)
            : null;
    }
}
