using Muster.Evals;
using Muster.Review;
using Muster.Runs;

namespace Muster.Reports;

/// <summary>What evals and reviews found, as facts of a report.</summary>
internal static class MeasuredFacts
{
    /// <summary>Null when nothing is graded.</summary>
    public static ReportedFacts? Of(EvalResult? graded) => graded is null ? null : new ReportedFacts(
        $"{graded.Gate.Verdict.ToString().ToUpperInvariant()}. {graded.Gate.Sentence}",
        [
            new("set", graded.Grade.Set), new("answers", $"{Answers(graded.Grade.Source)} {graded.Grade.Run}"),
            new("passed", Amount.Grouping(graded.Grade.Grade.Passed)), new("failed", Amount.Grouping(graded.Grade.Grade.Failed)), new("not graded", Amount.Grouping(graded.Grade.Grade.Unscored)),
            new("compared with", graded.Baseline is null ? "no locked baseline" : "the locked baseline"),
        ]);

    /// <summary>Null when nobody looked at a row that had passed.</summary>
    public static ReportedFacts? Of(ReviewAccount review)
    {
        var defects = review.Defects;
        if (defects.Looked == 0)
            return null;
        var bounds = $"{Percent(defects.Bounds.Low)} to {Percent(defects.Bounds.High)}";
        return new ReportedFacts(
            $"Of {Amount.Of(defects.Looked, "row")} drawn from the accepted ones and looked at, {Amount.Grouping(defects.Defects)} {(defects.Defects == 1 ? "was" : "were")} wrong: {bounds} of all accepted rows (95 %, Wilson).",
            [
                new("looked at", $"{Amount.Grouping(defects.Looked)} of {Amount.Grouping(defects.Drawn)} drawn"), new("wrong", Amount.Grouping(defects.Defects)),
                new("defect rate", $"{Percent(defects.Rate ?? 0)} ({bounds})"), new("decided by people, in all", Amount.Grouping(review.Decided)), new("waiting", Amount.Grouping(review.Waiting)),
            ]);
    }

    private static string Answers(GradeSource source) => source switch
    {
        GradeSource.Gold => "gold rows of",
        GradeSource.Rows => "rows of",
        _ => "asked by",
    };

    private static string Percent(double share) => ReportText.Percent(share);
}
