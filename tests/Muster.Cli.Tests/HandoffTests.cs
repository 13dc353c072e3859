using System.Diagnostics;
using System.Text.RegularExpressions;

namespace Muster.Cli.Tests;

/// <summary>The report as a page, and a run's handoff, as they are typed.</summary>
public sealed partial class HandoffTests
{
    [Fact]
    public async Task The_page_is_written_for_the_run_that_is_named_in_either_way()
    {
        await using var run = await RunFolder.StartAsync();
        foreach (var arguments in (string[][])[["report", "--html", "page.html"], ["report", "r-1", "--html", "page.html"], ["report", "tags.job.yaml", "--run", "r-1", "--html", "page.html"]])
        {
            var outcome = await run.Job.RunAsync(arguments);
            outcome.Code.ShouldBe(0, outcome.Err);
            outcome.Out.ShouldBeEmpty();
            outcome.Err.ShouldContain("it holds words of the rows");
            var text = File.ReadAllText(run.Job.PathOf("page.html"));
            text.ShouldStartWith("<!doctype html>");
            text.ShouldContain("tags r-1");
            text.ShouldContain("default-src &#39;none&#39;".Replace("&#39;", "'"));
            File.Delete(run.Job.PathOf("page.html"));
        }

        (await run.Job.RunAsync("report", "r-7", "--html", "page.html")).Code.ShouldBe(2);
    }

    [Fact]
    public async Task Lines_and_json_say_what_the_tiers_saved()
    {
        await using var run = await RunFolder.StartAsync();
        (await run.Job.RunAsync("report")).Out.ShouldContain("claude-sonnet-5-5 alone would have cost");
        var savings = (await PromoteTests.JsonAsync(run, "report", "--json")).GetProperty("tier_savings");
        savings.GetProperty("tiers").EnumerateArray().Sum(tier => tier.GetProperty("cost_usd").GetDecimal()).ShouldBe(savings.GetProperty("cost_usd").GetDecimal());
        (savings.GetProperty("large_usd").GetDecimal() - savings.GetProperty("cost_usd").GetDecimal()).ShouldBe(savings.GetProperty("saved_usd").GetDecimal());
    }

    [Fact]
    public async Task A_handoff_is_written_checked_and_its_damage_named()
    {
        await using var run = await RunFolder.StartAsync(job => File.AppendAllText(job.PathOf("rows.csv"), "p-001,again\n"));
        run.Job.Environment["ANTHROPIC_BASE_URL"] = "http://ada:hunter2-PLANTED@127.0.0.1:9/";
        run.Job.Environment["ANTHROPIC_API_KEY"] = "sk-PLANTED-key";
        (await run.Job.RunAsync("promote", "--yes")).Code.ShouldBe(0);
        var outcome = await run.Job.RunAsync("handoff", "--out", "handover");
        outcome.Code.ShouldBe(0, outcome.Err);
        outcome.Err.ShouldContain("It holds words of the rows");
        outcome.Err.ShouldContain("Next: muster handoff --check handover");
        foreach (var path in Directory.GetFiles(run.Job.PathOf("handover")))
            File.ReadAllText(path).ShouldNotContain("PLANTED", Case.Sensitive, path);
        (await run.Job.RunAsync("handoff", "--check", "handover")).Code.ShouldBe(0);
        using (var sum = Process.Start(new ProcessStartInfo("sha256sum", ["--check", "--quiet", "MANIFEST"]) { WorkingDirectory = run.Job.PathOf("handover") })!)
        {
            await sum.WaitForExitAsync(TestContext.Current.CancellationToken);
            sum.ExitCode.ShouldBe(0);
        }

        File.AppendAllText(Path.Combine(run.Job.PathOf("handover"), "report.md"), "more");
        var damaged = await run.Job.RunAsync("handoff", "--check", "handover");
        damaged.Code.ShouldBe(3);
        damaged.Errors.Single().ShouldContain("report.md");
        var refused = await run.Job.RunAsync("handoff", "--out", "handover");
        refused.Code.ShouldBe(1);
        refused.Hints.Single().ShouldContain("--force");
        var forced = await run.Job.RunAsync("handoff", "--out", "handover", "--force");
        forced.Code.ShouldBe(0, forced.Err);
        forced.Err.ShouldContain("handover.before-1");
        (await run.Job.RunAsync("handoff")).Code.ShouldBe(2);
        (await run.Job.RunAsync("handoff", "--check", "handover", "--out", "x")).Code.ShouldBe(2);
    }

    [Fact]
    public async Task Every_command_of_the_runbook_can_be_typed()
    {
        await using var run = await RunFolder.StartAsync(job => File.AppendAllText(job.PathOf("rows.csv"), "p-001,again\n"));
        (await run.Job.RunAsync("promote", "--yes")).Code.ShouldBe(0);
        (await run.Job.RunAsync("handoff", "--out", "handover")).Code.ShouldBe(0);
        var runbook = File.ReadAllText(Path.Combine(run.Job.PathOf("handover"), "RUNBOOK.md"));
        var commands = Fence().Matches(runbook).SelectMany(match => match.Groups[1].Value.Split('\n', StringSplitOptions.RemoveEmptyEntries)).ToList();
        foreach (var verb in (string[])["run", "rerun", "quarantine", "verify", "promote", "rollback", "purge", "status", "reconcile", "report", "handoff"])
            commands.ShouldContain(line => line.StartsWith($"muster {verb} ", StringComparison.Ordinal), verb);
        var outside = Directory.CreateTempSubdirectory("muster-elsewhere-").FullName;
        foreach (var command in commands.Where(line => line.StartsWith("muster ", StringComparison.Ordinal)))
        {
            // Options that do not exist are refused before help is given; the words are parted as a shell does.
            var words = Word().Matches(command).Select(match => match.Groups[1].Success ? match.Groups[1].Value : match.Value).Skip(1).ToArray();
            var outcome = await Executable.RunAsync(outside, run.Job.Environment, words[0] is "status" or "verify" or "quarantine" or "reconcile" or "promote" && !words.Contains("--yes")
                ? [.. words, .. words[0] == "promote" && !words.Contains("--dry-run") ? (string[])["--dry-run"] : words[0] == "reconcile" ? ["--offline"] : []] : [.. words, "--help"]);
            outcome.Code.ShouldBe(0, $"{command}\n{outcome.Err}");
        }
    }

    [GeneratedRegex("```sh\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Fence();

    [GeneratedRegex("'([^']*)'|\\S+")]
    private static partial Regex Word();
}
