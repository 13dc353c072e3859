using System.Text.Json.Nodes;
using Muster.Claude;
using Muster.Evals;
using Muster.Promotion;

namespace Muster.Cli.Output;

/// <summary>A graded run in words and as JSON.</summary>
internal static class EvalText
{
    private const int MaxCases = 20;

    public static IEnumerable<string> Lines(EvalResult result, int width)
    {
        var (grade, kept) = (result.Grade.Grade, result.Grade);
        yield return $"{kept.Job}@{kept.JobVersion} on {kept.Set}: {Figures.Count(grade.Cases.Count, "case")}, {Of(kept.Source)} {kept.Run}";
        yield return $"  {grade.Sentence}";
        foreach (var line in Fields(grade, width))
            yield return line;
        foreach (var line in Failed(grade))
            yield return line;
        if (result.Judge is { } judge)
        {
            yield return $"  judge {judge.Model}@{judge.Version}, {judge.Run}: {Figures.Count(judge.Asked, "question")}, {Figures.Count(judge.Scored)} scored,"
                + $" {Figures.Count(judge.Unscored)} without a score, {Usd.Text(judge.CostPicoUsd)}";
        }

        yield return Baseline(result);
        yield return Gate(result);
    }

    /// <summary>The verdict in one line, for every surface that shows a run.</summary>
    public static string Gate(EvalResult result) => $"  gate: {Verdict(result.Gate)}. {Figures.Clean(result.Gate.Sentence)}";

    public static IEnumerable<string> Overrides(IEnumerable<PromotionOverride> overrides) => overrides.Select(overruled =>
        $"  {overruled.PromotionId} let through despite {overruled.HeldBy} at {Figures.Clock(overruled.At)} by {Figures.Clean(overruled.Who)}: {Figures.Clean(overruled.Reason)}");

    public static JsonObject Json(EvalResult result, object head)
    {
        var form = Terminal.Node(head);
        var body = Terminal.Node(Form(result));
        foreach (var (name, value) in body.ToList())
        {
            body.Remove(name);
            form[name] = value;
        }

        return form;
    }

    /// <summary>The gold rows of a run, for <c>status</c> and <c>report</c>.</summary>
    public static object? Gold(EvalResult? result) => result is null ? null : new { result.Grade.Set, grade = Grade(result.Grade.Grade), gate = Gate(result.Gate) };

    private static string Verdict(EvalGate gate) => gate.Verdict.ToString().ToUpperInvariant();

    private static string Of(GradeSource source) => source switch
    {
        GradeSource.Gold => "gold rows of",
        GradeSource.Rows => "rows of",
        _ => "asked by",
    };

    private static string Baseline(EvalResult result)
    {
        if (result.Baseline is not { } baseline)
            return "  baseline: none is locked for this set";
        var from = $"  baseline: {baseline.Grade.Run} {baseline.Grade.Job}@{baseline.Grade.JobVersion}, locked {Figures.Clock(baseline.LockedAt)} by {Figures.Clean(baseline.Who)}";
        return result.Gate.Comparison is { } compared
            ? $"{from}: {Figures.Count(compared.Regressions.Count)} regressed, {Figures.Count(compared.Fixes.Count)} fixed of {Figures.Count(compared.Paired)} (McNemar p = {compared.P:0.000})"
            : from;
    }

    private static IEnumerable<string> Fields(EvalGrade grade, int width)
    {
        if (grade.Fields.Count == 0)
            return [];
        var table = new Columns("lrrrrr").Add("field", "compared", "equal", "share", "ungraded", "distance");
        foreach (var field in grade.Fields)
        {
            table.Add(Figures.Clean(field.Pointer), Figures.Count(field.Compared), Figures.Count(field.Equal),
                field.Compared == 0 ? "–" : Figures.Percent((double)field.Equal / field.Compared), Figures.Count(field.Unscored), $"{field.MeanDistance:0.000}");
        }

        return table.Lines(width);
    }

    private static IEnumerable<string> Failed(EvalGrade grade)
    {
        var failed = grade.Cases.Where(one => one.Outcome == CaseOutcome.Fail).OrderByDescending(one => one.MustPass).ToList();
        foreach (var one in failed.Take(MaxCases))
            yield return $"    {(one.MustPass ? "MUST PASS " : "")}{Figures.Fit(Figures.Clean(one.Key), 60)}: {Figures.Clean(one.Why)}";
        if (failed.Count > MaxCases)
            yield return $"    and {Figures.Count(failed.Count - MaxCases)} more; --json lists them";
    }

    private static object Form(EvalResult result)
    {
        var (grade, kept) = (result.Grade.Grade, result.Grade);
        return new
        {
            run = RunJson.Run(result.Run), set = new { name = grade.SetId, version = grade.SetVersion, hash = grade.SetHash }, source = kept.Source,
            grade = Grade(grade),
            fields = grade.Fields.Select(field => new { field.Pointer, field.Compared, field.Equal, field.Unscored, field.MeanDistance }),
            slices = grade.Slices.Select(slice => new { slice.Slice, slice.Passed, slice.Failed }),
            cases = grade.Cases.Where(one => one.Outcome != CaseOutcome.Pass).Select(one => new { one.Key, one.Outcome, one.MustPass, one.Wrong, one.Why }),
            baseline = result.Baseline is { } baseline
                ? new { run = baseline.Grade.Run, baseline.Grade.JobVersion, baseline.LockedAt, baseline.Who, grade = Grade(baseline.Grade.Grade) }
                : null,
            gate = Gate(result.Gate),
            judge = result.Judge is { } judge
                ? new { judge.Run, judge.Model, judge.Version, judge.Asked, judge.Scored, judge.Unscored, CostUsd = Usd.Of(judge.CostPicoUsd) }
                : null,
        };
    }

    private static object Grade(EvalGrade grade) => new
    {
        grade.Passed, grade.Failed, grade.Unscored, grade.PassRate.Low, grade.PassRate.High, grade.WeightedMean, grade.MustPassFailed,
    };

    private static object Gate(EvalGate gate) => new
    {
        gate.Verdict, gate.Sentence, gate.HoldsPromotion, gate.SmallestDrop,
        comparison = gate.Comparison is { } compared ? new { compared.Paired, compared.Regressions, compared.Fixes, compared.P } : null,
    };
}
