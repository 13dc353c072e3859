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
        var commands = Commands(run);
        foreach (var verb in (string[])["run", "rerun", "quarantine", "verify", "promote", "rollback", "purge", "status", "reconcile", "report", "handoff"])
            commands.ShouldContain(line => line.StartsWith($"muster {verb} ", StringComparison.Ordinal), verb);
        var outside = Directory.CreateTempSubdirectory("muster-elsewhere-").FullName;
        foreach (var command in commands.Where(line => line.StartsWith("muster ", StringComparison.Ordinal)))
        {
            // Options that do not exist are refused before help is given.
            var words = Words(command);
            var outcome = await Executable.RunAsync(outside, run.Job.Environment, words[0] is "status" or "verify" or "quarantine" or "reconcile" or "promote" && !words.Contains("--yes")
                ? [.. words, .. words[0] == "promote" && !words.Contains("--dry-run") ? (string[])["--dry-run"] : words[0] == "reconcile" ? ["--offline"] : []] : [.. words, "--help"]);
            outcome.Code.ShouldBe(0, $"{command}\n{outcome.Err}");
        }
    }

    /// <summary>As they are written, one after another, in the order of a person who looks first.</summary>
    [Fact]
    public async Task The_runbook_s_commands_do_what_it_says_of_them()
    {
        await using var run = await RunFolder.StartAsync(job =>
        {
            job.UseTable("create table products (sku text primary key, category text, summary text)");
            job.Write("tags.schema.json", File.ReadAllText(job.PathOf("tags.schema.json")).Replace("\"maxLength\":119", "\"pattern\":\"[^7]$\"", StringComparison.Ordinal));
        });
        run.Job.Environment["MUSTER_POLL_INTERVAL"] = "0.1";
        (run.End.Ledger.Succeeded, run.End.Ledger.Quarantined).ShouldBe((18L, 2L), "rows 7 and 17");
        (await run.Job.RunAsync("promote", "--yes")).Code.ShouldBe(0);
        var promoted = (await PromoteTests.JsonAsync(run, "report", "--json")).GetProperty("promotions")[0].GetProperty("promotion_id").GetString()!;
        (await run.Job.RunAsync("handoff", "--out", "handover")).Code.ShouldBe(0);
        var (commands, elsewhere) = (Commands(run), Directory.CreateTempSubdirectory("muster-elsewhere-").FullName);
        async Task<Outcome> TypeAsync(string start, string end, params string[] more)
        {
            var line = commands.Single(line => line.StartsWith($"muster {start} ", StringComparison.Ordinal) && line.EndsWith(end, StringComparison.Ordinal));
            var outcome = await Executable.RunAsync(elsewhere, run.Job.Environment, [.. Words(line), .. more]);
            outcome.Code.ShouldBe(0, $"{line}\n{outcome.Err}");
            return outcome;
        }

        (await TypeAsync("rerun", " --run r-1 --select state:quarantined --plan")).Out.ShouldContain("`state:quarantined` means 2 of 20 rows of r-1");
        (await TypeAsync($"rollback {promoted}", " --dry-run")).Out.ShouldContain("18 ");
        run.Job.Scalar("shop.db", "select count(*) from products").ShouldBe("18", "a look takes nothing back");
        (await TypeAsync("run", "")).Out.ShouldContain("r-1 tags@");
        (await run.Job.RunAsync("status", "--run", "r-2")).Code.ShouldBe(2, "there was nothing to resume, and no run was opened");
        (await TypeAsync("report", " --run r-1 --html report.html")).Err.ShouldContain("wrote report.html");
        (await TypeAsync("purge r-1", " --dry-run")).Out.ShouldContain("r-1");

        (await TypeAsync("rerun", " --run r-1 --select state:quarantined")).Out.ShouldContain("  2 rows = ");
        (await TypeAsync($"rollback {promoted}", ".job.yaml", "--yes")).Out.ShouldContain(promoted);
        run.Job.Scalar("shop.db", "select count(*) from products").ShouldBe("0");
    }

    [Fact]
    public async Task The_resume_command_of_an_unfinished_run_s_runbook_finishes_it()
    {
        await using var run = await RunFolder.StartAsync(timeout: TimeSpan.FromSeconds(1));
        run.End.Ledger.Open.ShouldBe(20);
        run.Job.Environment["MUSTER_POLL_INTERVAL"] = "0.1";
        (await run.Job.RunAsync("handoff", "--out", "handover")).Code.ShouldBe(0);
        var line = Commands(run).Single(line => line.StartsWith("muster run ", StringComparison.Ordinal));
        var resumed = Executable.RunAsync(Directory.CreateTempSubdirectory("muster-elsewhere-").FullName, run.Job.Environment, Words(line));
        while (!resumed.IsCompleted)
        {
            // The simulator's clock stands still; a minute passes each time that it is looked at.
            run.Api.Clock.Advance(TimeSpan.FromMinutes(1));
            await Task.WhenAny(resumed, Task.Delay(TimeSpan.FromMilliseconds(100), TestContext.Current.CancellationToken));
        }

        var outcome = await resumed;
        outcome.Code.ShouldBe(0, outcome.Err);
        outcome.Out.ShouldContain("r-1 tags@");
        outcome.Out.ShouldContain("20 rows = 20 succeeded");
    }

    private static List<string> Commands(RunFolder run) =>
        [.. Fence().Matches(File.ReadAllText(Path.Combine(run.Job.PathOf("handover"), "RUNBOOK.md"))).SelectMany(match => match.Groups[1].Value.Split('\n', StringSplitOptions.RemoveEmptyEntries))];

    /// <summary>The words after <c>muster</c>, parted as a shell does.</summary>
    private static string[] Words(string command) => [.. Word().Matches(command).Select(match => match.Groups[1].Success ? match.Groups[1].Value : match.Value).Skip(1)];

    [GeneratedRegex("```sh\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Fence();

    [GeneratedRegex("'([^']*)'|\\S+")]
    private static partial Regex Word();
}
