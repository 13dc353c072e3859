using Muster.Statistics;

namespace Muster.Evals;

internal enum GateVerdict { Safe, Abort, Inconclusive }

/// <param name="Alpha">The chance of stopping a version that is no worse.</param>
/// <param name="MaxUnscored">More ungraded cases than this decide nothing.</param>
/// <param name="MaxDrop">The fall of the pass rate that the set should see; for the sentence only.</param>
internal sealed record EvalGateLimits(double Alpha = 0.05, double MaxUnscored = 0.05, double MaxDrop = 0.05);

/// <summary>Whether a graded version may be promoted.</summary>
/// <param name="SmallestDrop">What a set of this size sees in four of five cases, at the discordance found (at least 5 %).</param>
internal sealed record EvalGate(GateVerdict Verdict, string Sentence, EvalComparison? Comparison, double SmallestDrop)
{
    private const double MinDiscordance = 0.05;

    /// <summary>A failed gate holds the promotion; one that could not decide does too, until it is decided.</summary>
    public bool HoldsPromotion => Verdict != GateVerdict.Safe;

    public int ExitCode => Verdict switch
    {
        GateVerdict.Safe => ExitCodes.Ok,
        GateVerdict.Abort => ExitCodes.Unbalanced,
        _ => ExitCodes.Inconclusive,
    };

    /// <param name="baseline">The locked grading; null when there is none yet.</param>
    public static EvalGate Judge(EvalGrade current, EvalGrade? baseline, EvalGateLimits? limits = null)
    {
        limits ??= new EvalGateLimits();
        var comparison = baseline is null ? null : EvalComparison.Of(baseline, current);
        var smallest = Power.SmallestDrop(comparison?.Paired ?? current.Passed + current.Failed, Math.Max(MinDiscordance, comparison?.Discordance ?? 0));
        EvalGate Say(GateVerdict verdict, string sentence) => new(verdict, sentence + Blindness(smallest, limits), comparison, smallest);

        if (current.MustPassFailed.Count > 0)
            return Say(GateVerdict.Abort, $"Must-pass cases fail: {Excerpt.List(current.MustPassFailed)}.");
        if (!IsGraded(current, limits))
            return Say(GateVerdict.Inconclusive, $"{current.Unscored} of {Amount.Of(current.Cases.Count, "case")} could not be graded, more than {100 * limits.MaxUnscored:0.#} %. {Unanswered(current)}");
        if (comparison is null)
            return Unlocked(current, limits, Say);
        if (comparison.Paired == 0)
            return Say(GateVerdict.Inconclusive, "No case was graded both here and in the locked baseline.");
        var counts = $"{Amount.Of(comparison.Regressions.Count, "regression")} and {comparison.Fixes.Count} fixed among {comparison.Paired} cases (McNemar p = {comparison.P:0.000})";
        return comparison.Regressions.Count > comparison.Fixes.Count && comparison.P <= limits.Alpha
            ? Say(GateVerdict.Abort, $"Worse than the locked baseline: {counts}. Regressed: {Excerpt.List(comparison.Regressions)}.")
            : Say(GateVerdict.Safe, $"No worse than the locked baseline as far as the set sees: {counts}.");
    }

    /// <summary>False when so many cases are ungraded that nothing is decided, nor can others be compared with it.</summary>
    public static bool IsGraded(EvalGrade grade, EvalGateLimits? limits = null) => grade.UnscoredShare <= (limits ?? new EvalGateLimits()).MaxUnscored;

    /// <summary>
    /// Where no grade is locked the set itself is the measure: what it expects was accepted once, so that every case passed then. A fall must
    /// be beyond chance and, because answers vary by themselves, surely larger than the drop that is looked for.
    /// </summary>
    private static EvalGate Unlocked(EvalGrade current, EvalGateLimits limits, Func<GateVerdict, string, EvalGate> say)
    {
        const string Measure = "lock a grade as baseline with `muster eval --baseline` when that is how the set is meant";
        var surely = Proportions.Wilson(current.Failed, current.Passed + current.Failed).Low;
        if (McNemar.P((int)current.Failed, 0) <= limits.Alpha && surely > limits.MaxDrop)
            return say(GateVerdict.Abort, $"Far from what the set expects: {current.Sentence} No baseline is locked that says less; {Measure}.");
        return current.Failed > current.Passed
            ? say(GateVerdict.Inconclusive, $"Too few cases to tell: {current.Sentence} No baseline is locked; {Measure}.")
            : say(GateVerdict.Safe, $"{current.Sentence} There is no locked baseline to compare with.");
    }

    /// <summary>A judge is an instrument: what two of them measured is not compared.</summary>
    public static EvalGate OfTwoJudges(StoredGrade current, EvalBaseline baseline)
    {
        static string Named(string? judge) => judge is null ? "no judge" : $"judge {judge}";
        var next = current.Judge is null ? $"have this judged with `muster eval --run {current.Run}`" : "lock a new baseline with `muster eval --baseline`";
        return new EvalGate(GateVerdict.Inconclusive,
            $"The baseline of {baseline.Grade.Run} was scored by {Named(baseline.Grade.Judge)}, this by {Named(current.Judge)}; {next}.",
            null, Power.SmallestDrop(current.Grade.Passed + current.Grade.Failed, MinDiscordance));
    }

    private static string Blindness(double smallest, EvalGateLimits limits) => smallest <= limits.MaxDrop ? ""
        : $" The set sees a drop of {100 * smallest:0.#} points or more, not the {100 * limits.MaxDrop:0.#} that are asked for.";

    private static string Unanswered(EvalGrade grade) => string.Join("; ", grade.Cases.Where(one => one.Outcome == CaseOutcome.Unscored)
        .GroupBy(one => one.Why).OrderByDescending(group => group.Count()).Select(group => $"{group.Count()} {group.Key}")) + ".";
}
