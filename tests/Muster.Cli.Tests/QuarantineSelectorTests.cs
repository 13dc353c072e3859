using System.Text.Json;

namespace Muster.Cli.Tests;

/// <summary>What acts on quarantined rows takes the language of docs/selectors.md.</summary>
public sealed class QuarantineSelectorTests
{
    private static readonly string[] Aside = ["p-001", "p-002", "p-020"];

    [Theory]
    [InlineData("reason:HUM.REJECTED.wrong,HUM.REJECTED.input", "p-001", "p-020")]
    [InlineData("reason:HUM.* -reason:HUM.REJECTED.style", "p-001", "p-020")]
    [InlineData("state:quarantined batch:b-1", "p-001", "p-002")]
    [InlineData("key:@keys.txt", "p-002")]
    [InlineData("/category:Shoes,Tools,Toys,null key:p-00*", "p-001", "p-002")]
    [InlineData("tier:1 since:1h -batch:b-1", "p-020")]
    [InlineData("all", "p-001", "p-002", "p-020")]
    public async Task Every_verb_that_takes_rows_takes_a_selector(string selector, params string[] keys)
    {
        await using var run = await StartAsync();
        run.Job.Write("keys.txt", "p-002\np-005\n");

        var plan = await run.Job.RunAsync("quarantine", "waive", selector, "--reason", "known", "--plan");
        plan.Code.ShouldBe(0, plan.Err);
        plan.Out.ShouldContain($"{keys.Length} row{(keys.Length == 1 ? "" : "s")} would be waived");
        Aside.Where(key => plan.Out.Contains($"  {key}  ", StringComparison.Ordinal)).ShouldBe(keys);

        var exported = await run.Job.RunAsync("quarantine", "export", selector, "--csv", "some.csv");
        exported.Code.ShouldBe(0, exported.Err);
        File.ReadAllLines(run.Job.PathOf("some.csv")).Skip(1).Select(line => line.Split(',')[0]).ShouldBe(keys);
        var shown = await PromoteTests.JsonAsync(run, "quarantine", "show", selector, "--json");
        shown.GetProperty("keys").EnumerateArray().Select(row => row.GetProperty("key").GetString()).ShouldBe(keys);
    }

    [Fact]
    public async Task Rows_of_a_selector_are_edited_accepted_and_sent_back_and_no_other()
    {
        await using var run = await StartAsync();
        var plan = await PromoteTests.JsonAsync(run, "quarantine", "edit", "batch:b-1", "--set", "/category=Toys", "--plan", "--json");
        var edited = await run.Job.RunAsync("quarantine", "edit", "batch:b-1", "--set", "/category=Toys", "--frozen", plan.GetProperty("hash").GetString()!);
        edited.Code.ShouldBe(0, edited.Err);
        (await QuarantinedAsync(run)).ShouldBe(["p-020"]);
        (await run.Job.RunAsync("review", "undo", "d-4")).Code.ShouldBe(0);

        (await run.Job.RunAsync("quarantine", "accept", "key:p-001,p-020")).Code.ShouldBe(0);
        (await QuarantinedAsync(run)).ShouldBe(["p-002"]);
        (await run.Job.RunAsync("quarantine", "retry", "--", "-key:p-001 reason:HUM.REJECTED.style")).Err.ShouldContain("Next: muster run");
        (await QuarantinedAsync(run)).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_selector_of_one_issue_is_that_issue()
    {
        await using var run = await StartAsync();
        var waived = await PromoteTests.JsonAsync(run, "quarantine", "waive", "issue:Q-1", "--reason", "known", "--json");
        waived.GetProperty("issue").GetProperty("state").GetString().ShouldBe("new", "as it was when it was looked at");
        (await PromoteTests.JsonAsync(run, "quarantine", "--json")).GetProperty("issues").EnumerateArray().Single(issue => issue.GetProperty("id").GetString() == "Q-1")
            .GetProperty("state").GetString().ShouldBe("accepted");
    }

    [Theory]
    [InlineData(1, "matches no quarantined row of r-1: none is `batch:b-9`", "muster quarantine r-1", "reason:HUM.* batch:b-9")]
    [InlineData(1, "matches no quarantined row of r-1, though each of its terms alone matches some", "muster quarantine r-1", "batch:b-1 key:p-020")]
    [InlineData(1, "`state:succeeded` matches no quarantined row of r-1", "muster quarantine r-1", "state:succeeded")]
    [InlineData(1, "r-1 has no row \"status:quarantined\" that was set aside", "docs/selectors.md", "status:quarantined")]
    [InlineData(2, "matches every one of the 3 rows in quarantine", "--yes", "all")]
    [InlineData(2, "matches every one of the 3 rows in quarantine", "--yes", "batch:*")]
    [InlineData(2, "`x` is not a tier", "from 1", "reason:HUM.* tier:x")]
    [InlineData(2, "missing.txt: cannot be read", "one key a line", "key:@missing.txt")]
    [InlineData(2, "are several selectors", "'reason:HUM.* batch:b-1'", "reason:HUM.*", "batch:b-1")]
    public async Task Nothing_everything_and_what_is_no_selector_have_an_answer_and_change_nothing(int code, string said, string hint, params string[] names)
    {
        await using var run = await StartAsync();
        var refused = await run.Job.RunAsync([.. (string[])["quarantine", "waive"], .. names, "--reason", "known"]);

        refused.Code.ShouldBe(code, refused.Out + refused.Err);
        refused.Errors.ShouldHaveSingleItem().ShouldContain(said);
        refused.Hints.ShouldHaveSingleItem().ShouldContain(hint);
        (await run.Job.RunAsync("review", "log", "--json")).Out.ShouldNotContain("d-4");
    }

    [Fact]
    public async Task An_export_of_nothing_is_refused_and_leaves_the_file_as_it_is()
    {
        await using var run = await StartAsync();
        run.Job.Write("some.csv", "mine");
        var refused = await run.Job.RunAsync("quarantine", "export", "batch:b-9", "--csv", "some.csv");
        refused.Code.ShouldBe(1, refused.Out);
        refused.Errors.ShouldHaveSingleItem().ShouldContain("`batch:b-9` matches no quarantined row of r-1");
        File.ReadAllText(run.Job.PathOf("some.csv")).ShouldBe("mine");
        (await run.Job.RunAsync("quarantine", "export", "batch:b-9", "--csv", "-")).Out.ShouldBeEmpty();
    }

    private static async Task<IReadOnlyList<string?>> QuarantinedAsync(RunFolder run)
    {
        var exported = await run.Job.RunAsync("quarantine", "export", "--csv", "-");
        return [.. exported.Out.Split('\n').Skip(1).Where(line => line.Length > 1).Select(line => line.Split(',')[0])];
    }

    /// <summary>A done run of which three rows are in quarantine, each for its own reason.</summary>
    private static async Task<RunFolder> StartAsync()
    {
        var run = await RunFolder.StartAsync(job => job.Edit("limits:", "budget: { failures: 1 }\nlimits:"));
        run.End.Ledger.Succeeded.ShouldBe(20, run.End.Ledger.ToString());
        foreach (var (key, reason) in Aside.Zip((string[])["wrong", "style", "input"]))
            (await run.Job.RunAsync("review", "decide", key, "--reject", reason)).Code.ShouldBe(0);
        return run;
    }
}
