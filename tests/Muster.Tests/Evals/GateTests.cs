using System.Text;
using System.Text.Json;
using Muster.Evals;

namespace Muster.Tests.Evals;

public sealed class GateTests
{
    private static EvalSet Set(int cases, int mustPass = 0, CompareKind kind = CompareKind.Exact) => new("gold", 1, "sha256:1",
        new Dictionary<string, Comparator> { ["/category"] = new(kind) },
        [.. Enumerable.Range(0, cases).Select(i => new EvalCase($"g-{i}", new Dictionary<string, JsonElement> { ["/category"] = JsonSerializer.SerializeToElement("Food") })
        {
            MustPass = i < mustPass, Slices = [i % 2 == 0 ? "lang=de" : "lang=en"],
        })]);

    private static EvalGrade Grade(EvalSet set, params int[] failing) => Grade(set, i => failing.Contains(i) ? """{"category":"Toys"}""" : """{"category":"Food"}""");

    private static EvalGrade Grade(EvalSet set, Func<int, string> output) => Grader.Grade(set, "v1", one => new EvalAnswer(AnswerState.Answered, Encoding.UTF8.GetBytes(output(Number(one)))));

    private static int Number(EvalCase one) => int.Parse(one.Key[2..]);

    [Fact]
    public void No_failure_is_at_most_three_in_n()
    {
        Grade(Set(100)).Sentence.ShouldBe("100 of 100 cases pass; the failure rate is at most 3/100 = 3.0 % at 95 %.");
        Grade(Set(100), 1, 2).Sentence.ShouldBe("98 of 100 cases pass (98.0 %; 93.0 to 99.4 % at 95 %).");
    }

    [Theory]
    [InlineData(5, 0, "Abort")]
    [InlineData(4, 0, "Safe")]
    [InlineData(6, 1, "Safe")]
    [InlineData(7, 1, "Abort")]
    [InlineData(10, 3, "Abort")]
    [InlineData(3, 10, "Safe")]
    public void Regressions_beyond_chance_stop_a_promotion(int regressions, int fixes, string verdict)
    {
        var set = Set(400);
        var baseline = Grade(set, [.. Enumerable.Range(0, fixes)]);
        var gate = EvalGate.Judge(Grade(set, [.. Enumerable.Range(100, regressions)]), baseline);

        gate.Verdict.ToString().ShouldBe(verdict, gate.Sentence);
        gate.HoldsPromotion.ShouldBe(verdict != "Safe");
        gate.Comparison!.Regressions.Count.ShouldBe(regressions);
        gate.Comparison.Fixes.Count.ShouldBe(fixes);
    }

    [Fact]
    public void One_must_pass_case_that_fails_is_enough_with_and_without_a_baseline()
    {
        var set = Set(50, mustPass: 3);

        EvalGate.Judge(Grade(set, 2), Grade(set)).Verdict.ShouldBe(GateVerdict.Abort);
        EvalGate.Judge(Grade(set, 2), baseline: null).Sentence.ShouldStartWith("Must-pass cases fail: g-2.");
        EvalGate.Judge(Grade(set, 3), Grade(set)).Verdict.ShouldBe(GateVerdict.Safe);
    }

    [Theory]
    [InlineData(100, 0, "Safe")]
    [InlineData(100, 4, "Safe")]
    [InlineData(100, 9, "Safe")]
    [InlineData(100, 10, "Abort")]
    [InlineData(100, 100, "Abort")]
    [InlineData(5, 5, "Abort")]
    [InlineData(4, 4, "Inconclusive")]
    [InlineData(4, 1, "Safe")]
    public void Without_a_baseline_what_the_set_expects_is_the_measure(int cases, int failing, string verdict)
    {
        var gate = EvalGate.Judge(Grade(Set(cases), [.. Enumerable.Range(0, failing)]), baseline: null);

        gate.Verdict.ToString().ShouldBe(verdict, gate.Sentence);
        if (verdict != "Safe")
            gate.Sentence.ShouldContain("`muster eval --baseline`");
    }

    [Fact]
    public void A_judge_that_cannot_answer_leaves_the_denominator_and_beyond_five_percent_decides_nothing()
    {
        var set = Set(100, kind: CompareKind.Rubric);
        EvalGrade Judged(int silent) => Grader.Grade(set, "v1", one => new EvalAnswer(AnswerState.Answered, """{"category":"x"}"""u8.ToArray())
        {
            Scores = Number(one) < silent ? new Dictionary<string, double>() : new Dictionary<string, double> { ["/category"] = 1 },
        });
        var baseline = Judged(0);

        var five = Judged(5);
        (five.Passed, five.Failed, five.Unscored).ShouldBe((95, 0, 5));
        EvalGate.Judge(five, baseline).Verdict.ShouldBe(GateVerdict.Safe);
        var six = EvalGate.Judge(Judged(6), baseline);
        six.Verdict.ShouldBe(GateVerdict.Inconclusive);
        six.Sentence.ShouldStartWith("6 of 100 cases could not be graded, more than 5 %. 6 CMP.UNSCORED.scorer: no score for /category.");
    }

    [Fact]
    public void A_row_that_the_job_could_not_answer_fails_and_one_never_asked_is_not_graded()
    {
        var set = Set(40);
        var grade = Grader.Grade(set, "v1", one => Number(one) switch
        {
            0 => new EvalAnswer(AnswerState.Rejected, default, "SHP.SCHEMA./category"),
            1 => EvalAnswer.NotAsked,
            2 => new EvalAnswer(AnswerState.Answered, "[]"u8.ToArray()),
            3 => new EvalAnswer(AnswerState.Answered, "{"u8.ToArray()),
            4 => new EvalAnswer(AnswerState.Answered, "{}"u8.ToArray()),
            _ => new EvalAnswer(AnswerState.Answered, """{"category":"Food"}"""u8.ToArray()),
        });

        (grade.Passed, grade.Failed, grade.Unscored).ShouldBe((35, 4, 1));
        grade.Cases[0].Why.ShouldBe("SHP.SCHEMA./category");
        grade.Slices.Select(slice => (slice.Slice, slice.Passed, slice.Failed)).ShouldBe([("lang=de", 17, 3), ("lang=en", 18, 1)]);
    }

    [Fact]
    public void A_set_too_small_for_the_drop_asked_for_says_so()
    {
        var set = Set(40);
        var gate = EvalGate.Judge(Grade(set), Grade(set));

        gate.Verdict.ShouldBe(GateVerdict.Safe);
        gate.Sentence.ShouldEndWith("The set sees a drop of 8.2 points or more, not the 5 that are asked for.");
        var large = Set(400);
        EvalGate.Judge(Grade(large), Grade(large)).Sentence.ShouldNotContain("asked for");
    }

    [Fact]
    public void An_unchanged_version_is_stopped_no_more_often_than_alpha()
    {
        var random = new Random(17);
        var set = Set(300);
        var stopped = 0;
        for (var i = 0; i < 200; i++)
        {
            EvalGrade Draw() => Grade(set, [.. Enumerable.Range(0, 300).Where(_ => random.NextDouble() < 0.08)]);
            stopped += EvalGate.Judge(Draw(), Draw()).Verdict == GateVerdict.Abort ? 1 : 0;
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"{stopped} of 200 unchanged versions stopped");
        stopped.ShouldBeLessThanOrEqualTo(16);
    }

    [Fact]
    public void Gold_rows_take_their_share_of_a_batch_and_all_get_their_turn()
    {
        GoldRows.Count(Set(1000), 100).ShouldBe(30);
        GoldRows.Count(Set(1000), 10_000).ShouldBe(100);
        GoldRows.Count(Set(1000), 100_000).ShouldBe(200);
        GoldRows.Count(Set(12), 100_000).ShouldBe(12);

        var set = Set(100, mustPass: 10);
        var asked = Enumerable.Range(0, 5).SelectMany(batch => GoldRows.Pick(set, 500, batch).Select(one => one.Key)).ToList();
        asked.Count.ShouldBe(150);
        asked.Distinct().Count().ShouldBe(100);
        asked.Count(key => key == "g-3").ShouldBe(5);
    }
}
