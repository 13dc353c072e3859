using System.Reflection;
using System.Text.RegularExpressions;

namespace Muster.Guards.Tests;

public sealed partial class CommandDocTests
{
    private static readonly string[] Lines = Repository.Lines("docs/cli.md");

    [Fact]
    public async Task Every_command_is_documented_and_every_documented_command_exists()
    {
        var commands = await CommandLine.CommandsAsync(TestContext.Current.CancellationToken);
        Assert.SkipWhen(commands is null, "muster-cli.dll is not beside the tests");

        Documented().Order(StringComparer.Ordinal).ShouldBe(commands.Order(StringComparer.Ordinal), "docs/cli.md has one heading `muster NAME` for each command");
    }

    [Fact]
    public void The_exit_codes_are_those_of_the_code()
    {
        var defined = typeof(ExitCodes).GetFields(BindingFlags.Public | BindingFlags.Static).Select(field => (int)field.GetRawConstantValue()!).Order();

        Lines.Select(line => ExitCode().Match(line)).Where(match => match.Success).Select(match => int.Parse(match.Groups[1].Value)).ShouldBe(defined);
    }

    [Fact]
    public void The_environment_variables_are_those_of_the_code()
    {
        var read = Repository.Files.Where(path => path.StartsWith("src/", StringComparison.Ordinal) && path.EndsWith(".cs", StringComparison.Ordinal))
            .SelectMany(path => Variable().Matches(Repository.Text(path))).Select(match => match.Groups["name"].Value).Distinct().Order(StringComparer.Ordinal);

        Lines.Select(line => VariableRow().Match(line)).Where(match => match.Success).Select(match => match.Groups[1].Value).Order(StringComparer.Ordinal).ShouldBe(read);
    }

    private static IEnumerable<string> Documented() =>
        Lines.Select(line => Heading().Match(line)).Where(match => match.Success).Select(match => match.Groups[1].Value);

    [GeneratedRegex("^#{2,4} `?muster ([a-z][a-z -]*[a-z])`?\\s*$")]
    private static partial Regex Heading();

    [GeneratedRegex("\"(?<name>(?:MUSTER|ANTHROPIC)_[A-Z_]+)\"|GetEnvironmentVariable\\(\"(?<name>[A-Z_]+)\"\\)")]
    private static partial Regex Variable();

    [GeneratedRegex("^\\| `([A-Z_]+)` \\|")]
    private static partial Regex VariableRow();

    [GeneratedRegex(@"^\| ([0-9]+) \|")]
    private static partial Regex ExitCode();
}
