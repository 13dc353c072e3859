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
        lines[0].ShouldBe("key,line,issue,reason,message");
        lines.ShouldAllBe(line => !line.StartsWith('='));
        (await run.Job.RunAsync("quarantine", "r-9")).Code.ShouldBe(2);
        var plan = await run.Job.RunAsync("quarantine", "retry", name, "--plan");
        plan.Out.ShouldContain("2 rows would be sent back");
        plan.Out.ShouldContain("It would be refused: rows.csv:22 has no key of its own");
        (await run.Job.RunAsync("quarantine", "retry", name)).Code.ShouldBe(1);
    }
}
