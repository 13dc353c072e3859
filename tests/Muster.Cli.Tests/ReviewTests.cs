using System.Text.Json;

namespace Muster.Cli.Tests;

public sealed class ReviewTests
{
    private static Task<RunFolder> FolderAsync() => RunFolder.StartAsync(job =>
        job.Edit("schema: tags.schema.json", "schema: tags.schema.json\n  human_queue: { properties: { category: { enum: [Shoes, Tools] } } }"));

    [Fact]
    public async Task A_script_takes_rows_decides_them_and_takes_decisions_back()
    {
        await using var run = await FolderAsync();
        var waiting = run.End.Ledger.HumanQueued;
        waiting.ShouldBeGreaterThan(3);

        var first = (await PromoteTests.JsonAsync(run, "review", "next", "--as", "ada", "--json")).GetProperty("row");
        var second = (await PromoteTests.JsonAsync(run, "review", "next", "--as", "bob", "--json")).GetProperty("row");

        var (hers, his) = (first.GetProperty("key").GetString()!, second.GetProperty("key").GetString()!);
        hers.ShouldNotBe(his);
        first.GetProperty("source")[1].GetProperty("value").GetString()!.ShouldStartWith("Running shoes");
        Refused(await run.Job.RunAsync("review", "decide", hers, "--accept", "--as", "bob"), 1, $"{hers} is with ada until", "review next");
        Refused(await run.Job.RunAsync("review", "decide", hers, "--reject", "worng", "--as", "ada"), 2, "no reason", "--help");
        Refused(await run.Job.RunAsync("review", "decide", hers, "--as", "ada"), 2, "No decision is given", "--help");
        Refused(await run.Job.RunAsync("review", "decide", hers, "--set", "/category=Sneaker", "--as", "ada"), 1, "/category must be one of", "nothing was staged");
        Refused(await run.Job.RunAsync("review", "decide", hers, "--accept", "--lease", "9", "--as", "ada"), 1, "lease", "not recorded");
        Refused(await run.Job.RunAsync("review", "decide", "p-999", "--accept"), 1, "no row", "review list");
        (await run.Job.RunAsync("review", "decide", hers, "--accept", "--lease", $"{first.GetProperty("lease").GetInt64()}", "--as", "ada")).Code.ShouldBe(0);
        Refused(await run.Job.RunAsync("review", "decide", hers, "--accept", "--as", "ada"), 1, "is decided", "undo");
        (await run.Job.RunAsync("review", "decide", his, "--set", "/category=Toys", "--as", "bob")).Code.ShouldBe(0);

        (await LedgerAsync(run)).ShouldBe((run.End.Ledger.Succeeded + 2, waiting - 2));
        Refused(await run.Job.RunAsync("review", "undo", his, "--as", "ada"), 1, "is not ada's", "log");
        (await run.Job.RunAsync("review", "undo", his, "--as", "bob")).Code.ShouldBe(0);
        (await LedgerAsync(run)).ShouldBe((run.End.Ledger.Succeeded + 1, waiting - 1));
        var log = (await PromoteTests.JsonAsync(run, "review", "log", his, "--json")).GetProperty("events").EnumerateArray().ToList();
        log.Select(told => told.GetProperty("kind").GetString()).ShouldBe(["taken", "voted", "decided", "undone"]);
        log[2].GetProperty("output_after").GetString()!.ShouldContain("Toys");
        (await run.Job.RunAsync("reconcile", "--offline")).Code.ShouldBe(0);
    }

    [Fact]
    public async Task Keys_that_look_like_something_else_are_decided_and_the_undo_that_is_printed_takes_back_that_decision()
    {
        await using var run = await RunFolder.StartAsync(job => File.AppendAllText(job.PathOf("rows.csv"), "@keys,Running shoes red\n-rf,Running shoes blue\nd-1,Running shoes green\n$(id),Running shoes grey\n"));

        (await run.Job.RunAsync("review", "decide", "@keys", "--reject", "wrong")).Err.ShouldContain("Undo: muster review undo d-1");
        (await run.Job.RunAsync("review", "decide", "--reject", "wrong", "--", "-rf")).Err.ShouldContain("Undo: muster review undo d-2");
        (await run.Job.RunAsync("review", "decide", "d-1", "--reject", "wrong", "--run", "r-1", "--as", "ada")).Err.ShouldContain("Undo: muster review undo d-3 --run r-1 --as ada");
        (await run.Job.RunAsync("review", "decide", "$(id)", "--reject", "wrong")).Err.ShouldContain("Undo: muster review undo d-4");

        (await run.Job.RunAsync("review", "undo", "d-3", "--run", "r-1", "--as", "ada")).Code.ShouldBe(0);
        (await run.Job.RunAsync("review", "log", "d-1")).Out.ShouldContain("undone");
        (await run.Job.RunAsync("review", "log", "@keys")).Out.ShouldNotContain("undone");
        Refused(await run.Job.RunAsync("review", "decide", "d-1"), 2, "No decision is given", "muster review decide --help");
        Muster.Cli.Output.NextStep.Quoted("$(id)").ShouldBe("'$(id)'");
        Muster.Cli.Output.NextStep.Quoted("it's `id`").ShouldBe("'it'\\''s `id`'");
        Muster.Cli.Output.NextStep.Quoted("a b").ShouldBe("\"a b\"");
    }

    [Fact]
    public async Task Without_a_terminal_the_flow_names_the_forms_for_scripts()
    {
        await using var run = await FolderAsync();

        Refused(await run.Job.RunAsync("review"), 2, "needs a terminal", "muster review next --json");
        Refused(await run.Job.RunAsync("review", "r-1", "list"), 2, "stands before `list`", "--run");
    }

    [Fact]
    public async Task Two_processes_at_the_same_moment_get_different_rows()
    {
        await using var run = await FolderAsync();

        var taken = await Task.WhenAll(Enumerable.Range(0, 3).Select(i => run.Job.RunAsync("review", "next", "--as", $"r{i}", "--json")));

        taken.ShouldAllBe(outcome => outcome.Code == 0, string.Join("\n", taken.Select(outcome => outcome.Err)));
        taken.Select(outcome => JsonDocument.Parse(outcome.Out).RootElement.GetProperty("row").GetProperty("key").GetString()).Distinct().Count().ShouldBe(3);
    }

    [Fact]
    public async Task What_was_promoted_is_taken_back_only_after_its_rollback()
    {
        await using var run = await FolderAsync();
        var key = (await PromoteTests.JsonAsync(run, "review", "next", "--json")).GetProperty("row").GetProperty("key").GetString()!;
        (await run.Job.RunAsync("review", "decide", key, "--set", "/summary=by hand")).Code.ShouldBe(0);
        var promotion = (await PromoteTests.JsonAsync(run, "promote", "--yes", "--json")).GetProperty("receipt").GetProperty("promotion_id").GetString()!;
        File.ReadAllText(run.Job.PathOf("out.csv")).ShouldContain("by hand");

        Refused(await run.Job.RunAsync("review", "undo", key), 1, $"{promotion} promoted it", $"muster rollback {promotion}");
        (await run.Job.RunAsync("rollback", promotion, "--yes")).Code.ShouldBe(0);
        (await run.Job.RunAsync("review", "undo", key)).Code.ShouldBe(0);

        (await LedgerAsync(run)).ShouldBe((run.End.Ledger.Succeeded, run.End.Ledger.HumanQueued));
    }

    [Fact]
    public async Task A_row_that_is_sent_back_is_asked_by_the_next_run_and_nothing_else_is()
    {
        await using var run = await FolderAsync();
        run.Job.Environment["MUSTER_POLL_INTERVAL"] = "0.1";
        var key = (await PromoteTests.JsonAsync(run, "review", "next", "--json")).GetProperty("row").GetProperty("key").GetString()!;

        var sent = await run.Job.RunAsync("review", "decide", key, "--rerun");
        sent.Out.ShouldContain("asked and paid once more");
        sent.Err.ShouldContain("Next: muster run");
        var status = await PromoteTests.JsonAsync(run, "status", "--json");
        status.GetProperty("run").GetProperty("state").GetString().ShouldBe("running");
        status.GetProperty("ledger").GetProperty("open").GetInt64().ShouldBe(1);

        var again = await PromoteTests.JsonAsync(run, "run", "--json");

        again.GetProperty("outcome").GetString().ShouldBe("done");
        again.GetProperty("run").GetProperty("name").GetString().ShouldBe(run.End.Run.Name);
        Refused(await run.Job.RunAsync("review", "undo", key), 1, "asked again", "log");
        (await run.Job.RunAsync("reconcile", "--offline")).Code.ShouldBe(0);
    }

    [Fact]
    public async Task An_issue_is_planned_edited_and_taken_back_in_one_line_each()
    {
        await using var run = await RunFolder.StartAsync(job => job.Edit("limits:", "budget: { failures: 1 }\nlimits:"));
        var key = (await PromoteTests.JsonAsync(run, "review", "next", "--at-least", "20", "--json")).GetProperty("row").GetProperty("key").GetString()!;
        (await run.Job.RunAsync("review", "decide", key, "--reject", "wrong", "--note", "not a shoe")).Code.ShouldBe(0);
        var other = (await PromoteTests.JsonAsync(run, "review", "next", "--json")).GetProperty("row").GetProperty("key").GetString()!;
        (await run.Job.RunAsync("review", "decide", other, "--reject", "wrong", "--note", "not a shoe")).Code.ShouldBe(0);
        var listed = (await PromoteTests.JsonAsync(run, "quarantine", "--json")).GetProperty("issues").EnumerateArray().Single(issue => issue.GetProperty("reason").GetString() == "HUM.REJECTED.wrong");
        listed.GetProperty("rows").GetInt64().ShouldBe(2);
        var issue = listed.GetProperty("id").GetString()!;

        var plan = await PromoteTests.JsonAsync(run, "quarantine", "edit", issue, "--set", "/category=Toys", "--plan", "--json");
        plan.GetProperty("rows").GetInt64().ShouldBe(2);
        Refused(await run.Job.RunAsync("quarantine", "edit", issue, "--set", "/category=Toys", "--frozen", "0123"), 2, "not those of", "--plan");
        Refused(await run.Job.RunAsync("quarantine", "edit", issue, "--set", "/category=Sneaker"), 1, "2 rows of 2", "Change it");
        Refused(await run.Job.RunAsync("quarantine", "waive", "reason:*", "--reason", "all"), 2, "matches every one", "--yes");
        Refused(await run.Job.RunAsync("quarantine", "retry", "Q-77"), 1, "no issue", "muster quarantine");
        Refused(await run.Job.RunAsync("quarantine", "accept", "p-999"), 1, "no row", "muster quarantine");
        var edited = await run.Job.RunAsync("quarantine", "edit", issue, "--set", "/category=Toys", "--frozen", plan.GetProperty("hash").GetString()!);
        edited.Code.ShouldBe(0, edited.Err);
        edited.Err.ShouldContain("Undo: muster review undo d-3");

        (await LedgerAsync(run)).Succeeded.ShouldBe(run.End.Ledger.Succeeded);
        (await run.Job.RunAsync("review", "undo", "d-3")).Code.ShouldBe(0);
        (await LedgerAsync(run)).Succeeded.ShouldBe(run.End.Ledger.Succeeded - 2);
        var status = (await PromoteTests.JsonAsync(run, "review", "status", "--json")).GetProperty("account").GetProperty("defects");
        status.GetProperty("rate").GetDouble().ShouldBe(1);
        status.GetProperty("low").GetDouble().ShouldBeLessThan(0.5);
    }

    [Fact]
    public async Task A_changed_job_is_not_asked_by_a_plain_retry()
    {
        await using var run = await RunFolder.StartAsync();
        var key = (await PromoteTests.JsonAsync(run, "review", "next", "--at-least", "5", "--json")).GetProperty("row").GetProperty("key").GetString()!;
        (await run.Job.RunAsync("review", "decide", key, "--reject", "style")).Code.ShouldBe(0);
        run.Job.Edit("Sort the product.", "Sort the product well.");

        Refused(await run.Job.RunAsync("quarantine", "retry", key), 2, "the job file is version", "--as-opened");
        Refused(await run.Job.RunAsync("quarantine", "retry", "reason:HUM.*"), 2, "the job file is version", "`muster rerun --run r-1 --select 'state:quarantined reason:HUM.*' --plan`");
        (await run.Job.RunAsync("rerun", "--run", "r-1", "--select", "state:quarantined reason:HUM.*", "--plan")).Out.ShouldContain("means 1 of 20 rows");
        var retried = await run.Job.RunAsync("quarantine", "retry", key, "--as-opened");

        retried.Code.ShouldBe(0, retried.Err);
        retried.Err.ShouldContain("Next: muster run --as-opened");
    }

    [Fact]
    public async Task A_pilot_is_read_row_by_row_and_a_refused_row_lowers_its_rate()
    {
        await using var run = await RunFolder.StartAsync(job => job.Edit("pilot: { required: false }", "pilot: { required: false, rows: 10, pass: 0.1 }"));
        run.Job.Environment["MUSTER_POLL_INTERVAL"] = "0.1";
        Refused(await run.Job.RunAsync("review", "list", "--pilot"), 2, "no pilot", "muster pilot");
        (await run.Job.RunAsync("pilot")).Code.ShouldBe(0);
        var before = await RateAsync(run);

        var waiting = (await PromoteTests.JsonAsync(run, "review", "list", "--pilot", "--json")).GetProperty("waiting").EnumerateArray().ToList();
        waiting.Count.ShouldBe(10);
        var accepted = waiting.First(row => row.GetProperty("state").GetString() == "succeeded").GetProperty("row").GetString()!;
        (await run.Job.RunAsync("review", "decide", accepted, "--pilot", "--reject", "wrong")).Code.ShouldBe(0);
        (await RateAsync(run)).ShouldBe(before - 1);
        (await run.Job.RunAsync("quarantine", "edit", accepted, "--pilot", "--set", "/category=Toys")).Code.ShouldBe(0);
        (await RateAsync(run)).ShouldBe(before - 1, "a person's answer is not the job's");
    }

    private static async Task<long> RateAsync(RunFolder run) =>
        (await PromoteTests.JsonAsync(run, "pilot", "--json")).GetProperty("report").GetProperty("all").GetProperty("passed").GetInt64();

    private static async Task<(long Succeeded, long HumanQueued)> LedgerAsync(RunFolder run)
    {
        var ledger = (await PromoteTests.JsonAsync(run, "status", "--json")).GetProperty("ledger");
        return (ledger.GetProperty("succeeded").GetInt64(), ledger.GetProperty("human_queued").GetInt64());
    }

    private static void Refused(Outcome outcome, int code, string said, string hint)
    {
        outcome.Code.ShouldBe(code, outcome.Out + outcome.Err);
        outcome.Errors.ShouldHaveSingleItem().ShouldContain(said);
        outcome.Hints.ShouldHaveSingleItem().ShouldContain(hint);
    }
}
