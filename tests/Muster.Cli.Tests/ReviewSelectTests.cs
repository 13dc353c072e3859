using System.Text.Json;

namespace Muster.Cli.Tests;

/// <summary>What a reviewer is handed out under a selector, and what is said of promotions that were taken back.</summary>
public sealed class ReviewSelectTests
{
    private static Task<RunFolder> FolderAsync() => RunFolder.StartAsync(job =>
        job.Edit("schema: tags.schema.json", "schema: tags.schema.json\n  human_queue: { properties: { category: { enum: [Shoes, Tools] } } }"));

    [Fact]
    public async Task A_selector_restricts_what_is_handed_out()
    {
        await using var run = await FolderAsync();
        var waiting = Keys(await PromoteTests.JsonAsync(run, "review", "list", "--sample", "0", "--json"));
        waiting.Count.ShouldBeGreaterThan(3);
        var (first, last) = (waiting[0], waiting[^1]);

        Keys(await PromoteTests.JsonAsync(run, "review", "list", "--sample", "0", "--select", $"key:{last},nobody", "--json")).ShouldBe([last]);
        var handed = (await PromoteTests.JsonAsync(run, "review", "next", "--select", $"key:{last}", "--as", "ada", "--json")).GetProperty("row");
        handed.GetProperty("key").GetString().ShouldBe(last);
        (await PromoteTests.JsonAsync(run, "review", "next", "--select", $"key:{last}", "--as", "bob", "--json")).GetProperty("row").ValueKind.ShouldBe(JsonValueKind.Null);
        var other = (await PromoteTests.JsonAsync(run, "review", "next", "--select", $"-key:{last} state:human-queued", "--as", "ada", "--json")).GetProperty("row");
        other.GetProperty("key").GetString().ShouldBe(first, "what ada holds is not of this selector");
        other.GetProperty("state").GetString().ShouldBe("human_queued");
    }

    [Fact]
    public async Task A_selector_that_nothing_waits_for_says_so()
    {
        await using var run = await FolderAsync();

        var none = await run.Job.RunAsync("review", "next", "--select", "reason:GEN.*");
        none.Code.ShouldBe(0, none.Err);
        none.Out.ShouldContain("r-1: nothing waits for");
        none.Err.ShouldContain("No row that waits in r-1 is `reason:GEN.*`.");
        (await run.Job.RunAsync("review", "list", "--select", "state:succeeded -state:succeeded")).Err.ShouldContain("No row that waits in r-1 is `state:succeeded -state:succeeded`.");
        var all = await run.Job.RunAsync("review", "list", "--select", "all");
        all.Out.ShouldBe((await run.Job.RunAsync("review", "list")).Out);
        var broken = await run.Job.RunAsync("review", "next", "--select", "status:open");
        broken.Code.ShouldBe(2, broken.Out);
        broken.Errors.ShouldHaveSingleItem().ShouldContain("A selector knows no `status:`.");
    }

    [Fact]
    public async Task A_row_whose_promotion_was_rolled_back_is_decided_and_the_reviewer_is_told()
    {
        await using var run = await RunFolder.StartAsync();
        var promotion = (await PromoteTests.JsonAsync(run, "promote", "--yes", "--json")).GetProperty("receipt").GetProperty("promotion_id").GetString()!;
        var told = $"{promotion}, which wrote p-003, was rolled back";
        (await run.Job.RunAsync("review", "decide", "p-003", "--accept")).Err.ShouldNotContain("rolled back");
        (await run.Job.RunAsync("rollback", promotion, "--yes")).Code.ShouldBe(0);

        var decided = await run.Job.RunAsync("review", "decide", "p-003", "--set", "/summary=by hand");
        decided.Code.ShouldBe(0, decided.Err);
        decided.Err.ShouldContain($"{told}: the decision goes live with the next promotion.");
        (await run.Job.RunAsync("review", "log", "p-003")).Out.ShouldContain(told);
        (await PromoteTests.JsonAsync(run, "review", "log", "p-003", "--json")).GetProperty("rolled_back").GetString().ShouldBe(promotion);
        (await run.Job.RunAsync("promote", "--yes")).Code.ShouldBe(0);
        (await run.Job.RunAsync("review", "log", "p-003")).Out.ShouldNotContain("rolled back", customMessage: "a later promotion wrote it");
    }

    [Fact]
    public async Task A_target_that_cannot_be_asked_fails_neither_the_log_nor_a_decision_that_is_made()
    {
        await using var run = await RunFolder.StartAsync(job => job.UseTable("create table products (sku text primary key, category text, summary text)"));
        (await run.Job.RunAsync("promote", "--yes")).Code.ShouldBe(0);
        run.Job.Write("shop.db", new string('x', 8_192));
        const string told = "Warning: the target could not be asked whether a promotion of this row was rolled back: ";

        var log = await run.Job.RunAsync("review", "log", "p-003");
        log.Code.ShouldBe(0, log.Err);
        log.Err.ShouldContain(told);
        (await PromoteTests.JsonAsync(run, "review", "log", "p-003", "--json")).GetProperty("rolled_back").ValueKind.ShouldBe(JsonValueKind.Null);
        var decided = await run.Job.RunAsync("review", "decide", "p-003", "--accept");
        decided.Code.ShouldBe(0, decided.Err);
        decided.Out.ShouldContain("p-003 is accepted");
        decided.Err.ShouldContain(told);
        decided.Nexts.ShouldHaveSingleItem();
    }

    private static List<string?> Keys(JsonElement listed) => [.. listed.GetProperty("waiting").EnumerateArray().Select(row => row.GetProperty("row").GetString())];
}
