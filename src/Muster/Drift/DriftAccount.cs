using Muster.Evals;
using Muster.Promotion;
using Muster.Runs;
using Muster.Selections;

namespace Muster.Drift;

/// <summary>What every surface shows of a run's drift.</summary>
/// <param name="Family">The full run that is judged, with its reruns: rows count as they stand.</param>
/// <param name="Against">The accepted run that it is compared with; null when there is none.</param>
/// <param name="WhyAlone">Why there is none; null when there is one.</param>
/// <param name="Gold">The eval set whose cases were graded, or why none was.</param>
internal sealed record DriftAccount(RunFamily Family, RunFamily? Against, string? WhyAlone, DriftReport Report, string Gold)
{
    /// <summary>The last promotion of this run that drift held and a person let through; null for none.</summary>
    public PromotionOverride? Override { get; init; }

    /// <summary>Findings in their order of weight: what blocks, what warns, then the rest.</summary>
    public IReadOnlyList<DriftFinding> ByWeight => [.. Report.Findings.OrderByDescending(finding => finding.Severity is Severity.Block or Severity.Warn ? (int)finding.Severity : 0)];

    public IReadOnlyList<DriftFinding> Blocking => [.. Report.Findings.Where(finding => finding.Severity == Severity.Block)];
}
