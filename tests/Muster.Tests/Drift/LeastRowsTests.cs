using Muster.Drift;
using Muster.Drift.Checks;
using Muster.Evals;

namespace Muster.Tests.Drift;

/// <summary>The least number of rows of each check, as docs/drift.md has it: one less is no answer, and that many are one.</summary>
public sealed class LeastRowsTests
{
    private const int Many = 2000;

    public static TheoryData<string, int> Least => new()
    {
        { "A2", 100 }, { "A3", 100 }, { "A4", 100 }, { "A5", 100 }, { "A5.confusion", 50 }, { "A6", 100 }, { "A8", 100 }, { "A9", 100 },
        { "A11", 200 }, { "A13", 300 }, { "A18", 100 },
    };

    [Theory]
    [MemberData(nameof(Least))]
    public void One_row_less_than_a_check_needs_is_no_answer_and_that_many_are_one(string check, int least)
    {
        foreach (var (current, reference) in new[] { (least, Many), (Many, least), (least, least) })
        {
            var (fewer, more) = (current == least ? least - 1 : Many, reference == least ? least - 1 : Many);

            Answers(check, fewer, more).ShouldAllBe(severity => severity == Severity.NotApplicable, $"{fewer} rows against {more}");
            Answers(check, current, reference).ShouldContain(severity => severity != Severity.NotApplicable, $"{current} rows against {reference}");
        }
    }

    [Fact]
    public void Every_check_with_a_least_number_of_rows_is_tested_here()
    {
        var free = new[] { "A1", "A19" };
        var here = Least.Select(row => row.Data.Item1).Concat(["A15", "A15.confusion", "A17"]);

        here.Order(StringComparer.Ordinal).ShouldBe(DriftJudge.Checks.Select(check => check.Id).Except(free).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData(29, false)]
    [InlineData(30, true)]
    public void Gold_rows_need_thirty_cases_that_both_graded(int cases, bool isAnswered)
    {
        var report = DriftJudge.Judge(new DriftInput(Rows(Many, "now"), Rows(Many, "before")) { Gold = new EvalComparison(cases, [], [], [], 1) });

        report.Findings.Single(finding => finding.Check == "A15").Severity.ShouldBe(isAnswered ? Severity.Ok : Severity.NotApplicable);
    }

    [Theory]
    [InlineData(9, false)]
    [InlineData(10, true)]
    public void Known_answers_need_ten_rows_of_a_category(int rows, bool isAnswered)
    {
        var moves = new Transitions();
        for (var i = 0; i < rows; i++)
            moves.Add("/category", [], "Food", "Food");
        var report = DriftJudge.Judge(new DriftInput(Rows(Many, "now"), Rows(Many, "before")) { Transitions = moves });

        report.Findings.Single(finding => finding.Check == "A15.confusion").Severity.ShouldBe(isAnswered ? Severity.Ok : Severity.NotApplicable);
    }

    [Theory]
    [InlineData(49, false)]
    [InlineData(50, true)]
    public void A_slice_needs_fifty_rows_and_fifty_beside_it(int rows, bool isAnswered)
    {
        RunProfile Run(string prefix, int bolts, int others) => Catalog.Profile(Answers(prefix, bolts + others).Select((answer, i) => answer with { Brand = i < bolts ? "Bolt" : "Corvo" }));
        const string slice = "brand=Bolt";
        IReadOnlyList<Measurement> Measured(RunProfile current, RunProfile reference) =>
            [.. new SliceScanCheck().Measure(new DriftInput(current, reference)).Where(one => one.Slice == slice && one.N >= one.MinN)];

        Measured(Run("now", rows, Many), Run("before", 60, Many)).Any().ShouldBe(isAnswered);
        Measured(Run("now", Many, rows), Run("before", Many, 60)).Any().ShouldBe(isAnswered);
    }

    private static IReadOnlyList<Severity> Answers(string check, int current, int reference)
    {
        // The first row has no other row whose words it could hold, so it does not count for the pairing.
        var more = check == "A13" ? 1 : 0;
        var report = DriftJudge.Judge(new DriftInput(Rows(current + more, "now"), Rows(reference + more, "before")));
        return [.. report.Findings.Where(finding => finding.Check == check).Select(finding => finding.Severity)];
    }

    private static RunProfile Rows(int rows, string prefix) => Catalog.Profile(Answers(prefix, rows));

    /// <summary>Rows of which every one is accepted, so that each counts in every check, in four categories of the same size.</summary>
    private static IEnumerable<Catalog.Answer> Answers(string prefix, int rows) => new Catalog { Seed = prefix.Length, Rows = rows, Prefix = prefix }.Answers()
        .Select((answer, i) => answer with { Reason = null, Category = Catalog.Categories[i % 4] });
}
