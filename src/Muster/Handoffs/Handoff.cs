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
    /// <exception cref="StoreException">The job has no such run.</exception>
    public static async Task<HandoffReceipt> WriteAsync(Job job, string folder, HandoffOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(job);
        options ??= new HandoffOptions();
        await using var store = SqliteStore.OpenForReading(StoreFolder.Of(job)) ?? throw RunReports.NoRun(job, null);
        var runs = await store.RunsOfAsync(job.Name, cancellationToken);
        return await WriteAsync(store, job, RunReports.Choose(job, runs, options.Run), folder, options, cancellationToken);
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

public enum HandoffRows
{
    /// <summary>Keys, messages and outputs of rows stand in the report, the quarantine and the eval set.</summary>
    With,

    /// <summary>They are left out; counts, places and reason codes stay.</summary>
    Without,
}

public enum HandoffReplace
{
    /// <summary>Only a handoff that is as it was written.</summary>
    OwnUnchanged,

    /// <summary>Also one that somebody changed: it is moved aside and named; nothing is deleted.</summary>
    MoveAside,
}

public sealed record HandoffOptions
{
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>The run's name; null takes the newest full run.</summary>
    public string? Run { get; init; }

    /// <summary>The job file that the runbook's commands name. Default: <c>NAME.job.yaml</c> in the job's folder.</summary>
    public string? JobFile { get; init; }

    /// <summary>The service that the runbook names; null for the public one. What stands before an @ in it is left out.</summary>
    public Uri? BaseUrl { get; init; }

    /// <summary>A price file of your own; null takes <c>MUSTER_PRICES</c>, and without it the built-in prices.</summary>
    public string? PriceFile { get; init; }

    public HandoffRows Rows { get; init; } = HandoffRows.With;

    public HandoffReplace Replace { get; init; } = HandoffReplace.OwnUnchanged;

    /// <summary>Values that must not stand in any file, besides those that the environment and the job name.</summary>
    internal IReadOnlyList<string> Secrets { get; init; } = [];
}

/// <param name="Files">In the order of their names, the manifest left out.</param>
/// <param name="MovedAside">Where what was there before is now; null when there was nothing, or an unchanged handoff that is replaced.</param>
/// <param name="Redacted">Secrets that were taken out of the text.</param>
public sealed record HandoffReceipt(string Folder, string Run, IReadOnlyList<HandoffFile> Files, HandoffRows Rows, string? MovedAside, int Redacted);

/// <param name="Sha256">In lower-case hex.</param>
public sealed record HandoffFile(string Name, long Bytes, string Sha256);

/// <param name="Files">Files that the manifest lists.</param>
/// <param name="Unlisted">Files and folders that it does not.</param>
public sealed record HandoffCheck(string Folder, int Files, IReadOnlyList<string> Changed, IReadOnlyList<string> Missing, IReadOnlyList<string> Unlisted)
{
    public bool IsWhole => Changed.Count == 0 && Missing.Count == 0 && Unlisted.Count == 0;
}

public sealed class HandoffException(string message, string hint, Exception? inner = null) : MusterException(message, hint, inner);
