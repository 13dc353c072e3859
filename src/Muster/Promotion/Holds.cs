using Muster.Evals;
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
        return result is { Gate.HoldsPromotion: true } held
            ? [new PromotionHold(Evals, $"{Told(held)}: {Verdict(held)}. {held.Gate.Sentence}", $"muster eval --run {held.Grade.Run}", DespiteGate, held.Gate.Verdict == GateVerdict.Inconclusive)]
            : [];
    }

    private static async Task<Run> CarrierAsync(IStore store, Run run, CancellationToken cancellationToken) =>
        !run.IsRerun() ? run : (await store.RunsAsync(cancellationToken))
            .LastOrDefault(full => full.IsFull() && full.CarriesGold && full.Job == run.Job && full.JobVersion == run.JobVersion && RunStates.IsFinal(full.State)) ?? run;

    private static string Told(EvalResult held) => held.Grade.Source == GradeSource.Gold
        ? $"the gold rows of {held.Grade.Run} ({held.Grade.Set})"
        : $"the eval of {held.Grade.Job}@{held.Grade.JobVersion} ({held.Grade.Set}, {held.Grade.Run})";

    private static string Verdict(EvalResult held) => held.Gate.Verdict.ToString().ToUpperInvariant();
}
