namespace Muster.Cli.Tests;

public sealed class RefusalTests
{
    private const string Canary = "sk-ant-canary-3f9c1e77d2";

    [Fact]
    public async Task Without_a_key_nothing_begins()
    {
        var folder = Some.JobFolder();

        var run = await Cli.RunAsync(folder, new Dictionary<string, string>(), "run");

        run.ExitCode.ShouldBe(1);
        run.Err.ShouldContain("Error: ANTHROPIC_API_KEY is not set.");
        run.Err.ShouldContain("Try: ");
        Directory.Exists(Path.Combine(folder, ".muster")).ShouldBeFalse();
    }

    [Fact]
    public async Task A_wrong_key_pauses_the_run_and_stands_nowhere()
    {
        await using var api = await Some.Api();
        var folder = Some.JobFolder();
        using var cli = Cli.Start(folder, Some.Environment(api, Canary), "run");
        (await cli.SaysAsync("r-1 opened")).ShouldBeTrue();
        var commandLine = File.Exists($"/proc/{cli.Id}/cmdline") ? await File.ReadAllTextAsync($"/proc/{cli.Id}/cmdline") : "";

        var run = await cli.EndAsync();

        run.ExitCode.ShouldBe(1, run.All);
        run.Out.ShouldContain("Paused, no row is blamed: API.ACCOUNT: HTTP 401");
        run.All.ShouldNotContain(Canary);
        commandLine.ShouldNotContain(Canary);
        foreach (var file in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories))
            System.Text.Encoding.Latin1.GetString(await File.ReadAllBytesAsync(file)).ShouldNotContain(Canary, customMessage: file);
    }

    [Fact]
    public async Task An_address_that_nobody_answers_is_tried_three_times_and_refused()
    {
        var environment = new Dictionary<string, string>
        {
            ["ANTHROPIC_BASE_URL"] = "http://127.0.0.1:9", ["ANTHROPIC_API_KEY"] = Canary, ["MUSTER_POLL_INTERVAL"] = "0.1",
        };

        var run = await Cli.RunAsync(Some.JobFolder(), environment, "run", "--timeout", "2s");

        run.ExitCode.ShouldBe(1, run.All);
        run.Err.ShouldContain("Error: http://127.0.0.1:9/ cannot be reached in 3 tries");
        run.Err.ShouldContain("Try: Check ANTHROPIC_BASE_URL");
        run.All.ShouldNotContain(Canary);
    }

    [Theory]
    [InlineData("status --bogus", "There is no option")]
    [InlineData("run --timeout soon", "a time is a number with s, m, h or d")]
    [InlineData("run --poll-interval -3", "--poll-interval is a number")]
    [InlineData("demo --rows 0", "--rows is a number from 1")]
    [InlineData("demo --rows abc", "--rows is a number from 1")]
    [InlineData("check --rows abc", "--rows is a number, 1 or more")]
    [InlineData("run --poll-interval abc", "--poll-interval is a number")]
    [InlineData("frobnicate", "frobnicate")]
    public async Task A_command_line_that_says_nothing_is_a_usage_error(string line, string named)
    {
        var result = await Cli.RunAsync(Some.JobFolder(), new Dictionary<string, string>(), line.Split(' '));

        result.ExitCode.ShouldBe(2, result.All);
        result.Err.ShouldContain("Error: ");
        result.Err.ShouldContain(named);
        result.Err.ShouldContain("--help");
        result.Out.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("report|--html|", "--html is blank.")]
    [InlineData("report|--md|", "--md is blank.")]
    [InlineData("report|", "is blank.")]
    [InlineData("handoff|--out|", "--out is blank.")]
    [InlineData("handoff|--check| ", "--check is blank.")]
    [InlineData("pilot|--html|", "--html is blank.")]
    [InlineData("pilot|--html|no/such/page.html", "its folder does not exist")]
    [InlineData("pilot|--html|/proc/page.html", "cannot be written: Could not")]
    [InlineData("pilot|--zz|--yy", "--zz")]
    [InlineData("pilot|--zz|--yy", "--yy")]
    [InlineData("eval|--set|", "--set is blank.")]
    [InlineData("rerun|--select|all|--job-version|", "--job-version is blank.")]
    [InlineData("review|list|--job|", "--job is blank.")]
    [InlineData("quarantine|export|--csv|", "--csv is blank.")]
    [InlineData("simulate|--faults|", "--faults is blank.")]
    [InlineData("report|--html|out|--md|./out", "the same file")]
    [InlineData("report|r-1|--run|r-2", "name a run twice")]
    [InlineData("quarantine|mute|Q-1|--until|yesterday", "a day is written as")]
    [InlineData("quarantine|mute|Q-1|--until|2020-01-01", "which is over")]
    [InlineData("quarantine|mute|Q-1|--rows|-5", "--rows is a whole number")]
    public async Task A_variable_that_is_not_set_is_one_refusal_and_no_stack_trace(string line, string named)
    {
        var folder = Some.JobFolder();

        var result = await Cli.RunAsync(folder, new Dictionary<string, string>(), line.Split('|'));

        result.ExitCode.ShouldBe(2, result.All);
        result.Err.Split('\n').Count(said => said.StartsWith("Error: ", StringComparison.Ordinal)).ShouldBe(1, result.All);
        result.Err.Split('\n').Count(said => said.StartsWith("Try: ", StringComparison.Ordinal)).ShouldBe(1, result.All);
        result.Err.ShouldContain(named);
        Directory.Exists(Path.Combine(folder, ".muster")).ShouldBeFalse();
    }

    [Theory]
    [InlineData("simulate --port 99999", "There is no port 99999")]
    [InlineData("simulate --port -1", "There is no port -1")]
    public async Task A_port_that_is_none_is_named(string line, string named)
    {
        var result = await Cli.RunAsync(Some.JobFolder(), new Dictionary<string, string>(), line.Split(' '));

        result.ExitCode.ShouldBe(2, result.All);
        result.Err.ShouldContain(named);
    }

    [Theory]
    [InlineData("MUSTER_QUIET_PERIOD", "an hour")]
    [InlineData("MUSTER_POLL_INTERVAL", "-1")]
    public async Task A_setting_that_is_no_number_of_seconds_is_named(string variable, string value)
    {
        var result = await Cli.RunAsync(Some.JobFolder(), new Dictionary<string, string> { [variable] = value, ["ANTHROPIC_API_KEY"] = "k" }, "run");

        result.ExitCode.ShouldBe(1, result.All);
        result.Err.ShouldContain($"Error: {variable} is ");
        result.Err.ShouldContain(value);
    }

    [Theory]
    [InlineData("run")]
    [InlineData("watch")]
    [InlineData("status")]
    [InlineData("cancel")]
    [InlineData("simulate")]
    [InlineData("demo")]
    public async Task Help_ends_with_examples_under_the_name_people_type(string command)
    {
        var help = await Cli.RunAsync(Path.GetTempPath(), new Dictionary<string, string>(), command, "--help");

        help.ExitCode.ShouldBe(0, help.All);
        help.Out.ShouldContain($"muster {command}");
        help.Out.ShouldNotContain("muster-cli");
        help.Out.TrimEnd().Split('\n')[^1].ShouldStartWith($"  muster {command}");
    }

    [Fact]
    public async Task A_promotion_that_never_was_is_refused_and_nothing_is_made()
    {
        using var folder = new JobFolder();

        var rollback = await folder.RunAsync("rollback", "NONSENSE", "--yes");

        rollback.Code.ShouldNotBe(0);
        rollback.Errors.Single().ShouldContain("no promotion \"NONSENSE\"; it has none at all");
        Directory.Exists(folder.PathOf(".muster")).ShouldBeFalse();
    }

    [Fact]
    public async Task A_job_that_has_not_been_run_says_so()
    {
        var status = await Cli.RunAsync(Some.JobFolder(), new Dictionary<string, string>(), "status");

        status.ExitCode.ShouldBe(2);
        status.Err.ShouldContain("goods has not been run yet");
        status.Err.ShouldContain("Try: muster run");
    }
}
