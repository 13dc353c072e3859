namespace Muster.Evals;

/// <summary>What a judge said of answers: scores by case and field.</summary>
/// <param name="Judge">The version of the judge's job; null when there was none.</param>
internal sealed record JudgeScores(string? Judge, IReadOnlyDictionary<string, double> ByRow)
{
    public static JudgeScores None { get; } = new(null, new Dictionary<string, double>());

    /// <summary>Names the judgement of a field of a case; a pointer to a top field has one slash, its first character.</summary>
    public static string RowOf(string caseKey, string pointer) => caseKey + pointer;

    public EvalAnswer For(EvalCase one, EvalAnswer answer)
    {
        if (ByRow.Count == 0 || answer.State != AnswerState.Answered)
            return answer;
        var scores = one.Expect.Keys.Where(pointer => ByRow.ContainsKey(RowOf(one.Key, pointer))).ToDictionary(pointer => pointer, pointer => ByRow[RowOf(one.Key, pointer)]);
        return answer with { Scores = scores };
    }
}

/// <summary>What a judge's run asked and cost.</summary>
/// <param name="Scored">Questions that it answered with a score.</param>
/// <param name="Unscored">Questions that it refused, could not decide, or whose answer was lost: out of every denominator.</param>
internal sealed record JudgeAccount(string Run, string Model, string Version, long Asked, long Scored, long Unscored, long CostPicoUsd);
