using Muster.Claude;
using Muster.Jobs;
using Muster.Promotion;
using Muster.Reports;
using Muster.Review;
using Muster.Runs;
using Muster.Stores;
using Muster.Stores.Sqlite;

namespace Muster.Handoffs;

/// <summary>Puts everything that another team needs to take a run over into one folder: report, runbook, quarantine, job, prices, receipts.</summary>
public static class Handoff
{
    /// <summary>Writes the folder as a whole or not at all.</summary>
    /// <param name="folder">Is replaced when it is a handoff that nobody changed.</param>
    /// <exception cref="HandoffException">The folder holds something else, or it cannot be written.</exception>
    /// <exception cref="UnknownRunException">The job has no such run.</exception>
    public static async Task<HandoffReceipt> WriteAsync(Job job, string folder, HandoffOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(job);
        options ??= new HandoffOptions();
        await using var store = SqliteStore.OpenForReading(StoreFolder.Of(job)) ?? throw new UnknownRunException(job.Name, [], null);
        var runs = await store.RunsOfAsync(job.Name, cancellationToken);
        return await WriteAsync(store, job, RunChoice.Of(job.Name, runs, options.Run), folder, options, cancellationToken);
    }

    /// <summary>Compares the folder with its manifest.</summary>
    /// <exception cref="HandoffException">It is not a handoff.</exception>
    public static Task<HandoffCheck> CheckAsync(string folder, CancellationToken cancellationToken = default) =>
        HandoffManifest.CheckAsync(Path.GetFullPath(folder), cancellationToken);

    internal static async Task<HandoffReceipt> WriteAsync(
        SqliteStore store, Job job, Run run, string folder, HandoffOptions options, CancellationToken cancellationToken)
    {
        var prices = Prices.Load(options.PriceFile);
        var runbook = new RunbookPlace(options.JobFile ?? Path.Combine(job.Directory, $"{job.Name}.job.yaml"), options.BaseUrl, StoreFolder.Of(job));
        var target = job.Target is { } spec ? Targets.Open(spec, options.Time) : null;
        var account = await new RunAccountReader(store, target, Shell.Quoted(runbook.JobFile), prices).ReadAsync(run, AccountScope.Page, cancellationToken);
        account = await account.WithJudgementsAsync(store, job, options.Time, cancellationToken);
        var locked = await store.PilotLockAsync(run.Job, run.JobVersion, cancellationToken);
        return await new HandoffWriter(store, options.Rows == HandoffRows.Without ? RowWords.Removed(account) : account, locked, prices, runbook, job, options)
            .WriteAsync(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder)), cancellationToken);
    }
}
