using Muster.Statistics;

namespace Muster.Evals;

internal enum CaseOutcome
{
    Pass,
    Fail,

    /// <summary>A judge did not answer, or the row was never asked: out of every denominator.</summary>
    Unscored,
}

/// <param name="Wrong">Pointers of the fields that differ; empty when the row was rejected.</param>
/// <param name="Why">For a case that did not pass, in a few words.</param>
internal sealed record CaseGrade(string Key, CaseOutcome Outcome, bool MustPass, double Weight, IReadOnlyList<string> Slices, IReadOnlyList<string> Wrong, string Why);

/// <param name="MeanDistance">Over the cases that were compared.</param>
internal sealed record FieldGrade(string Pointer, long Compared, long Equal, long Unscored, double MeanDistance);

internal sealed record SliceGrade(string Slice, long Passed, long Failed);

/// <summary>How one version of a job did on one version of an eval set.</summary>
internal sealed record EvalGrade(string SetId, int SetVersion, string SetHash, string Subject, IReadOnlyList<CaseGrade> Cases, IReadOnlyList<FieldGrade> Fields, IReadOnlyList<SliceGrade> Slices)
{
    public long Passed => Cases.LongCount(one => one.Outcome == CaseOutcome.Pass);

    public long Failed => Cases.LongCount(one => one.Outcome == CaseOutcome.Fail);

    public long Unscored => Cases.LongCount(one => one.Outcome == CaseOutcome.Unscored);

    /// <summary>Share of all cases that could not be graded.</summary>
    public double UnscoredShare => Cases.Count == 0 ? 1 : (double)Unscored / Cases.Count;

    /// <summary>Weighted share of passes among graded cases.</summary>
    public double WeightedMean
    {
        get
        {
            var graded = Cases.Where(one => one.Outcome != CaseOutcome.Unscored).ToList();
            var weight = graded.Sum(one => one.Weight);
            return weight > 0 ? graded.Where(one => one.Outcome == CaseOutcome.Pass).Sum(one => one.Weight) / weight : 0;
        }
    }

    public Interval PassRate => Proportions.Wilson(Passed, Passed + Failed);

    public IReadOnlyList<string> MustPassFailed => [.. Cases.Where(one => one is { MustPass: true, Outcome: CaseOutcome.Fail }).Select(one => one.Key)];

    /// <summary>The pass rate in words; no failure among n is no 100 %.</summary>
    public string Sentence
    {
        get
        {
            var n = Passed + Failed;
            var rest = Unscored == 0 ? "" : $" {Amount.Of(Unscored, "case")} of {Cases.Count} could not be graded.";
            return n == 0 ? $"No case could be graded.{rest}"
                : Failed == 0 ? $"{Passed} of {n} cases pass; the failure rate is at most 3/{n} = {Math.Min(100, 300.0 / n):0.0#} % at 95 %.{rest}"
                : $"{Passed} of {n} cases pass ({100.0 * Passed / n:0.0} %; {100 * PassRate.Low:0.0} to {100 * PassRate.High:0.0} % at 95 %).{rest}";
        }
    }
}
