using System.Text.RegularExpressions;

namespace Muster.Guards.Tests;

public sealed partial class GuaranteeTests
{
    private static readonly string[] Lines = Repository.Lines("docs/guarantees.md");

    [Fact]
    public void Every_guarantee_has_a_section_and_a_row()
    {
        var expected = Enumerable.Range(1, 10).Select(number => $"G{number}").ToList();

        Lines.Select(line => Heading().Match(line)).Where(match => match.Success).Select(match => match.Groups[1].Value).ShouldBe(expected);
        Rows().Select(row => row.Guarantee).ShouldBe(expected);
    }

    [Fact]
    public void Every_test_class_that_guards_a_guarantee_exists()
    {
        var missing = from row in Rows()
                      from Match name in Name().Matches(row.Tests)
                      where !Exists(name.Groups[1].Value)
                      select $"{row.Guarantee}: {name.Groups[1].Value}";

        missing.ShouldBeEmpty();
    }

    /// <summary>A class stands in the file of its name, in the folder that its namespace names.</summary>
    private static bool Exists(string fullName)
    {
        var parts = fullName.Split('.');
        return Repository.Files.Any(path =>
            path.StartsWith("tests/", StringComparison.Ordinal) && Path.GetFileNameWithoutExtension(path) == parts[^1]
            && Regex.IsMatch(Repository.Text(path), $@"^namespace {Regex.Escape(string.Join('.', parts[..^1]))};", RegexOptions.Multiline)
            && Regex.IsMatch(Repository.Text(path), $@"\bclass {parts[^1]}\b"));
    }

    private static IEnumerable<(string Guarantee, string Tests)> Rows() =>
        Lines.Select(line => Row().Match(line)).Where(match => match.Success).Select(match => (match.Groups[1].Value, match.Groups[2].Value));

    [GeneratedRegex("^## (G[0-9]+) ")]
    private static partial Regex Heading();

    [GeneratedRegex(@"^\| (G[0-9]+) \| (.*) \|$")]
    private static partial Regex Row();

    [GeneratedRegex("`([A-Za-z0-9_.]+)`")]
    private static partial Regex Name();
}
