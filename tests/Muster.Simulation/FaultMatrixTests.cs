using System.Text.RegularExpressions;

namespace Muster.Simulation;

/// <summary>The table of faults and checkers in docs/simulation.md is that of the code; `--matrix docs/simulation.md` writes it anew.</summary>
public sealed partial class FaultMatrixTests
{
    private static string Page
    {
        get
        {
            var folder = new DirectoryInfo(AppContext.BaseDirectory);
            while (!File.Exists(Path.Combine(folder!.FullName, "Muster.slnx")))
                folder = folder.Parent;
            return Path.Combine(folder.FullName, "docs", "simulation.md");
        }
    }

    private static List<string[]> Documented()
    {
        var text = File.ReadAllText(Page);
        var from = text.IndexOf(FaultMatrix.Start, StringComparison.Ordinal);
        from.ShouldBeGreaterThan(0, FaultMatrix.Start);
        return text[from..text.IndexOf(FaultMatrix.End, StringComparison.Ordinal)].Split('\n').Where(line => line.StartsWith("| ", StringComparison.Ordinal))
            .Select(line => line.Trim('|').Split('|', StringSplitOptions.TrimEntries)).ToList();
    }

    [Fact]
    public void The_documented_faults_and_checkers_are_those_of_the_code()
    {
        var table = Documented();

        table[0][3..].ShouldBe(FaultMatrix.Checkers.Select(checker => $"{checker.Guarantee} {checker.Name}"));
        table.Skip(2).Select(row => row[0].Trim('`')).ShouldBe(FaultMatrix.Kinds);
        table.Skip(2).Where(row => long.Parse(row[2]) == 0).Select(row => row[0]).ShouldBeEmpty("a fault that never comes proves nothing");
    }

    [Fact]
    public void Every_fault_that_comes_is_in_the_table_and_every_checker_of_the_table_checks()
    {
        var tally = Nightly.Many(1, 150, StoreKind.Memory, _ => { });

        tally.Kinds.Where(kind => Fault().IsMatch(kind) && kind != "process: started").Except(FaultMatrix.Kinds).ShouldBeEmpty();
        tally.Kinds.Where(FaultMatrix.IsCheck).Order(StringComparer.Ordinal)
            .ShouldBe(FaultMatrix.Checkers.Select(checker => FaultMatrix.Checked(checker.Name)).Order(StringComparer.Ordinal));
        FaultMatrix.Markdown(tally).ShouldContain("| `create: LostAfter` | ");
    }

    [GeneratedRegex("^(create|list|retrieve|results|cancel|download|process|row|line|limit|remote|operator|promotion|target): ")]
    private static partial Regex Fault();
}
