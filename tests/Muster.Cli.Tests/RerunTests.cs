using System.Text.RegularExpressions;
using Muster.Simulator.Faults;

namespace Muster.Cli.Tests;

public sealed class RerunTests
{
    private const string Table = "create table products (sku text primary key, category text, summary text, stock integer default 7)";

    [Fact]
    public async Task Rows_are_planned_run_again_with_another_prompt_and_promoted_alone()
    {
        await using var run = await StartAsync();
        (await run.Job.RunAsync("promote", "--yes")).Code.ShouldBe(0);
        run.Job.Execute("shop.db", "update products set summary = 'mine', stock = 1 where sku = 'p-009'");
        run.Job.Write("keys.txt", "p-003\np-005\n");
        run.Job.Write("examples.yaml", File.ReadAllText(run.Job.PathOf("tags.job.yaml")).Replace("Sort the product.", "Sort the product. A hammer is Tools. A bear is Toys.", StringComparison.Ordinal));

        var planned = await run.Job.RunAsync("rerun", "tags.job.yaml", "--select", "key:@keys.txt", "--job", "examples.yaml", "--plan");
        planned.Code.ShouldBe(0, planned.Err);
        planned.Out.ShouldContain("`key:@keys.txt` means 2 of 20 rows of r-1");
        planned.Out.ShouldContain("takes the place of 2 accepted answers of r-1, promoted as prm-");
        var next = planned.Err.Split('\n').Single(line => line.StartsWith("Next: ", StringComparison.Ordinal));
        next.ShouldContain("muster rerun tags.job.yaml --job examples.yaml --select key:@keys.txt --selection ");
        var hash = next[(next.LastIndexOf(' ') + 1)..].Trim();

        run.Job.Write("keys.txt", "p-003\np-005\np-007\n");
        var stale = await run.Job.RunAsync("rerun", "tags.job.yaml", "--select", "key:@keys.txt", "--job", "examples.yaml", "--selection", hash);
        stale.Code.ShouldBe(7, stale.Err);
        run.Job.Write("keys.txt", "p-003\np-005\n");
        var done = await run.Job.RunAsync("rerun", "tags.job.yaml", "--select", "key:@keys.txt", "--job", "examples.yaml", "--selection", hash);
        done.Code.ShouldBe(0, done.Err);
        done.Out.ShouldContain("2 rows = 2 succeeded");
        done.Err.ShouldContain("Next: muster promote tags.job.yaml --run r-2");
        (await run.Job.RunAsync("review", "decide", "p-003", "--run", "r-1", "--accept")).Err.ShouldContain("Warning: r-2 asked this row again");
        (await run.Job.RunAsync("review", "decide", "p-003", "--run", "r-2", "--accept")).Err.ShouldNotContain("Warning");
        (await run.Job.RunAsync("review", "decide", "p-007", "--run", "r-1", "--accept")).Err.ShouldNotContain("Warning");

        var before = run.Job.Scalar("shop.db", Others);
        var promoted = await run.Job.RunAsync("promote", "tags.job.yaml", "--run", "r-2", "--yes");
        promoted.Code.ShouldBe(0, promoted.Err);
        promoted.Err.ShouldContain("Warning: r-2 asked with tags@");
        promoted.Err.ShouldContain("no eval graded");
        run.Job.Scalar("shop.db", Others).ShouldBe(before);
        var again = await run.Job.RunAsync("rerun", "tags.job.yaml");
        again.Code.ShouldBe(2);
        again.Errors[0].ShouldContain("no unfinished rerun");
    }

    [Fact]
    public async Task Every_row_is_asked_with_a_version_that_is_not_piloted_only_on_request()
    {
        await using var run = await StartAsync();
        run.Job.Edit("pilot: { required: false }", "pilot: { pass: 0.5 }");
        run.Job.Write("other.yaml", File.ReadAllText(run.Job.PathOf("tags.job.yaml")).Replace("Sort the product.", "Sort it otherwise.", StringComparison.Ordinal));
        var created = run.Api.Truth.CreateCalls;

        var planned = await run.Job.RunAsync("rerun", "tags.job.yaml", "--select", "all", "--job", "other.yaml", "--plan");
        planned.Code.ShouldBe(0, planned.Err);
        planned.Out.ShouldContain("is not piloted: run `muster pilot`, read it, then `muster pilot --lock`; or `muster rerun --unpiloted`, which is recorded");
        planned.Nexts.Single().ShouldBe("muster pilot other.yaml", "who follows it must not overrule the gate unasked");
        var form = await PromoteTests.JsonAsync(run, "rerun", "tags.job.yaml", "--select", "all", "--job", "other.yaml", "--plan", "--json");
        form.GetProperty("next").GetString().ShouldBe("muster pilot other.yaml");
        form.GetProperty("plan").GetProperty("needs_pilot").GetBoolean().ShouldBeTrue();
        var refused = await run.Job.RunAsync("rerun", "tags.job.yaml", "--select", "all", "--yes", "--job", "other.yaml");
        refused.Code.ShouldBe(3, refused.Err);
        refused.Errors.Single().ShouldContain("no pilot of this version is locked");
        refused.Hints.Single().ShouldContain("muster rerun --unpiloted");
        run.Api.Truth.CreateCalls.ShouldBe(created);

        (await run.Job.RunAsync("rerun", "tags.job.yaml", "--select", "key:p-003", "--job", "other.yaml")).Code.ShouldBe(0, "a slice is no full run");
        var asked = await run.Job.RunAsync("rerun", "tags.job.yaml", "--select", "all", "--yes", "--job", "other.yaml", "--unpiloted");
        asked.Code.ShouldBe(0, asked.Err);
        asked.Out.ShouldContain("20 rows = 20 succeeded");
    }

    [Fact]
    public async Task A_rerun_is_not_taken_for_a_pilot()
    {
        await using var run = await StartAsync();
        (await run.Job.RunAsync("rerun", "--select", "key:p-003")).Code.ShouldBe(0);
        var pilot = await run.Job.RunAsync("review", "list", "--pilot");
        pilot.Code.ShouldBe(2, pilot.Out);
        pilot.Errors[0].ShouldContain("has no pilot yet");
        var status = await run.Job.RunAsync("review", "status", "--run", "r-2");
        status.Code.ShouldBe(0, status.Err);
        status.Err.ShouldContain("Next: muster promote --run r-2");
    }

    [Theory]
    [InlineData("status:open", "A selector knows no `status:`.", "`state`")]
    [InlineData("state=open", "is not followed by a colon", "field:value")]
    [InlineData("tier:>1", "`>1` is not a tier", "from 1")]
    [InlineData("since:yesterday", "is not a time", "2d")]
    [InlineData("slice:Latin", "`Latin` is not a slice", "script=Latin")]
    [InlineData("/a~2:x", "is not a JSON pointer", "~0")]
    [InlineData("issue:Q-1", "No row matches `issue:Q-1`", "docs/selectors.md")]
    [InlineData("key:\"", "opened and not closed", "Close it")]
    [InlineData("", "empty", "all")]
    [InlineData("key:@missing.txt", "missing.txt: cannot be read", "one key a line")]
    [InlineData("key:@empty.txt", "empty.txt: holds no key", "one key a line")]
    [InlineData("key:nobody", "r-1: No row matches `key:nobody`.", "muster report")]
    [InlineData("state:succeeded", "r-1: `state:succeeded` matches every one of 20 rows.", "all")]
    [InlineData("all", "r-1: `all` matches every one of 20 rows.", "--yes")]
    public async Task A_selector_that_names_no_rows_is_refused_and_nothing_is_sent(string selector, string message, string hint)
    {
        await using var run = await StartAsync();
        run.Job.Write("empty.txt", "\n");
        var created = run.Api.Truth.CreateCalls;
        var outcome = await run.Job.RunAsync("rerun", "--select", selector);

        outcome.Code.ShouldNotBe(0);
        outcome.Errors.ShouldHaveSingleItem().ShouldContain(message);
        outcome.Hints.ShouldHaveSingleItem().ShouldContain(hint);
        run.Api.Truth.CreateCalls.ShouldBe(created);
    }

    [Fact]
    public async Task Options_that_do_not_fit_are_refused()
    {
        await using var run = await StartAsync();
        run.Job.Write("other.yaml", File.ReadAllText(run.Job.PathOf("tags.job.yaml")).Replace("job: tags", "job: labels", StringComparison.Ordinal));
        (await run.Job.RunAsync("rerun", "tags.job.yaml", "--select", "key:p-001", "--job", "other.yaml")).Errors[0].ShouldContain("of the job \"labels\", not \"tags\"");
        (await run.Job.RunAsync("rerun", "tags.job.yaml", "--select", "key:p-001", "--job-version", "ffff")).Errors[0].ShouldContain("tags has no version \"ffff\"");
        (await run.Job.RunAsync("rerun", "tags.job.yaml", "--select", "key:p-001", "--job-version", "a", "--job", "other.yaml")).Code.ShouldBe(2);
        (await run.Job.RunAsync("rerun", "tags.job.yaml", "--select", "key:p-001", "--run", "r-8")).Errors[0].ShouldContain("no run \"r-8\"");
        (await run.Job.RunAsync("promote", "--despite-drift", " ")).Errors[0].ShouldContain("--despite-drift is blank");
    }

    [Fact]
    public async Task Drift_says_what_it_is_compared_with_and_refuses_what_it_cannot_judge()
    {
        await using var run = await StartAsync();
        var alone = await run.Job.RunAsync("drift");
        alone.Code.ShouldBe(0, alone.Err);
        alone.Out.ShouldContain("compared with nothing: No run before r-1 was promoted");
        alone.Out.ShouldContain("A1 ledger");
        (await run.Job.RunAsync("drift", "r-4")).Errors[0].ShouldContain("no run \"r-4\"; its runs are r-1");
        (await run.Job.RunAsync("drift", "--against", "r-1")).Errors[0].ShouldContain("the same rows");

        await using var unfinished = await RunFolder.StartAsync(timeout: TimeSpan.FromSeconds(1));
        var open = await unfinished.Job.RunAsync("drift");
        open.Code.ShouldBe(2);
        open.Errors[0].ShouldContain("r-1 is running");
        open.Hints[0].ShouldContain("muster run");
    }

    [Fact]
    public async Task The_plan_shows_rows_tokens_money_and_what_is_superseded()
    {
        await using var run = await StartAsync();
        var promotion = (await PromoteTests.JsonAsync(run, "promote", "--yes", "--json")).GetProperty("receipt").GetProperty("promotion_id").GetString()!;

        var planned = await run.Job.RunAsync("rerun", "--select", "key:p-003,p-005", "--plan");
        planned.Code.ShouldBe(0, planned.Err);
        var forecast = (await PromoteTests.JsonAsync(run, "rerun", "--select", "key:p-003,p-005", "--plan", "--json")).GetProperty("plan").GetProperty("forecast");
        var tiers = forecast.GetProperty("tiers").EnumerateArray().ToList();
        forecast.GetProperty("requests").GetInt64().ShouldBe(2);

        planned.Out.ShouldMatch(@"  2 requests in 1 batch, [\d ]+ bytes; the largest \d+ bytes at rows\.csv:\d+");
        planned.Out.ShouldMatch(@"tier +model +requests +input tokens +output tokens +batch +synchronous");
        foreach (var tier in tiers)
        {
            long Number(string name) => tier.GetProperty(name).GetInt64();
            Number("input_tokens").ShouldBeGreaterThan(0);
            Number("output_tokens").ShouldBeGreaterThan(0);
            tier.GetProperty("batch_usd").GetDecimal().ShouldBeGreaterThan(0);
            var row = $"^{Number("tier")}{tier.GetProperty("model").GetString()}{Number("requests")}{Number("input_tokens")}{Number("output_tokens")}\\$0\\.\\d+\\$0\\.\\d+$";
            planned.Out.Split('\n').Select(line => line.Replace(" ", "", StringComparison.Ordinal)).ShouldContain(line => Regex.IsMatch(line, row), planned.Out);
        }

        planned.Out.ShouldMatch(@"\n +all +[\d ]+\$0\.\d+ +\$0\.\d+\n");
        planned.Out.ShouldContain($"takes the place of 2 accepted answers of r-1, promoted as {promotion}");
    }

    [Fact]
    public async Task After_the_job_file_changed_rows_are_asked_with_the_version_of_an_earlier_run()
    {
        await using var run = await StartAsync();
        var earlier = run.End.Run.JobVersion;
        run.Job.Edit("Sort the product.", "Sort the product well.");

        var plan = (await PromoteTests.JsonAsync(run, "rerun", "--select", "key:p-003", "--job-version", earlier[..6], "--plan", "--json")).GetProperty("plan");
        plan.GetProperty("job_version").GetString().ShouldBe(earlier);
        var done = await PromoteTests.JsonAsync(run, "rerun", "--select", "key:p-003", "--job-version", earlier[..6], "--json");
        done.GetProperty("result").GetProperty("outcome").GetString().ShouldBe("done");
        done.GetProperty("result").GetProperty("run").GetProperty("job_version").GetString().ShouldBe(earlier);
        run.Job.Scalar(".muster/muster.db", "select snapshot like '%Sort the product.%' from run where name = 'r-2'").ShouldBe("1");
        var changed = (await PromoteTests.JsonAsync(run, "rerun", "--select", "key:p-003", "--plan", "--json")).GetProperty("plan");
        changed.GetProperty("job_version").GetString().ShouldNotBe(earlier);
    }

    [Fact]
    public async Task The_rows_of_an_issue_are_asked_with_a_changed_prompt_and_the_issue_is_resolved()
    {
        await using var run = await RunFolder.StartAsync(job => { job.UseTable(Table); job.Edit("limits:", "budget: { failures: 1 }\nlimits:"); },
            faults: new FaultPlan { Rows = [new RowRule { Contains = "number 7", Outcome = "violation" }] });
        run.Job.Environment["MUSTER_POLL_INTERVAL"] = "0.1";
        (await IssueAsync(run)).ShouldBe(("Q-1", "new", 1));
        run.Job.Write("changed.yaml", File.ReadAllText(run.Job.PathOf("tags.job.yaml")).Replace("Sort the product.", "Sort the product. Sneakers are Shoes.", StringComparison.Ordinal));
        run.Api.Faults = FaultPlan.None;

        var done = await run.Job.RunAsync("rerun", "tags.job.yaml", "--select", "issue:Q-1", "--job", "changed.yaml");
        done.Code.ShouldBe(0, done.Err);
        done.Out.ShouldContain("`issue:Q-1` means 1 of 20 rows of r-1");
        done.Out.ShouldContain("1 row = 1 succeeded");

        (await PromoteTests.JsonAsync(run, "quarantine", "r-1", "--job", "tags.job.yaml", "--json")).GetProperty("rows").GetInt64().ShouldBe(0);
        run.Job.Scalar(".muster/muster.db", "select state || ' ' || rerun_id from issue where issue_id = 1").ShouldBe("resolved r-2");
    }

    [Fact]
    public async Task An_issue_whose_rerun_failed_too_is_still_being_fixed()
    {
        await using var run = await RunFolder.StartAsync(job => job.Edit("limits:", "budget: { failures: 1 }\nlimits:"),
            faults: new FaultPlan { Rows = [new RowRule { Contains = "number 7", Outcome = "violation" }] });
        run.Job.Environment["MUSTER_POLL_INTERVAL"] = "0.1";
        (await IssueAsync(run)).ShouldBe(("Q-1", "new", 1));

        (await run.Job.RunAsync("rerun", "--select", "issue:Q-1")).Code.ShouldBe(0);

        (await PromoteTests.JsonAsync(run, "quarantine", "r-1", "--json")).GetProperty("rows").GetInt64().ShouldBe(0);
        run.Job.Scalar(".muster/muster.db", "select state || ' ' || rerun_id from issue where issue_id = 1").ShouldBe("fixing r-2");
    }

    private static async Task<(string? Id, string? State, long Rows)> IssueAsync(RunFolder run)
    {
        var issue = (await PromoteTests.JsonAsync(run, "quarantine", "--json")).GetProperty("issues").EnumerateArray().ToList().ShouldHaveSingleItem();
        return (issue.GetProperty("id").GetString(), issue.GetProperty("state").GetString(), issue.GetProperty("rows").GetInt64());
    }

    private const string Others = "select group_concat(sku || quote(category) || quote(summary) || stock, ';') from (select * from products where sku not in ('p-003', 'p-005') order by sku)";

    private static async Task<RunFolder> StartAsync()
    {
        var run = await RunFolder.StartAsync(job => job.UseTable(Table));
        run.Job.Environment["MUSTER_POLL_INTERVAL"] = "0.1";
        run.End.Ledger.Succeeded.ShouldBe(20, run.End.Ledger.ToString());
        return run;
    }
}
