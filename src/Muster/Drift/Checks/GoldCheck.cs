using Muster.Evals;

namespace Muster.Drift.Checks;

/// <summary>A15: the gold rows of this run against the locked baseline's.</summary>
internal sealed class GoldCheck : ICheck
{
    private const long MinCases = 30;

    // The floor is the test itself: any net loss that is real counts.
    private static readonly Floors Any = new(double.Epsilon, double.Epsilon);

    public string Id => "A15";

    public string Title => "gold rows";

    public IEnumerable<Measurement> Measure(DriftInput input)
    {
        if (input.Gold is not { } gold)
            return [Measurement.None(Id, "", "No eval set was graded, or it has no locked baseline.")];
        if (gold.MustPassFailed.Count > 0)
            return [new Measurement(Id, "", "", $"{gold.MustPassFailed.Count} must-pass failed", "0", $"Must-pass cases fail: {Excerpt.List(gold.MustPassFailed)}.") { Given = Severity.Block }];
        return
        [
            new Measurement(Id, "", "", $"{gold.Regressions.Count} regressed", $"{gold.Fixes.Count} fixed",
                $"Of {gold.Paired:N0} gold rows {gold.Regressions.Count} regressed and {gold.Fixes.Count} were fixed.")
            {
                P = gold.P, Effect = gold.Paired == 0 ? 0 : (double)(gold.Regressions.Count - gold.Fixes.Count) / gold.Paired, Floors = Any, N = gold.Paired, MinN = MinCases,
            },
        ];
    }
}
