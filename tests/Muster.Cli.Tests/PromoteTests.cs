using System.Text.Json;
using Muster.Runs;

namespace Muster.Cli.Tests;

/// <summary>Plan, apply, apply again, take back: on a table and on a file, through the real executable.</summary>
public sealed class PromoteTests
{
    private const string Table = "create table products (sku text primary key, price int, category text, summary text);"
        + "insert into products values ('p-001', 9, 'Old', 'old'), ('p-002', 9, null, null)";

    [Fact]
    public async Task A_promotion_writes_what_its_plan_said_and_a_second_one_has_nothing_to_do()
    {
        await using var run = await RunFolder.StartAsync(job => job.UseTable(Table));
        var planned = await JsonAsync(run, "promote", "--json");
        planned.GetProperty("applied").GetBoolean().ShouldBeFalse();
        var counts = planned.GetProperty("plan").GetProperty("counts");
        var accepted = run.End.Ledger.Succeeded;
        accepted.ShouldBeGreaterThan(5);
        counts.GetProperty("total").GetInt64().ShouldBe(accepted);
        run.Job.Scalar("shop.db", "select count(*) from products").ShouldBe("2");

        var applied = await run.Job.RunAsync("promote", "--plan", planned.GetProperty("plan").GetProperty("plan_id").GetString()!, "--yes");
        applied.Code.ShouldBe(0, applied.Err);
        applied.Err.ShouldContain("Undo: muster rollback prm-");
        run.Job.Scalar("shop.db", "select count(*) from products where summary is not null").ShouldBe(accepted.ToString());

        var again = await run.Job.RunAsync("promote", "--yes");
        again.Code.ShouldBe(0, again.Err);
        again.Out.ShouldContain("Nothing to do");
        (await run.Job.RunAsync("status")).Err.ShouldContain("Next: muster report");
        run.Job.Scalar("shop.db", "select count(*) from muster_promotion").ShouldBe("1");
    }

    [Fact]
    public async Task Off_a_terminal_nothing_is_written_without_yes()
    {
        await using var run = await RunFolder.StartAsync();
        var plan = await run.Job.RunAsync("promote");
        plan.Code.ShouldBe(0, plan.Err);
        plan.Err.ShouldContain("Next: muster promote --plan p-");
        (await run.Job.RunAsync("status")).Err.ShouldContain("Next: muster promote");
        File.Exists(run.Job.PathOf("out.csv")).ShouldBeFalse();
    }

    [Fact]
    public async Task A_rollback_restores_what_nobody_changed_and_lists_the_rest_with_both_values()
    {
        await using var run = await RunFolder.StartAsync(job => job.UseTable(Table));
        var id = (await JsonAsync(run, "promote", "--yes", "--json")).GetProperty("receipt").GetProperty("promotion_id").GetString()!;
        run.Job.Execute("shop.db", "update products set summary = 'mine' where sku = 'p-001'");

        var refused = await run.Job.RunAsync("rollback", id);
        refused.Code.ShouldBe(2);
        refused.Errors.Single().ShouldContain(id);
        refused.Hints.Single().ShouldContain("--yes");

        var dry = await run.Job.RunAsync("rollback", id, "--dry-run");
        dry.Code.ShouldBe(0, dry.Err);
        dry.Out.ShouldContain("would restore");
        dry.Out.ShouldContain("\"mine\"");
        run.Job.Scalar("shop.db", "select summary from products where sku = 'p-001'").ShouldBe("mine");

        var done = await run.Job.RunAsync("rollback", id, "--yes");
        done.Code.ShouldBe(0, done.Err);
        done.Out.ShouldContain("kept 1 ");
        run.Job.Scalar("shop.db", "select group_concat(sku || ':' || ifnull(summary, '-')) from products").ShouldBe("p-001:mine,p-002:-");

        var twice = await run.Job.RunAsync("rollback", id, "--yes");
        twice.Code.ShouldBe(0, twice.Err);
        twice.Out.ShouldContain("was rolled back before");
    }

    [Fact]
    public async Task Rows_whose_source_changed_since_the_run_are_not_promoted()
    {
        await using var run = await RunFolder.StartAsync();
        var rows = File.ReadAllText(run.Job.PathOf("rows.csv")).Replace("number 3\n", "number 3, and red\n".Replace(",", ";"), StringComparison.Ordinal);
        run.Job.Write("rows.csv", rows.Replace("p-004,Running shoes number 4\n", "", StringComparison.Ordinal) + "p-005,a second p-005\n");
        var planned = await JsonAsync(run, "promote", "--yes", "--json");
        planned.GetProperty("source_change").GetString()!.ShouldContain("rows.csv");
        // p-003 reads otherwise, p-004 is gone; the second p-005 was never asked about and does not count.
        var staged = await JsonAsync(run, "report", "--json");
        var changed = planned.GetProperty("receipt").GetProperty("listed").EnumerateArray()
            .Where(row => row.GetProperty("op").GetString() == "source_changed").Select(row => row.GetProperty("key").GetString()).ToList();
        changed.ShouldNotContain("p-005");
        changed.ShouldBeSubsetOf(["p-003", "p-004"]);
        planned.GetProperty("receipt").GetProperty("counts").GetProperty("source_changed").GetInt64().ShouldBe(changed.Count);
        changed.ShouldNotBeEmpty(staged.ToString());
    }

    [Fact]
    public async Task A_plan_whose_keys_went_stale_skips_them_and_ends_in_7()
    {
        await using var run = await RunFolder.StartAsync(job => job.UseTable(Table));
        var plan = (await JsonAsync(run, "promote", "--json")).GetProperty("plan");
        var key = plan.GetProperty("examples").EnumerateArray().First(row => row.GetProperty("op").GetString() == "update").GetProperty("key").GetString()!;
        run.Job.Execute("shop.db", $"update products set summary = 'mine' where sku = '{key}'");
        var applied = await run.Job.RunAsync("promote", "--plan", plan.GetProperty("plan_id").GetString()!, "--yes");
        applied.Code.ShouldBe(7, applied.Err);
        applied.Out.ShouldContain($"conflict {key} PRM.CONFLICT");
        run.Job.Scalar("shop.db", $"select summary from products where sku = '{key}'").ShouldBe("mine");
    }

    [Fact]
    public async Task A_run_that_is_not_done_is_promoted_only_when_asked_for()
    {
        await using var run = await RunFolder.StartAsync(timeout: TimeSpan.FromSeconds(1));
        run.End.Outcome.ShouldBe(RunOutcome.StillProcessing);
        var refused = await run.Job.RunAsync("promote");
        refused.Code.ShouldBe(1);
        refused.Errors.Single().ShouldContain("r-1 is running, not done: 20 of 20 rows are open");
        refused.Hints.Single().ShouldContain("--partial");
        (await run.Job.RunAsync("promote", "--partial", "--yes")).Out.ShouldContain("Nothing to do");
    }

    [Fact]
    public async Task A_held_run_is_never_promoted()
    {
        await using var run = await RunFolder.StartAsync();
        run.Job.Execute(".muster/muster.db", "update run set state = 'held', why = 'AGG.ACCOUNTING: b-1'");
        foreach (var arguments in (string[][])[["promote"], ["promote", "--partial", "--yes"]])
        {
            var refused = await run.Job.RunAsync(arguments);
            refused.Code.ShouldBe(1);
            refused.Errors.Single().ShouldContain("r-1 is held: AGG.ACCOUNTING: b-1");
        }
    }

    [Fact]
    public async Task Runs_plans_and_targets_that_do_not_exist_are_named()
    {
        await using var run = await RunFolder.StartAsync();
        (await run.Job.RunAsync("promote", "--run", "r-9")).Errors.Single().ShouldContain("\"r-9\"; its runs are r-1");
        (await run.Job.RunAsync("promote", "--plan", "p-9")).Errors.Single().ShouldContain("no plan \"p-9\"");
        (await run.Job.RunAsync("promote", "--plan", "p-9", "--run", "r-1")).Code.ShouldBe(2);
        run.Job.Edit("target:\n  csv: out.csv\n  key: sku\n  columns: { category: /category, summary: /summary }\n", "");
        (await run.Job.RunAsync("promote")).Errors.Single().ShouldContain("tags names no target");
    }

    [Fact]
    public async Task A_csv_file_is_made_promoted_into_and_taken_back()
    {
        await using var run = await RunFolder.StartAsync();
        var id = (await JsonAsync(run, "promote", "--yes", "--json")).GetProperty("receipt").GetProperty("promotion_id").GetString()!;
        File.ReadAllLines(run.Job.PathOf("out.csv")).Length.ShouldBe((int)run.End.Ledger.Succeeded + 1);
        (await run.Job.RunAsync("rollback", id, "--yes")).Code.ShouldBe(0);
        File.ReadAllLines(run.Job.PathOf("out.csv")).Length.ShouldBeLessThanOrEqualTo(1);
    }

    [Fact]
    public async Task A_dry_run_shows_the_plan_and_writes_no_row()
    {
        await using var run = await RunFolder.StartAsync(job => job.UseTable(Table));
        var dry = await run.Job.RunAsync("promote", "--dry-run", "--yes");
        dry.Code.ShouldBe(0, dry.Err);
        dry.Out.ShouldContain($"{run.End.Ledger.Succeeded - 2} insert + 2 update");
        dry.Err.ShouldContain("Next: muster promote --plan p-");
        run.Job.Scalar("shop.db", "select count(*) from products").ShouldBe("2");
    }

    [Fact]
    public async Task Named_keys_are_taken_back_and_promoted_again_whatever_others_made_of_them()
    {
        await using var run = await RunFolder.StartAsync(job => job.UseTable(Table));
        var id = (await JsonAsync(run, "promote", "--yes", "--json")).GetProperty("receipt").GetProperty("promotion_id").GetString()!;
        var promoted = run.Job.Scalar("shop.db", "select summary from products where sku = 'p-001'");
        run.Job.Execute("shop.db", "update products set summary = 'mine' where sku in ('p-001', 'p-002')");
        run.Job.Write("keys.txt", "p-001\r\n\n");

        var kept = (await JsonAsync(run, "promote", "--yes", "--json")).GetProperty("plan").GetProperty("counts");
        kept.GetProperty("conflict").GetInt64().ShouldBe(2);
        var forced = (await JsonAsync(run, "promote", "--force-keys", "keys.txt", "--yes", "--json")).GetProperty("receipt").GetProperty("counts");
        (forced.GetProperty("update").GetInt64(), forced.GetProperty("conflict").GetInt64()).ShouldBe((1, 1));
        run.Job.Scalar("shop.db", "select summary from products where sku = 'p-001'").ShouldBe(promoted);
        run.Job.Scalar("shop.db", "select summary from products where sku = 'p-002'").ShouldBe("mine");

        run.Job.Execute("shop.db", "update products set summary = 'mine again' where sku = 'p-001'");
        var rollback = (await JsonAsync(run, "rollback", id, "--force-keys", "keys.txt", "--yes", "--json")).GetProperty("rollback");
        rollback.GetProperty("conflicts").GetInt64().ShouldBe(1);
        run.Job.Scalar("shop.db", "select group_concat(sku || ':' || summary) from products").ShouldBe("p-001:old,p-002:mine");
    }

    [Fact]
    public async Task A_promotion_is_read_back_and_what_others_changed_is_named()
    {
        await using var run = await RunFolder.StartAsync(job => job.UseTable(Table));
        var id = (await JsonAsync(run, "promote", "--yes", "--json")).GetProperty("receipt").GetProperty("promotion_id").GetString()!;
        (await JsonAsync(run, "promote", "--verify", id, "--json")).GetProperty("verification").GetProperty("holds").GetBoolean().ShouldBeTrue();
        run.Job.Execute("shop.db", "update products set summary = 'mine' where sku = 'p-001'");
        var changed = await run.Job.RunAsync("promote", "--verify", id);
        changed.Code.ShouldBe(3);
        changed.Out.ShouldContain("DOES NOT HOLD");
        changed.Out.ShouldContain("changed since: p-001");
        changed.Hints.Single().ShouldBe($"Try: muster rollback {id} --dry-run");
        (await run.Job.RunAsync("promote", "--verify", "prm-9")).Errors.Single().ShouldContain($"no promotion \"prm-9\"; it has {id}");
    }

    [Fact]
    public async Task A_final_promotion_keeps_no_values_and_cannot_be_taken_back()
    {
        await using var run = await RunFolder.StartAsync(job => job.UseTable(Table));
        var id = (await JsonAsync(run, "promote", "--yes", "--json")).GetProperty("receipt").GetProperty("promotion_id").GetString()!;
        (await run.Job.RunAsync("promote", "--finalize", id)).Code.ShouldBe(2);
        (await run.Job.RunAsync("promote", "--finalize", id, "--dry-run")).Out.ShouldContain("would remove the values");
        run.Job.Scalar("shop.db", "select count(*) > 0 from muster_promotion_row where after is not null").ShouldBe("1");

        (await JsonAsync(run, "promote", "--finalize", id, "--yes", "--json")).GetProperty("receipt").GetProperty("state").GetString().ShouldBe("final");
        run.Job.Scalar("shop.db", "select count(*) from muster_promotion_row where after is not null or before is not null").ShouldBe("0");
        (await run.Job.RunAsync("rollback", id, "--yes")).Errors.Single().ShouldContain("is final");
        (await run.Job.RunAsync("promote", "--finalize", id)).Code.ShouldBe(0);
    }

    [Theory]
    [InlineData("--force-keys", "none.txt", "cannot be read")]
    [InlineData("--force-keys", "empty.txt", "holds no key")]
    public async Task A_list_of_keys_that_cannot_be_used_is_refused(string option, string file, string why)
    {
        using var job = new JobFolder();
        job.Write("empty.txt", "\n");
        foreach (var command in (string[][])[["promote"], ["rollback", "prm-1"]])
        {
            var refused = await job.RunAsync([.. command, option, file]);
            refused.Code.ShouldBe(2);
            refused.Errors.Single().ShouldContain(why);
        }
    }

    internal static async Task<JsonElement> JsonAsync(RunFolder run, params string[] arguments)
    {
        var outcome = await run.Job.RunAsync(arguments);
        outcome.Code.ShouldBe(0, outcome.Err);
        return JsonDocument.Parse(outcome.Out).RootElement.Clone();
    }
}
