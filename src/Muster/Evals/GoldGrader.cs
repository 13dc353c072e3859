namespace Muster.Evals;

/// <summary>
/// Grades gold rows. Pure. A run of several batches asks a case several times: the first answer counts, as the baseline has one answer
/// for each case; of a must-pass case one that fails counts, whichever batch it came with.
/// </summary>
internal static class GoldGrader
{
    /// <param name="asked">The answers by the case's key, in the order of asking; a case that is not in it did not ride.</param>
    public static EvalGrade Grade(EvalSet set, string subject, IReadOnlyDictionary<string, List<EvalAnswer>> asked, JudgeScores scores)
    {
        var rode = set with { Cases = [.. set.Cases.Where(one => asked.ContainsKey(one.Key))] };
        return Grader.Grade(rode, subject, one => scores.For(one, Choose(rode, subject, one, asked[one.Key], scores)));
    }

    /// <summary>The answer that counts for a case.</summary>
    private static EvalAnswer Choose(EvalSet set, string subject, EvalCase one, List<EvalAnswer> answers, JudgeScores scores)
    {
        var known = answers.Where(answer => answer.State != AnswerState.NotAsked).ToList();
        if (known.Count == 0)
            return EvalAnswer.NotAsked;
        return (one.MustPass ? known.Find(answer => Fails(set, subject, one, scores.For(one, answer))) : null) ?? known[0];
    }

    private static bool Fails(EvalSet set, string subject, EvalCase one, EvalAnswer answer) =>
        Grader.Grade(set with { Cases = [one] }, subject, _ => answer).Cases[0].Outcome == CaseOutcome.Fail;
}
