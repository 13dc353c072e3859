using Muster.Jobs;
using Muster.Review;
using Muster.Runs;
using Muster.Verdicts;

namespace Muster.Tests.Review;

public sealed class IssueGrouperTests
{
    private static Job Job(bool sensitive = false)
    {
        var job = Some.Job(Some.Folder());
        return job with { Source = job.Source with { Key = job.Source.Key with { Sensitive = sensitive } } };
    }

    private static EvidenceRow Row(int i, string reason, string? message, RowState state = RowState.Quarantined) => new($"k-{i}", $"f.csv:{i}", state, reason, message, default);

    [Fact]
    public void Rows_that_failed_alike_are_one_issue_with_its_first_and_last_line()
    {
        var issues = new IssueGrouper(Job());
        for (var i = 1; i <= 1200; i++)
            issues.Add(Row(i, "SHP.ENUM_UNKNOWN./category", $"\"Sneaker {i}\" is not one of 40 values"));
        issues.Add(Row(1201, Reasons.DuplicateKey, "The key \"a\" stands on an earlier line."));
        issues.Add(Row(1202, "HUM.REQUESTED", null, RowState.HumanQueued));

        issues.Rows.ShouldBe(1201);
        var first = issues.Issues[0];
        (first.Rows, first.FirstLine, first.LastLine).ShouldBe((1200, "f.csv:1", "f.csv:1200"));
        first.Keys.ShouldBe(["k-1", "k-2", "k-3"]);
        first.Action.ShouldContain("prompt or the contract");
        issues.Issues[1].Action.ShouldContain("source");
        issues.Issues.Sum(issue => issue.Rows).ShouldBe(issues.Rows);
    }

    [Fact]
    public void Another_contract_is_another_issue_and_sensitive_keys_are_not_shown()
    {
        var (one, other) = (new IssueGrouper(Job(sensitive: true)), new IssueGrouper(Job() with { Contract = new ContractSpec("{}", "s.json") }));
        one.Add(Row(1, "SHP.SCHEMA./a", "m"));
        other.Add(Row(1, "SHP.SCHEMA./a", "m"));

        one.Issues.Single().Keys.ShouldBeEmpty();
        one.Issues.Single().Fingerprint.ShouldNotBe(other.Issues.Single().Fingerprint);
    }

    [Fact]
    public void What_exceeds_the_number_of_issues_is_counted()
    {
        var issues = new IssueGrouper(Job());
        for (var i = 0; i < IssueGrouper.MaxIssues + 5; i++)
            issues.Add(Row(i, $"SHP.SCHEMA./f{string.Concat($"{i}".Select(digit => (char)('a' + digit - '0')))}", null));

        (issues.Issues.Count, issues.Ungrouped, issues.Rows).ShouldBe((IssueGrouper.MaxIssues, 5, IssueGrouper.MaxIssues + 5));
    }

    [Fact]
    public void Every_reason_of_a_row_has_an_action()
    {
        foreach (var code in typeof(Reasons).GetFields().Select(field => (string)field.GetRawConstantValue()!).Where(code => code.StartsWith("REQ", StringComparison.Ordinal) || code.StartsWith("SHP", StringComparison.Ordinal)))
        {
            if (code != Reasons.CostCap)
                ReasonActions.Of($"{code}./x").ShouldNotBe(ReasonActions.Of("nothing"), code);
        }
    }

    [Theory]
    [InlineData("=1+1", "'=1+1")]
    [InlineData("+1", "'+1")]
    [InlineData("-1", "'-1")]
    [InlineData("@a", "'@a")]
    [InlineData("\ta", "'\ta")]
    [InlineData("\ra", "\"'\ra\"")]
    [InlineData("=HYPERLINK(\"x\",\"y\")", "\"'=HYPERLINK(\"\"x\"\",\"\"y\"\")\"")]
    [InlineData("a=1", "a=1")]
    [InlineData("a,b\n\"c\"", "\"a,b\n\"\"c\"\"\"")]
    [InlineData("", "")]
    public void A_cell_is_never_a_formula(string text, string cell) => QuarantineCsv.Cell(text).ShouldBe(cell);
}
