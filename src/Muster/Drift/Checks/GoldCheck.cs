using Muster.Evals;

namespace Muster.Drift.Checks;

/// <summary>A15: rows of this run that are cases of the eval set, against the reference's or, without one, the locked baseline's.</summary>
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
            return [Measurement.None(Id, "", "No eval set was graded.")];
        if (gold.MustPassFailed.Count > 0)
        {
            var which = input.HidesKeys ? Amount.Of(gold.MustPassFailed.Count, "case") : Excerpt.List(gold.MustPassFailed);
            return [new Measurement(Id, "", "", $"{gold.MustPassFailed.Count} must-pass failed", "0", $"Must-pass cases fail: {which}.") { Given = Severity.Block }];
        }

        if (gold.Paired == 0)
        {
            return [Measurement.None(Id, "", input.Reference is null
                ? "There is no accepted run and no locked baseline to compare the cases with; no must-pass case fails."
                : "No case was graded both now and before; no must-pass case fails.")];
        }

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
