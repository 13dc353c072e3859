using Muster.Evals;
using Muster.Runs;
using Muster.Stores;

namespace Muster.Promotion;

/// <summary>Something that keeps a run's outputs out of the target until a person decides.</summary>
/// <param name="By">What holds it, one word: <see cref="Holds.Evals"/>, <see cref="DriftHold.Name"/></param>
/// <param name="Reason">One sentence, for people.</param>
/// <param name="See">The command that shows more.</param>
/// <param name="Override">The option of <c>muster promote</c> that lets it through, with a reason that is recorded.</param>
/// <param name="IsUndecided">True when too little is known to say that the run is worse.</param>
internal sealed record PromotionHold(string By, string Reason, string See, string Override, bool IsUndecided);

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

/// <summary>A promotion that something holds. Nothing was written.</summary>
public sealed class PromotionHeldException : MusterException
{
    internal PromotionHeldException(Run run, IReadOnlyList<PromotionHold> holds)
        : base($"{run.Name} is not promoted: {string.Join("; ", holds.Select(hold => hold.Reason))}",
            $"Look with `{holds[0].See}`; to promote it all the same: {string.Join(" ", holds.Select(hold => hold.Override).Distinct())} \"REASON\", which is recorded.")
    {
        ExitCode = holds.All(hold => hold.IsUndecided) ? ExitCodes.Inconclusive : ExitCodes.Unbalanced;
        Holds = [.. holds.Select(hold => hold.Reason)];
    }

    /// <summary>What holds it, one sentence each.</summary>
    public IReadOnlyList<string> Holds { get; }

    /// <summary><see cref="ExitCodes.Inconclusive"/> when nothing could decide, else <see cref="ExitCodes.Unbalanced"/>.</summary>
    public override int ExitCode { get; }
}
