namespace Muster.Cli.Tests;

public sealed class QuarantineTests
{
    [Fact]
    public async Task Quarantined_rows_are_listed_by_issue_shown_by_key_and_exported_without_formulas()
    {
        await using var run = await RunFolder.StartAsync(job => File.AppendAllText(job.PathOf("rows.csv"), "p-001,again\np-002,again\n=cmd(1),\n"));

        var listed = await PromoteTests.JsonAsync(run, "quarantine", "--json");
        var rows = listed.GetProperty("rows").GetInt64();
        rows.ShouldBe(run.End.Ledger.Quarantined);
        var issues = listed.GetProperty("issues").EnumerateArray().ToList();
        issues.Sum(issue => issue.GetProperty("rows").GetInt64()).ShouldBe(rows);
        var duplicates = issues.Single(issue => issue.GetProperty("reason").GetString() == "REQ.DUPLICATE_KEY");
        duplicates.GetProperty("rows").GetInt64().ShouldBe(2);
        var name = duplicates.GetProperty("fingerprint").GetString()!;

        (await run.Job.RunAsync("quarantine")).Out.ShouldContain(name);
        var shown = await run.Job.RunAsync("quarantine", "show", name[..9]);
        shown.Code.ShouldBe(0, shown.Err);
        shown.Out.Split('\n').Count(line => line.StartsWith("rows.csv:", StringComparison.Ordinal)).ShouldBe(2);
        (await run.Job.RunAsync("quarantine", "show", "v1:ffffffffffff")).Code.ShouldBe(2);

        var exported = await run.Job.RunAsync("quarantine", "export", "--csv", "q.csv");
        exported.Code.ShouldBe(0, exported.Err);
        var lines = File.ReadAllLines(run.Job.PathOf("q.csv"));
        lines.Length.ShouldBe((int)rows + 1);
        lines[0].ShouldBe("key,line,issue,fingerprint,reason,message");
        lines.Count(line => line.StartsWith($",rows.csv:", StringComparison.Ordinal) && line.Contains($",{duplicates.GetProperty("id").GetString()},{name},REQ.DUPLICATE_KEY,", StringComparison.Ordinal)).ShouldBe(2);
        lines.ShouldAllBe(line => !line.StartsWith('='));
        (await run.Job.RunAsync("quarantine", "r-9")).Code.ShouldBe(2);
        var plan = await run.Job.RunAsync("quarantine", "retry", name, "--plan");
        plan.Out.ShouldContain("2 rows would be sent back");
        plan.Out.ShouldContain("It would be refused: rows.csv:22 has no key of its own");
        (await run.Job.RunAsync("quarantine", "retry", name)).Code.ShouldBe(1);
    }
    [Fact]
    public async Task A_key_that_is_a_formula_is_exported_as_text()
    {
        await using var run = await RunFolder.StartAsync(job => File.AppendAllText(job.PathOf("rows.csv"), "=cmd(1),Running shoes\n\"+1,2\",Running shoes\n"));
        (await run.Job.RunAsync("review", "decide", "=cmd(1)", "--reject", "wrong")).Code.ShouldBe(0);
        (await run.Job.RunAsync("review", "decide", "+1,2", "--reject", "wrong")).Code.ShouldBe(0);

        var exported = await run.Job.RunAsync("quarantine", "export", "--csv", "-");
        exported.Code.ShouldBe(0, exported.Err);
        exported.Out.ShouldContain("\r\n'=cmd(1),rows.csv:22,Q-1,v1:");
        exported.Out.ShouldContain("\r\n\"'+1,2\",rows.csv:23,Q-1,v1:");
    }

    [Fact]
    public async Task The_list_has_a_name_of_its_own()
    {
        await using var run = await RunFolder.StartAsync(job => File.AppendAllText(job.PathOf("rows.csv"), "p-001,again\n"));
        var bare = await run.Job.RunAsync("quarantine");
        bare.Out.ShouldContain("Q-1");

        var listed = await run.Job.RunAsync("quarantine", "list");
        listed.Code.ShouldBe(0, listed.Err);
        listed.Out.ShouldBe(bare.Out);
        (await run.Job.RunAsync("quarantine", "list", "--run", "r-1", "--json")).Out.ShouldBe((await run.Job.RunAsync("quarantine", "r-1", "--json")).Out);
        (await run.Job.RunAsync("quarantine", "list", "--run", "r-9")).Code.ShouldBe(2);
    }
}
