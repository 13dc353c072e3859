using Muster.Runs;

namespace Muster.Evals;

/// <summary>A graded run beside the baseline, and what follows.</summary>
/// <param name="Baseline">Null when none is locked for the set.</param>
internal sealed record EvalResult(Run Run, StoredGrade Grade, EvalBaseline? Baseline, EvalGate Gate)
{
    /// <summary>What the judge's run asked and cost; null when nothing was judged just now.</summary>
    public JudgeAccount? Judge { get; init; }
}
