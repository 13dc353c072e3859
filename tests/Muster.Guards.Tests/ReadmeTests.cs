using System.Text.RegularExpressions;
using Muster.Simulator;

namespace Muster.Guards.Tests;

/// <summary>The README's transcript and its program are run as they stand there.</summary>
public sealed partial class ReadmeTests
{
    private const string Sample = "samples/library/Program.cs";
    private const string KillPoint = "batch_created";
    private const int MaxLines = 90;
    private const int FirstScreen = 35;

    private static readonly string Readme = Repository.Text("README.md");

    private sealed record Step(string Command, string Output);

    [Fact]
    public async Task The_transcript_is_what_the_command_line_prints_and_nothing_is_billed_twice()
    {
        await using var api = await StartAsync();
        var folder = Directory.CreateTempSubdirectory("muster-readme-").FullName;
        var environment = Environment(api, folder);
        var place = folder;
        Shell? background = null;
        foreach (var step in Steps())
        {
            if (step.Command.EndsWith(" &", StringComparison.Ordinal))
            {
                background = Shell.Start($"exec {step.Command[..^2]}", place, environment);
                Matches(step, await background.UntilAsync(KillPoint, TestContext.Current.CancellationToken));
            }
            else if (step.Command == "kill -9 $!")
            {
                using var killed = background.ShouldNotBeNull();
                killed.Kill();
                await killed.EndAsync(TestContext.Current.CancellationToken);
            }
            else
            {
                using var shell = Shell.Start(step.Command, place, environment);
                Matches(step, await shell.EndAsync(TestContext.Current.CancellationToken));
                if (step.Command.Split(" && cd ") is [_, var inner])
                    place = Path.Combine(place, inner);
            }
        }

        background.ShouldNotBeNull("the transcript kills a run");
        api.Truth.PairsAcceptedMoreThanOnce.ShouldBe(0);
        api.Truth.RequestsAccepted.ShouldBe(api.Truth.PairsAccepted);
    }

    [Fact]
    public async Task The_program_is_the_sample_and_runs_and_promotes()
    {
        var program = Regex.Replace(Repository.Text(Sample), @"\A(?:using [^\n]*;\n)+\n", "");
        Block("csharp").ShouldBe(program, $"the README quotes {Sample}");

        await using var api = await StartAsync();
        var folder = Directory.CreateTempSubdirectory("muster-readme-").FullName;
        var environment = Environment(api, folder);
        using (var init = Shell.Start("muster init shop", folder, environment))
            await init.EndAsync(TestContext.Current.CancellationToken);
        using var shell = Shell.Start($"dotnet exec '{Beside("Muster.Samples.Library.dll")}' shop/catalog.job.yaml", folder, environment);
        var said = await shell.EndAsync(TestContext.Current.CancellationToken);

        said.ShouldContain("Done: 12 rows = 12 succeeded");
        said.ShouldContain(": 12 rows written");
        File.ReadAllLines(Path.Combine(folder, "shop", "catalog.enriched.csv")).Length.ShouldBe(13);
    }

    [Fact]
    public void It_stays_short()
    {
        var lines = Repository.Lines("README.md");
        lines.Length.ShouldBeLessThanOrEqualTo(MaxLines);
        Array.IndexOf(lines, "```").ShouldBeLessThan(FirstScreen, "what it is, what to type and what is seen stand on the first screen");
        lines.Count(line => line.Contains("img.shields.io", StringComparison.Ordinal)).ShouldBeLessThanOrEqualTo(3);
    }

    private static void Matches(Step step, string said)
    {
        var pattern = string.Concat(Volatile(step.Output).Split('\n').SkipLast(1)
            .Select(line => line == "…" ? @"(?:[^\n]*\n)*?" : Regex.Escape(line).Replace("…", @"[^\n]*", StringComparison.Ordinal) + @"\n"));
        Regex.IsMatch(Volatile(said), $@"\A{pattern}\z").ShouldBeTrue($"$ {step.Command}\nREADME.md shows\n{step.Output}\nand it says\n{said}");
    }

    /// <summary>What differs from run to run: instants, durations and ids that are drawn.</summary>
    private static string Volatile(string text) => Drawn().Replace(text.ReplaceLineEndings("\n"), match => match.Groups["kind"].Value + "~");

    private static IEnumerable<Step> Steps() =>
        Blocks("console").SelectMany(block => Command().Matches(block)).Select(match => new Step(match.Groups[1].Value, match.Groups[2].Value));

    private static string Block(string language) => Blocks(language).Single();

    private static IEnumerable<string> Blocks(string language) =>
        Regex.Matches(Readme, $"^```{language}\n(.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline).Select(match => match.Groups[1].Value);

    /// <summary>As <c>muster simulate --speed 20</c> starts it, but faster: what is printed does not depend on it.</summary>
    private static Task<SimulatedApi> StartAsync() => SimulatedApi.StartAsync(new SimulatorOptions { Speed = 200 });

    private static Dictionary<string, string> Environment(SimulatedApi api, string folder)
    {
        var program = Path.Combine(folder, "bin", "muster");
        Directory.CreateDirectory(Path.GetDirectoryName(program)!);
        File.WriteAllText(program, $"#!/usr/bin/env bash\nexec dotnet exec '{Beside("muster-cli.dll")}' \"$@\"\n");
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return new Dictionary<string, string>
        {
            ["PATH"] = $"{Path.GetDirectoryName(program)}:{System.Environment.GetEnvironmentVariable("PATH")}",
            ["ANTHROPIC_BASE_URL"] = api.BaseUrl.ToString().TrimEnd('/'), ["ANTHROPIC_API_KEY"] = "sk-sim", ["MUSTER_POLL_INTERVAL"] = "0.2",
        };
    }

    private static string Beside(string assembly) => Path.Combine(AppContext.BaseDirectory, assembly);

    [GeneratedRegex(@"^\$ ([^\n]+)\n((?:(?!\$ )[^\n]*\n)*)", RegexOptions.Multiline)]
    private static partial Regex Command();

    [GeneratedRegex(@"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\dZ|(?<kind>\bin )\d+ (?:s|m)\b|(?<kind>\b(?:msgbatch_|prm-|p-))[0-9A-Za-z]+")]
    private static partial Regex Drawn();
}
