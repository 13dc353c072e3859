using Muster.Review;
using Muster.Runs;
using Muster.Selections;
using Muster.Stores.Sqlite;

namespace Muster.Tests.Review;

public sealed class QuarantineDeskTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("issue:Q-1", "Q-1")]
    [InlineData("state:quarantined reason:SHP.*,API.EXPIRED", "reason:SHP.*", "reason:API.EXPIRED")]
    [InlineData("key:p-00001,\"p 2\"", "p-00001", "p 2")]
    [InlineData(null, "p-00001", "reason:SHP.*")]
    [InlineData("issue:v1:0123456789ab", "issue:v1:0123456789ab")]
    [InlineData("state:quarantined batch:b-1 -tier:2", "batch:b-1 -tier:2")]
    [InlineData("state:quarantined -tier:2", " -tier:2")]
    [InlineData("state:human-queued", "state:human-queued")]
    [InlineData("state:quarantined /category:Shoes", "/category:Shoes")]
    [InlineData("state:quarantined \"/a b\":Shoes", "\"/a b\":Shoes")]
    [InlineData("state:quarantined", "all")]
    [InlineData("key:urn:isbn:1", "urn:isbn:1")]
    [InlineData("key:status:open,/a/b", "status:open", "/a/b")]
    [InlineData("key:p.csv:17,all-of-it", "p.csv:17", "all-of-it")]
    public void Rows_that_are_named_are_a_selector(string? selector, params string[] names)
    {
        (RowNames.Parse(names).ToSelector()?.ToString()).ShouldBe(selector);
        if (selector is not null)
            Selector.Parse(selector).ToString().ShouldBe(selector);
    }

    [Fact]
    public async Task An_issue_keeps_its_number_and_counting_again_changes_nothing()
    {
        var folder = await ReviewFolder.CreateAsync(RowState.Quarantined, RowState.Quarantined, RowState.Succeeded);
        var desk = folder.Quarantine();

        var issue = (await desk.CountAsync(Token)).Known.Values.ShouldHaveSingleItem();

        (issue.Id, issue.State, issue.Rows, issue.Pointer).ShouldBe(("Q-1", IssueState.New, 2, "/category"));
        var once = folder.Dump();
        (await desk.CountAsync(Token)).Alerts.ShouldBeEmpty();
        folder.Dump().ShouldBe(once);
    }

    [Fact]
    public async Task One_edit_stages_every_row_of_an_issue_and_its_undo_takes_all_of_them_back()
    {
        var folder = await ReviewFolder.CreateAsync([.. Enumerable.Repeat(RowState.Quarantined, 1_200)]);
        var desk = folder.Quarantine();
        var counted = await desk.CountAsync(Token);
        var rows = await desk.FreezeAsync(counted, ["Q-1"], Token);
        rows.Rows.Count.ShouldBe(1_200);
        (await desk.FreezeAsync(counted, ["Q-1"], Token)).Hash.ShouldBe(rows.Hash);
        var before = folder.Dump("decision", "decided_row", "review_event", "issue");

        var made = await desk.ActAsync(rows, new Verdict(Decision.Edit) { Settings = ["/category=Shoes"] }, Token);

        (made.Decision, made.Rows).ShouldBe(("d-1", 1_200));
        (await folder.LedgerAsync()).Succeeded.ShouldBe(1_200);
        (await folder.StagedAsync()).Values.ShouldAllBe(output => output == ReviewFolder.Good);
        (await desk.CountAsync(Token)).Known.Values.ShouldHaveSingleItem().State.ShouldBe(IssueState.Resolved);
        await folder.BalancesAsync();
        (await folder.Desk().UndoAsync("d-1", Token)).Rows.ShouldBe(1_200);
        folder.Dump("decision", "decided_row", "review_event", "issue", "issue_sighting").ShouldBe(before.Split('\n').Where(line => !line.StartsWith("issue_sighting", StringComparison.Ordinal)).Aggregate((a, b) => $"{a}\n{b}"));
        var back = await desk.CountAsync(Token);
        back.Known.Values.ShouldHaveSingleItem().State.ShouldBe(IssueState.Regressed);
        back.Alerts.ShouldHaveSingleItem().Id.ShouldBe("Q-1");
    }

    [Fact]
    public async Task One_row_that_breaks_the_contract_refuses_the_edit_of_all()
    {
        var folder = await ReviewFolder.CreateAsync(RowState.Quarantined, RowState.Quarantined);
        folder.Execute("update evidence set output = cast('I cannot' as blob) where row_id = 2");
        var desk = folder.Quarantine();
        var rows = await desk.FreezeAsync(await desk.CountAsync(Token), ["Q-1"], Token);
        var before = folder.Dump();

        var refused = await Should.ThrowAsync<ReviewException>(() => desk.ActAsync(rows, new Verdict(Decision.Edit) { Settings = ["/category=Shoes"] }, Token));

        refused.Message.ShouldStartWith("1 row of 2 cannot be decided so");
        folder.Dump().ShouldBe(before);
    }

    [Fact]
    public async Task Rows_sent_back_are_asked_by_the_next_run_and_the_issue_follows()
    {
        var folder = await ReviewFolder.CreateAsync(RowState.Quarantined, RowState.Quarantined, RowState.Succeeded);
        var desk = folder.Quarantine();

        var made = await desk.ActAsync(await desk.FreezeAsync(await desk.CountAsync(Token), ["Q-1"], Token), new Verdict(Decision.Rerun), Token);

        (made.Rows, made.ReopensRun).ShouldBe((2, true));
        (await desk.CountAsync(Token)).Known.Values.ShouldHaveSingleItem().ShouldSatisfyAllConditions(
            issue => issue.State.ShouldBe(IssueState.Fixing, "its rows are open"), issue => issue.RerunId.ShouldBe("d-1"));
        await using (var store = folder.Open())
        {
            await ReviewFolder.AnswerAsync(store, folder.Run, RowState.Succeeded, RowState.Quarantined);
            await store.MoveRunAsync(1, RunState.Done, null, ReviewFolder.Start);
        }

        (await desk.CountAsync(Token)).Known.Values.ShouldHaveSingleItem().State.ShouldBe(IssueState.Fixing, "one row is left");
        for (var again = 2; again <= RowRulings.MaxReruns; again++)
        {
            await desk.ActAsync(await desk.FreezeAsync(await desk.CountAsync(Token), ["k2"], Token), new Verdict(Decision.Rerun), Token);
            await using var store = folder.Open();
            await ReviewFolder.AnswerAsync(store, folder.Run, RowState.Quarantined);
            await store.MoveRunAsync(1, RunState.Done, null, ReviewFolder.Start);
        }

        var frozen = await desk.FreezeAsync(await desk.CountAsync(Token), ["Q-1"], Token);
        (await Should.ThrowAsync<ReviewException>(() => desk.ActAsync(frozen, new Verdict(Decision.Rerun), Token))).Why.ShouldBe(ReviewRefusal.TooManyReruns);
        await folder.BalancesAsync();
    }

    [Fact]
    public async Task Waived_rows_stay_in_quarantine_and_their_issue_is_accepted()
    {
        var folder = await ReviewFolder.CreateAsync(RowState.Quarantined, RowState.Quarantined);
        var desk = folder.Quarantine();

        await desk.ActAsync(await desk.FreezeAsync(await desk.CountAsync(Token), ["reason:SHP.*"], Token), new Verdict(Decision.Waive) { Note = "test products" }, Token);
        await desk.ActAsync(await desk.FreezeAsync(await desk.CountAsync(Token), ["Q-1"], Token), new Verdict(Decision.Waive) { Note = "test products" }, Token);

        var counted = await desk.CountAsync(Token);
        counted.Known.Values.ShouldHaveSingleItem().ShouldSatisfyAllConditions(
            issue => issue.State.ShouldBe(IssueState.Accepted), issue => issue.Note.ShouldBe("test products"), issue => issue.KnownChange.ShouldBe("d-2"));
        counted.WaivedRows.Values.ShouldHaveSingleItem().ShouldBe(2);
        (await folder.LedgerAsync()).Quarantined.ShouldBe(2);
        await using var store = SqliteStore.OpenForReading(folder.Folder)!;
        store.ReviewAccount(1, ReviewFolder.Start).Waived.ShouldBe(2);
        await folder.BalancesAsync();
    }

    [Theory]
    [InlineData("Q-9", "no issue")]
    [InlineData("v1:ffffffffffff", "no issue")]
    [InlineData("k9", "no row \"k9\"")]
    [InlineData("reason:GEN.*", "matches no quarantined row")]
    public async Task What_matches_nothing_says_so(string name, string said)
    {
        var folder = await ReviewFolder.CreateAsync(RowState.Quarantined, RowState.Succeeded);
        var desk = folder.Quarantine();
        var counted = await desk.CountAsync(Token);

        (await Should.ThrowAsync<ReviewException>(() => desk.FreezeAsync(counted, [name], Token))).Message.ShouldContain(said);
    }

    [Fact]
    public async Task An_issue_moves_as_its_table_says()
    {
        var folder = await ReviewFolder.CreateAsync(RowState.Quarantined);
        var desk = folder.Quarantine();
        var issue = desk.Find(await desk.CountAsync(Token), "q-1");

        (await desk.MoveAsync(issue, now => IssueMoves.Triage(now, "ada", "new label"), Token)).State.ShouldBe(IssueState.Triaged);
        (await desk.MoveAsync(issue, now => IssueMoves.MuteFor(now, new MuteUntil(MoreRowsThan: 5), "ada"), Token)).Mute.ShouldBe(new MuteUntil(MoreRowsThan: 5));
        (await Should.ThrowAsync<ReviewException>(() => desk.MoveAsync(issue, IssueMoves.Resolve, Token))).Message.ShouldContain("Q-1 is muted");
    }
}
