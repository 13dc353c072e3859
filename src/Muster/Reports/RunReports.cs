using Muster.Claude;
using Muster.Jobs;
using Muster.Promotion;
using Muster.Review;
using Muster.Runs;
using Muster.Stores;
using Muster.Stores.Sqlite;

namespace Muster.Reports;

/// <summary>Writes what a run did as one file to read and to hand on. It holds words of the rows; only its owner can read it.</summary>
public static class RunReports
{
    /// <summary>One HTML page with drawings that loads nothing and runs nothing.</summary>
    /// <exception cref="UnknownRunException">The job has no such run.</exception>
    public static async Task WriteHtmlAsync(Job job, string path, ReportOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= new ReportOptions();
        var page = new ReportPage(await ReadAsync(job, options, AccountScope.Page, cancellationToken), options.JobFile, options.Time.GetUtcNow());
        using var file = new WholeFile(path);
        page.Write(file.Text);
        file.Done();
    }

    /// <summary>Markdown, for a pull request or a page.</summary>
    /// <exception cref="UnknownRunException">The job has no such run.</exception>
    public static async Task WriteMarkdownAsync(Job job, string path, ReportOptions? options = null, CancellationToken cancellationToken = default)
    {
        var account = await ReadAsync(job, options ?? new ReportOptions(), AccountScope.Text, cancellationToken);
        using var file = new WholeFile(path);
        RunAccountMarkdown.Write(account, file.Text);
        file.Done();
    }

    private static async Task<RunAccount> ReadAsync(Job job, ReportOptions options, AccountScope scope, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(job);
        await using var store = SqliteStore.OpenForReading(StoreFolder.Of(job)) ?? throw new UnknownRunException(job.Name, [], null);
        var runs = await store.RunsOfAsync(job.Name, cancellationToken);
        var run = RunChoice.Of(job.Name, runs, options.Run);
        var target = job.Target is { } spec ? Targets.Open(spec, options.Time) : null;
        var account = await new RunAccountReader(store, target, options.JobFile, Prices.Load(options.PriceFile)).ReadAsync(run, scope, cancellationToken);
        return await account.WithJudgementsAsync(store, job, options.Time, cancellationToken);
    }
}
