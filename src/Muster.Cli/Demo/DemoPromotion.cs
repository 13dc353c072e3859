using Muster.Jobs;
using Muster.Promotion;
using Muster.Runs;
using Muster.Stores;

namespace Muster.Cli.Demo;

/// <summary>Promotes the demo's run into its table, once.</summary>
internal static class DemoPromotion
{
    public static async Task<Receipt> ApplyAsync(Job job, Run run, IStore store, TimeProvider time, CancellationToken cancellationToken)
    {
        // The name that `muster promote` gives the same run, so that it finds this promotion.
        var runId = $"{run.Name}.{run.Tag}";
        var target = new SqliteTarget(job.Target!, time);
        var receipts = await target.ReceiptsAsync(cancellationToken);
        if (receipts.FirstOrDefault(receipt => receipt.RunId == runId) is { } before)
            return before with { AlreadyApplied = true };
        var number = receipts.Count + 1;
        var plan = await target.PlanAsync(
            new PlanRequest($"p-demo{number}", runId) { Actor = "muster demo" }, store.StagedAsync(run.Id, cancellationToken), cancellationToken);
        return await target.ApplyAsync(
            new ApplyRequest(plan.PlanId, $"prm-demo{number}", Seed: number) { Actor = "muster demo", PlanHash = plan.Hash }, cancellationToken);
    }
}
