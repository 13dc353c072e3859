using System.Text;
using Muster.Drift;
using Muster.Tests.Requests;

namespace Muster.Tests.Drift;

public sealed class FaultMatrixTests
{
    private const string Begin = "<!-- matrix: begin -->";
    private const string End = "<!-- matrix: end -->";

    public static TheoryData<string> Names => [.. Faults.All.Select(fault => fault.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Each_fault_is_caught_by_the_checks_named_for_it(string name)
    {
        var fault = Faults.All.Single(one => one.Name == name);
        var report = Judged(fault);

        foreach (var check in fault.CaughtBy)
        {
            var worst = Worst(report, check);
            worst.ShouldBeOneOf([Severity.Warn, Severity.Block], $"{check}: {string.Join("\n", report.Findings.Where(finding => finding.Check == check))}");
        }

        report.Blocks.ShouldBeTrue(report.Sentence);
    }

    [Fact]
    public void The_matrix_of_the_document_is_what_the_checks_say()
    {
        var path = Path.Combine(RealData.Root(), "docs", "drift.md");
        var text = File.ReadAllText(path);
        int from = text.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length, to = text.IndexOf(End, StringComparison.Ordinal);
        var matrix = Matrix();
        if (Environment.GetEnvironmentVariable("MUSTER_APPROVE") == "1")
            File.WriteAllText(path, text[..from] + matrix + text[to..]);

        text[from..to].ShouldBe(matrix, "docs/drift.md has another matrix; review it, then approve it with MUSTER_APPROVE=1 ./test Muster.Tests");
    }

    private static string Matrix()
    {
        var checks = DriftJudge.Checks.Select(check => check.Id).ToList();
        var text = new StringBuilder("\n| fault | ").AppendJoin(" | ", checks).Append(" |\n| --- |").Insert(0, "\n");
        foreach (var _ in checks)
            text.Append(" --- |");
        foreach (var fault in Faults.All.Append(new QualityFault("none", [], rows => rows)))
        {
            var report = Judged(fault);
            text.Append($"\n| {fault.Name} |");
            foreach (var check in checks)
            {
                var cell = Worst(report, check) switch { Severity.Block => "block", Severity.Warn => "warn", Severity.NotApplicable => "n/a", _ => "" };
                text.Append(fault.CaughtBy.Contains(check) ? $" **{cell}** |" : cell.Length == 0 ? " |" : $" {cell} |");
            }
        }

        return text.Append("\n\n").ToString();
    }

    private static readonly Dictionary<string, DriftReport> Reports = [];

    private static DriftReport Judged(QualityFault fault)
    {
        if (!Reports.TryGetValue(fault.Name, out var report))
            Reports[fault.Name] = report = Faults.Judge(fault);
        return report;
    }

    private static Severity Worst(DriftReport report, string check) => report.Findings.Where(finding => finding.Check == check).Max(finding => finding.Severity);
}
