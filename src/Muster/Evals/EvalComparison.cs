using Muster.Statistics;

namespace Muster.Evals;

/// <summary>Two gradings side by side, case by case.</summary>
/// <param name="Paired">Cases that both graded.</param>
/// <param name="Regressions">Keys that passed before and fail now.</param>
/// <param name="Fixes">Keys that failed before and pass now.</param>
/// <param name="MustPassFailed">Keys of must-pass cases that fail now, whatever they did before.</param>
/// <param name="P">The exact one-sided chance of so many regressions among the changed cases.</param>
internal sealed record EvalComparison(long Paired, IReadOnlyList<string> Regressions, IReadOnlyList<string> Fixes, IReadOnlyList<string> MustPassFailed, double P)
{
    /// <summary>Share of paired cases that changed.</summary>
    public double Discordance => Paired == 0 ? 0 : (double)(Regressions.Count + Fixes.Count) / Paired;

    /// <param name="baseline">Null when there is none: then no case is paired, and must-pass cases count all the same.</param>
    public static EvalComparison Of(EvalGrade? baseline, EvalGrade current)
    {
        if (baseline is null)
            return new EvalComparison(0, [], [], current.MustPassFailed, 1);
        var before = baseline.Cases.Where(one => one.Outcome != CaseOutcome.Unscored).ToDictionary(one => one.Key, one => one.Outcome);
        var paired = current.Cases.Where(one => one.Outcome != CaseOutcome.Unscored && before.ContainsKey(one.Key)).ToList();
        var regressions = paired.Where(one => one.Outcome == CaseOutcome.Fail && before[one.Key] == CaseOutcome.Pass).Select(one => one.Key).ToList();
        var fixes = paired.Where(one => one.Outcome == CaseOutcome.Pass && before[one.Key] == CaseOutcome.Fail).Select(one => one.Key).ToList();
        return new EvalComparison(paired.Count, regressions, fixes, current.MustPassFailed, McNemar.P(regressions.Count, fixes.Count));
    }
}
