using System.Reflection;
using System.Text;
using System.Text.RegularExpressions;

namespace Muster.Simulator.Tests;

/// <summary>
/// Each of the 119 behaviours has a test that names its number, and docs/simulator.md has a table of them. The table is written
/// anew by running this with <c>MUSTER_APPROVE=1</c>.
/// </summary>
public sealed partial class ChecklistTests
{
    private const int Items = 119;
    private const string Start = "<!-- checklist: written by ChecklistTests -->";
    private const string End = "<!-- end of checklist -->";

    private static readonly string Root = ConformanceTests.Root();

    [Fact]
    public void Every_number_has_a_behaviour_and_a_test()
    {
        Behaviours().Select(b => b.Number).ShouldBe(Enumerable.Range(1, Items));
        Enumerable.Range(1, Items).Except(Tests().Select(t => t.Number)).ShouldBeEmpty("numbers without a test");
        Tests().Select(t => t.Number).Except(Enumerable.Range(1, Items)).ShouldBeEmpty("tests of numbers that do not exist");
    }

    /// <summary>Two numbers in one name would hide that the body checks only one of them.</summary>
    [Fact]
    public void A_test_names_one_number() =>
        Names().Where(n => SecondNumber().IsMatch(n)).ShouldBeEmpty();

    [Fact]
    public void The_documentation_has_the_table_of_all_of_them()
    {
        var path = Path.Combine(Root, "docs/simulator.md");
        var text = File.ReadAllText(path);
        var (from, to) = (text.IndexOf(Start, StringComparison.Ordinal), text.IndexOf(End, StringComparison.Ordinal));
        from.ShouldBeGreaterThan(0, $"docs/simulator.md has a line {Start}");
        to.ShouldBeGreaterThan(from, $"docs/simulator.md has a line {End}");
        var table = Start + "\n" + Table() + End;
        if (Environment.GetEnvironmentVariable("MUSTER_APPROVE") == "1")
        {
            File.WriteAllText(path, text[..from] + table + text[(to + End.Length)..]);
            return;
        }

        text[from..(to + End.Length)].ShouldBe(table, "run this with MUSTER_APPROVE=1 to write the table anew");
    }

    /// <summary>Where the checklist itself lies beside the repository: no number is missing here, and none that is unconfirmed says otherwise.</summary>
    [Fact]
    public void The_numbers_and_their_evidence_are_those_of_the_checklist()
    {
        var path = Path.Combine(Path.GetDirectoryName(Root)!, "shared/api/simulator-checklist.md");
        Assert.SkipUnless(File.Exists(path), "the checklist is not beside the repository");
        var items = Item().Matches(File.ReadAllText(path)).Select(m => (Number: int.Parse(m.Groups["n"].Value), Unconfirmed: Unsure().IsMatch(m.Groups["tags"].Value))).ToList();
        items.Select(i => i.Number).ShouldBe(Enumerable.Range(1, Items));
        Behaviours().Where(b => b.Evidence.Split('/', ' ').Contains("U")).Select(b => b.Number).ShouldBe(items.Where(i => i.Unconfirmed).Select(i => i.Number));
    }

    private sealed record Behaviour(int Number, string Evidence, string Words);

    private sealed record NumberedTest(int Number, string Name);

    private static string Table()
    {
        var tests = Tests().ToLookup(t => t.Number, t => t.Name);
        var table = new StringBuilder("| number | evidence | behaviour | tests |\n|---|---|---|---|\n");
        foreach (var behaviour in Behaviours())
        {
            table.Append($"| {behaviour.Number:D3} | {behaviour.Evidence} | {behaviour.Words} | {string.Join(", ", tests[behaviour.Number].Select(t => $"`{t}`"))} |\n");
        }

        return table.ToString();
    }

    private static IReadOnlyList<Behaviour> Behaviours() =>
    [
        .. File.ReadAllLines(Path.Combine(Root, "tests/Muster.Simulator.Tests/checklist.txt")).Where(l => l.Length > 0 && l[0] != '#')
            .Select(l => l.Split(" | ", 3)).Select(f => new Behaviour(int.Parse(f[0]), f[1], f[2])),
    ];

    private static IEnumerable<NumberedTest> Tests() =>
        Names().Select(n => new NumberedTest(int.Parse(Number().Match(n).Groups["n"].Value), n)).OrderBy(t => t.Number).ThenBy(t => t.Name, StringComparer.Ordinal);

    private static IEnumerable<string> Names() =>
        from type in typeof(ChecklistTests).Assembly.GetTypes()
        from method in type.GetMethods(BindingFlags.Public | BindingFlags.Instance)
        let name = $"{type.Name}.{method.Name}"
        where method.GetCustomAttributes().Any(a => a is Xunit.v3.IFactAttribute) && Number().IsMatch(name)
        select name;

    [GeneratedRegex(@"\.Checklist_(?<n>\d{3})_", RegexOptions.ExplicitCapture)]
    private static partial Regex Number();

    [GeneratedRegex(@"\.Checklist_\d{3}_(to_)?\d{3}(_|$)", RegexOptions.ExplicitCapture)]
    private static partial Regex SecondNumber();

    [GeneratedRegex(@"^(?<n>\d+)\. .*\[(?<tags>[^\]]*)\]\s*$", RegexOptions.Multiline | RegexOptions.ExplicitCapture)]
    private static partial Regex Item();

    [GeneratedRegex(@"(^|[;/ ])U\b", RegexOptions.ExplicitCapture)]
    private static partial Regex Unsure();
}
