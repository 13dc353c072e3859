using Muster.Drift;
using Muster.Jobs;
using Muster.Runs;
using Muster.Stores;
using Muster.Stores.Sqlite;

namespace Muster.Promotion;

/// <summary>Drift that blocks holds the promotion of a run and of its reruns, unless somebody says why it goes on.</summary>
internal static class DriftHold
{
    /// <summary>How a hold by drift is called in what is recorded.</summary>
    public const string Name = "drift";

    /// <summary>What holds the run; null when nothing does, or when it is promoted in part and so cannot be judged as a whole.</summary>
    /// <exception cref="DriftException">A rerun of its rows is still under way.</exception>
    public static async Task<DriftAccount?> OfAsync(IStore store, Job job, Run run, TimeProvider time, CancellationToken cancellationToken = default)
    {
        if (store is not SqliteStore sqlite || !RunStates.IsFinal(run.State))
            return null;
        var account = await new DriftReader(sqlite, job, time).ReadAsync(run, null, cancellationToken);
        return account.Report.Blocks ? account : null;
    }

    /// <summary>Refuses a run that drift holds, or records why it goes on.</summary>
    public static async Task PassAsync(IStore store, Job job, Run run, string promotionId, PromotionsOptions options, CancellationToken cancellationToken = default)
    {
        if (await OfAsync(store, job, run, options.Time, cancellationToken) is not { } held)
            return;
        if (options.DespiteDrift is not { } reason)
            throw Refusal(run, held);
        await store.RecordOverrideAsync(new PromotionOverride(
            run.Id, Name, promotionId, options.Time.GetUtcNow(), options.Actor, reason, [.. held.Blocking.Select(finding => $"{finding.Reason}: {finding.Sentence}")]), cancellationToken);
    }

    public static DriftHeldException Refusal(Run run, DriftAccount held)
    {
        var first = held.Blocking[0];
        var more = held.Blocking.Count == 1 ? "" : $" {Amount.Of(held.Blocking.Count - 1, "further finding")} {(held.Blocking.Count == 2 ? "blocks" : "block")}.";
        var rerun = first.Select is { } select ? $", run the rows again with `muster rerun --run {run.Name} --select {Shell.Quoted(select)}`," : "";
        return new DriftHeldException($"{run.Name} is held, {first.Reason}: {first.Sentence}{more}",
            $"Look at it with `muster drift {run.Name}`{rerun} or promote it all the same with `--despite-drift REASON`.");
    }
}
