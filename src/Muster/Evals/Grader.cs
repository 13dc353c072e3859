using System.Text.Json;
using Muster.Verdicts;

namespace Muster.Evals;

/// <summary>Grades answers against an eval set. Pure; a case is graded the same whatever the order of the others.</summary>
internal static class Grader
{
    /// <param name="subject">The job version that answered.</param>
    /// <param name="answer">What became of a case's row.</param>
    public static EvalGrade Grade(EvalSet set, string subject, Func<EvalCase, EvalAnswer> answer)
    {
        var tallies = set.Fields.Keys.ToDictionary(pointer => pointer, _ => new Tally());
        var cases = set.Cases.Select(one => Grade(set, one, answer(one), tallies)).ToList();
        var fields = tallies.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => pair.Value.ToGrade(pair.Key)).ToList();
        var slices = cases.Where(one => one.Outcome != CaseOutcome.Unscored).SelectMany(one => one.Slices.Distinct().Select(slice => (slice, one.Outcome)))
            .GroupBy(pair => pair.slice).OrderBy(group => group.Key, StringComparer.Ordinal)
            .Select(group => new SliceGrade(group.Key, group.LongCount(pair => pair.Outcome == CaseOutcome.Pass), group.LongCount(pair => pair.Outcome == CaseOutcome.Fail)));
        return new EvalGrade(set.Id, set.Version, set.Hash, subject, cases, fields, [.. slices]);
    }

    private static CaseGrade Grade(EvalSet set, EvalCase one, EvalAnswer answer, Dictionary<string, Tally> tallies)
    {
        CaseGrade With(CaseOutcome outcome, IReadOnlyList<string> wrong, string why) => new(one.Key, outcome, one.MustPass, one.Weight, one.Slices, wrong, why);
        if (answer.State == AnswerState.NotAsked)
            return With(CaseOutcome.Unscored, [], Reasons.Unscored + ".not_asked");
        if (answer.State == AnswerState.Rejected)
            return With(CaseOutcome.Fail, [], answer.Reason ?? "rejected");
        if (Parse(answer.Output) is not { } output)
            return With(CaseOutcome.Fail, [], "the output is no JSON object");
        var wrong = new List<string>();
        var unscored = new List<string>();
        foreach (var (pointer, expected) in one.Expect.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            JsonElement? actual = output.TryGetProperty(OutputShape.Name(pointer), out var found) ? found : null;
            var score = Comparison.Of(set.Fields[pointer], expected, actual, answer.Scores.TryGetValue(pointer, out var given) ? given : null);
            if (set.Fields[pointer].Kind != CompareKind.Ignore)
                tallies[pointer].Add(score);
            if (score.Outcome == FieldOutcome.Different)
                wrong.Add(pointer);
            else if (score.Outcome == FieldOutcome.Unscored)
                unscored.Add(pointer);
        }

        // What is wrong by itself stays wrong, whether or not a judge answers for another field.
        return wrong.Count > 0 ? With(CaseOutcome.Fail, wrong, $"{string.Join(", ", wrong)} differ")
            : unscored.Count > 0 ? With(CaseOutcome.Unscored, [], Reasons.Unscored + ".scorer" + $": no score for {string.Join(", ", unscored)}")
            : With(CaseOutcome.Pass, [], "");
    }

    private static JsonElement? Parse(ReadOnlyMemory<byte> output)
    {
        try
        {
            using var document = JsonDocument.Parse(output);
            return document.RootElement.ValueKind == JsonValueKind.Object ? document.RootElement.Clone() : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private sealed class Tally
    {
        private long compared;
        private long equal;
        private long unscored;
        private double distance;

        public void Add(FieldScore score)
        {
            if (score.Outcome == FieldOutcome.Unscored)
            {
                unscored++;
                return;
            }

            compared++;
            equal += score.Outcome == FieldOutcome.Equal ? 1 : 0;
            distance += score.Distance;
        }

        public FieldGrade ToGrade(string pointer) => new(pointer, compared, equal, unscored, compared == 0 ? 0 : distance / compared);
    }
}
