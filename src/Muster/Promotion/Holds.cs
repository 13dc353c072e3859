using Muster.Evals;
using Muster.Jobs;
using Muster.Runs;
using Muster.Stores;

namespace Muster.Promotion;

/// <summary>What evals say against a promotion, from the store alone. Drift, which reads every row, holds apart: <see cref="DriftHold"/>.</summary>
internal static class Holds
{
    /// <summary>How a hold by evals is called in what is recorded.</summary>
    public const string Evals = "evals";

    /// <summary>The option that overrules a gate.</summary>
    public const string DespiteGate = "--despite-gate";

    /// <summary>A store keeps what a run was asked with, not which file said so.</summary>
    private const string SeeUngraded = "muster eval JOB";

    public static async Task<IReadOnlyList<PromotionHold>> OfAsync(IStore store, Run run, TimeProvider time, CancellationToken cancellationToken = default) =>
    [
        .. await EvalsAsync(store, run, time, cancellationToken),
    ];

    /// <summary>
    /// The run's own gold rows. A rerun carries none, and is judged by those of the newest full run of its version: it asks as that one did,
    /// and must be no way around its gate. Where there are none, the newest grade of its own rows or of its version.
    /// </summary>
    private static async Task<IEnumerable<PromotionHold>> EvalsAsync(IStore store, Run run, TimeProvider time, CancellationToken cancellationToken)
    {
        var reader = new EvalReader(store, time);
        var result = await reader.GoldAsync(await CarrierAsync(store, run, cancellationToken), cancellationToken);
        if (result is null && (await store.GradesAsync(run.Job, cancellationToken)).LastOrDefault(
            grade => grade.RunId == run.Id || (grade.Source == GradeSource.Eval && grade.JobVersion == run.JobVersion)) is { } latest)
            result = await reader.CompareAsync(run, latest, cancellationToken);
        if (result is null && JobSnapshot.FromJson(run.Snapshot).Evals is not null && await UngradedAsync(store, run, cancellationToken) is { } ungraded)
            return [new PromotionHold(Evals, ungraded, SeeUngraded, DespiteGate, IsUndecided: true)];
        return result is { Gate.HoldsPromotion: true } held
            ? [new PromotionHold(Evals, $"{Told(held)}: {Verdict(held)}. {held.Gate.Sentence}", $"muster eval --run {held.Grade.Run}", DespiteGate, held.Gate.Verdict == GateVerdict.Inconclusive)]
            : [];
    }

    /// <summary>
    /// What is to be said of a rerun whose version nothing was ever graded of: no full run asked with it, so no gold rows rode with it. With
    /// <c>evals</c> in its job that holds it; without, it is only told. Null for all else.
    /// </summary>
    public static async Task<string?> UngradedAsync(IStore store, Run run, CancellationToken cancellationToken = default)
    {
        if (!run.IsRerun() || (await store.RunsAsync(cancellationToken)).Any(full => full.IsFull() && full.Job == run.Job && full.JobVersion == run.JobVersion))
            return null;
        return (await store.GradesAsync(run.Job, cancellationToken)).Any(grade => grade.RunId == run.Id || (grade.Source == GradeSource.Eval && grade.JobVersion == run.JobVersion))
            ? null
            : $"{run.Name} asked with {run.Job}@{run.JobVersion}, which no full run asked with and no eval graded: whether it answers worse elsewhere is not known."
                + $" Grade it with `{SeeUngraded}`, where JOB is the job file that {run.Name} was asked with.";
    }

    private static async Task<Run> CarrierAsync(IStore store, Run run, CancellationToken cancellationToken) =>
        !run.IsRerun() ? run : (await store.RunsAsync(cancellationToken))
            .LastOrDefault(full => full.IsFull() && full.CarriesGold && full.Job == run.Job && full.JobVersion == run.JobVersion && RunStates.IsFinal(full.State)) ?? run;

    private static string Told(EvalResult held) => held.Grade.Source == GradeSource.Gold
        ? $"the gold rows of {held.Grade.Run} ({held.Grade.Set})"
        : $"the eval of {held.Grade.Job}@{held.Grade.JobVersion} ({held.Grade.Set}, {held.Grade.Run})";

    private static string Verdict(EvalResult held) => held.Gate.Verdict.ToString().ToUpperInvariant();
}
