using Muster.Batches;
using Muster.Verdicts;

namespace Muster.Runs;

/// <summary>What the job allows to fail: rows, and batches that the platform failed.</summary>
internal sealed class FailureBudgets(RunContext context)
{
    /// <summary>Null while the run is within both.</summary>
    public async Task<string?> WhyExceededAsync(CancellationToken cancellationToken) =>
        await WhyRowsAsync(cancellationToken) ?? await WhyBatchesAsync(cancellationToken);

    private async Task<string?> WhyRowsAsync(CancellationToken cancellationToken)
    {
        var run = await context.Store.RunAsync(context.Run.Id, cancellationToken);
        var rows = run.Records - run.Merged;
        return Conduct.OverBudget(run.Failed, rows, context.Job.Budget.Failures)
            ? $"{Reasons.Budget}: {run.Failed} of {rows} rows failed; the job allows {context.Job.Budget.Failures:P2}"
            : null;
    }

    private async Task<string?> WhyBatchesAsync(CancellationToken cancellationToken)
    {
        if (context.Job.Budget.Batches is not { } share)
            return null;
        var failed = await context.Store.FailedBatchesAsync(context.Run.Id, cancellationToken);
        var sent = (await context.Store.BatchesAsync(context.Run.Id, cancellationToken)).Count(batch => batch is { State: not BatchState.Withdrawn, Lane: Lane.Batch });
        return Conduct.OverBudget(failed, sent, share)
            ? $"{Reasons.Budget}: {failed} of {Amount.Of(sent, "batch")} came back mostly expired or errored by the service; the job allows {share:P2}"
            : null;
    }
}
