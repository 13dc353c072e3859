using System.Text;
using Microsoft.Data.Sqlite;
using Muster.Purges;
using Muster.Review;
using Muster.Runs;
using Muster.Stores.Sqlite;

namespace Muster.Tests.Review;

public sealed class ReviewStoreTests
{
    private static readonly DateTimeOffset Now = ReviewFolder.Start.AddHours(2);

    private static readonly string[] MovedTables = ["row", "staging", "decision", "decided_row", "ledger", "review_item", "review_vote", "review_event"];

    [Fact]
    public async Task The_queue_holds_what_waits_and_the_sample_and_filling_again_adds_nothing()
    {
        var folder = await ReviewFolder.CreateAsync([.. Enumerable.Repeat(RowState.Succeeded, 60), .. Enumerable.Repeat(RowState.HumanQueued, 17), RowState.Quarantined]);
        await using var store = folder.Open();

        store.FillReview(1, new ReviewWants(0.15, 0, 7), Now).ShouldBe(new ReviewFilling(20, 3));
        store.FillReview(1, new ReviewWants(0.15, 0, 7), Now).ShouldBe(new ReviewFilling(0, 0));

        var drawn = store.WaitingLines(1).Where(line => line.Item.Kind == ReviewKind.Sample).Select(line => line.Key).Order().ToList();
        drawn.Count.ShouldBe(3);
        var again = await ReviewFolder.CreateAsync([.. Enumerable.Repeat(RowState.Succeeded, 60), .. Enumerable.Repeat(RowState.HumanQueued, 17), RowState.Quarantined]);
        await using var other = again.Open();
        other.FillReview(1, new ReviewWants(0.15, 0, 7), Now);
        other.WaitingLines(1).Where(line => line.Item.Kind == ReviewKind.Sample).Select(line => line.Key).Order().ShouldBe(drawn);
        store.FillReview(1, new ReviewWants(0.15, 40, 7), Now).Sampled.ShouldBe(37);
        store.FillReview(1, new ReviewWants(0.15, 500, 7), Now).Sampled.ShouldBe(20, "there are no more");
        store.FillReview(1, new ReviewWants(0, 0, 7) { Quarantined = [78] }, Now).Added.ShouldBe(1);
    }

    [Fact]
    public async Task Two_reviewers_get_different_rows_and_each_finds_its_own_again()
    {
        var folder = await ReviewFolder.CreateAsync(RowState.HumanQueued, RowState.HumanQueued);
        await using var store = folder.Open();
        store.FillReview(1, new ReviewWants(0, 0, 1), Now);

        var ada = Taken(store.TakeReview(1, "ada", null, 1, Now));
        var bob = Taken(store.TakeReview(1, "bob", null, 1, Now));

        bob.Id.ShouldNotBe(ada.Id);
        store.TakeReview(1, "cyd", null, 1, Now).ShouldBeNull();
        Taken(store.TakeReview(1, "ada", null, 1, Now)).Id.ShouldBe(ada.Id);
        Why(store.TakeReview(1, "cyd", ada.RowKey, 1, Now)).ShouldBe(ReviewRefusal.HeldByOther);
        Taken(store.TakeReview(1, "cyd", null, 1, Now.AddMinutes(10))).LeaseBy.ShouldBe("cyd");
    }

    [Fact]
    public async Task The_next_row_of_a_selection_is_found_behind_thousands_without_reading_them()
    {
        const int rows = 3_000;
        var folder = await ReviewFolder.CreateAsync([.. Enumerable.Repeat(RowState.HumanQueued, rows)]);
        await using var store = folder.Open();
        store.FillReview(1, new ReviewWants(0, 0, 1), Now);
        var ids = store.WaitingLines(1).Select(line => line.Item.Id).ToList();
        IReadOnlySet<string> only = ids.Skip(1_000).ToHashSet();
        Taken(store.TakeReview(1, "ada", null, 1, Now)).Id.ShouldBe(ids[0]);
        Taken(store.TakeReview(1, "ada", null, 1, Now, only)).Id.ShouldBe(ids[1_000], "what ada holds is not of the selection");

        var before = GC.GetAllocatedBytesForCurrentThread();
        var bob = Taken(store.TakeReview(1, "bob", null, 1, Now, only));
        var read = GC.GetAllocatedBytesForCurrentThread() - before;

        bob.Id.ShouldBe(ids[1_001]);
        read.ShouldBeLessThan(rows * 50, "an item alone takes several hundred bytes");
        Taken(store.TakeReview(1, "bob", null, 1, Now, only)).Id.ShouldBe(bob.Id, "bob holds it");
        store.TakeReview(1, "cyd", null, 1, Now, new HashSet<string> { bob.Id }).ShouldBeNull();
        Taken(store.TakeReview(1, "cyd", null, 1, Now)).Id.ShouldBe(ids[1]);
    }

    [Fact]
    public async Task A_vote_under_a_lost_lease_is_refused_and_changes_nothing()
    {
        var folder = await ReviewFolder.CreateAsync(RowState.HumanQueued);
        await using var store = folder.Open();
        store.FillReview(1, new ReviewWants(0, 0, 1), Now);
        var ada = Taken(store.TakeReview(1, "ada", null, 1, Now));
        var late = Now.AddMinutes(11);
        Taken(store.TakeReview(1, "bob", null, 1, late));
        var before = folder.Dump();

        Refused(store.Vote(1, Vote(ada, "ada", Decision.Accept, late), ada.LeaseNumber, Ruling(Decision.Accept, 1, late))).ShouldBe(ReviewRefusal.LeaseLost);
        Refused(store.Vote(1, Vote(ada, "ada", Decision.Accept, late), null, Ruling(Decision.Accept, 1, late))).ShouldBe(ReviewRefusal.HeldByOther);

        folder.Dump().ShouldBe(before);
    }

    [Fact]
    public async Task Unsure_goes_to_the_next_person_and_five_of_them_escalate()
    {
        var folder = await ReviewFolder.CreateAsync(RowState.HumanQueued);
        await using var store = folder.Open();
        store.FillReview(1, new ReviewWants(0, 0, 1), Now);
        for (var i = 0; i < 5; i++)
        {
            var item = Taken(store.TakeReview(1, $"r{i}", null, 1, Now));
            store.Vote(1, Vote(item, $"r{i}", Decision.Unsure, Now), item.LeaseNumber, null).ShouldBeOfType<RulingOutcome.Made>().Decision.ShouldBeNull();
            store.TakeReview(1, $"r{i}", null, 1, Now).ShouldBeNull("nobody votes twice");
        }

        store.WaitingLines(1).ShouldHaveSingleItem().Item.State.ShouldBe(ReviewState.Escalated);
        (await folder.LedgerAsync()).HumanQueued.ShouldBe(1);
        var last = Taken(store.TakeReview(1, "chief", null, 1, Now));
        store.Vote(1, Vote(last, "chief", Decision.Accept, Now), last.LeaseNumber, Ruling(Decision.Accept, 1, Now)).ShouldBeOfType<RulingOutcome.Made>().Decision.ShouldBe("d-1");
        await folder.BalancesAsync();
    }

    [Fact]
    public async Task Each_decision_moves_row_books_and_staging_together_and_its_undo_moves_them_back()
    {
        foreach (var (state, action) in from state in (RowState[])[RowState.Succeeded, RowState.Quarantined, RowState.HumanQueued, RowState.Errored]
                                        from action in (Decision[])[Decision.Accept, Decision.Edit, Decision.Reject, Decision.Rerun, Decision.Waive]
                                        select (state, action))
        {
            var folder = await ReviewFolder.CreateAsync(state, RowState.Succeeded);
            await using var store = folder.Open();
            store.FillReview(1, new ReviewWants(0, 0, 1), Now);
            var before = folder.Dump("decision", "decided_row", "review_event", "review_vote");

            var output = action is Decision.Edit || (action is Decision.Accept && state != RowState.Succeeded) ? Encoding.UTF8.GetBytes(ReviewFolder.Good) : default(ReadOnlyMemory<byte>);
            var outcome = store.Decide(new RowsDecision(1, action, "ada", Now, [new RowDecision(1, 1, output)]) { Reason = "HUM.REJECTED.wrong" });

            await folder.BalancesAsync();
            if (outcome is RulingOutcome.Refused)
            {
                folder.Dump("decision", "decided_row", "review_event", "review_vote").ShouldBe(before);
                continue;
            }

            (await folder.LedgerAsync()).Pending.ShouldBe(action == Decision.Rerun ? 1 : 0);
            (await store.RunAsync(1)).State.ShouldBe(action == Decision.Rerun ? RunState.Running : RunState.Done);
            store.Undo(store.FindDecision(1)!, "bob", Now).ShouldBeOfType<RulingOutcome.Made>($"{state} {action}");
            folder.Dump("decision", "decided_row", "review_event", "review_vote").ShouldBe(before, $"{state} {action}");
            Refused(store.Undo(store.FindDecision(1)!, "bob", Now)).ShouldBe(ReviewRefusal.NothingToUndo);
            await folder.BalancesAsync();
        }
    }

    /// <summary>A kill between two statements leaves what a statement that fails leaves: the transaction rolls back.</summary>
    [Fact]
    public async Task Whichever_write_of_a_decision_fails_nothing_of_it_stays()
    {
        foreach (var table in MovedTables)
        {
            var folder = await ReviewFolder.CreateAsync(RowState.HumanQueued, RowState.Succeeded);
            ReviewItem item;
            await using (var store = folder.Open())
            {
                store.FillReview(1, new ReviewWants(0, 0, 1), Now);
                item = Taken(store.TakeReview(1, "ada", null, 1, Now));
            }

            var verb = table is "row" or "ledger" or "review_item" ? "update" : "insert";
            var before = folder.Dump();
            folder.Execute($"create trigger boom before {verb} on {table} begin select raise(abort, 'killed here'); end");
            await using (var store = folder.Open())
                Should.Throw<SqliteException>(() => store.Vote(1, Vote(item, "ada", Decision.Accept, Now), item.LeaseNumber, Ruling(Decision.Accept, 1, Now))).Message.ShouldContain("killed here", Case.Sensitive, table);
            folder.Execute("drop trigger boom");

            folder.Dump().ShouldBe(before, table);
            await folder.BalancesAsync();
            await using var again = folder.Open();
            again.Vote(1, Vote(item, "ada", Decision.Accept, Now), item.LeaseNumber, Ruling(Decision.Accept, 1, Now)).ShouldBeOfType<RulingOutcome.Made>();
            await folder.BalancesAsync();
        }
    }

    [Fact]
    public async Task A_decision_over_many_rows_is_made_for_all_or_for_none()
    {
        var folder = await ReviewFolder.CreateAsync(RowState.Quarantined, RowState.Quarantined, RowState.Succeeded);
        await using var store = folder.Open();
        var before = folder.Dump();

        Refused(store.Decide(new RowsDecision(1, Decision.Waive, "ada", Now, [new(1, 1), new(2, 1), new(3, 1)]))).ShouldBe(ReviewRefusal.RowMoved);
        Refused(store.Decide(new RowsDecision(1, Decision.Rerun, "ada", Now, [new(1, 1), new(2, 2)]))).ShouldBe(ReviewRefusal.RowMoved);
        folder.Dump().ShouldBe(before);

        store.Decide(new RowsDecision(1, Decision.Rerun, "ada", Now, [new(1, 1), new(2, 2)]) { SkipsRefused = true }).ShouldBeOfType<RulingOutcome.Made>().Rows.ShouldBe(1);
        (await folder.LedgerAsync()).Pending.ShouldBe(1);
        await folder.BalancesAsync();
    }

    [Fact]
    public async Task A_row_that_was_sent_back_and_answered_is_not_taken_back_any_more()
    {
        var folder = await ReviewFolder.CreateAsync(RowState.Quarantined, RowState.Succeeded);
        await using var store = folder.Open();
        store.Decide(new RowsDecision(1, Decision.Rerun, "ada", Now, [new(1, 1), new(2, 1)])).ShouldBeOfType<RulingOutcome.Made>().ReopensRun.ShouldBeTrue();
        await ReviewFolder.AnswerAsync(store, folder.Run, RowState.Succeeded, RowState.HumanQueued);

        Refused(store.Undo(store.FindDecision(1)!, "ada", Now)).ShouldBe(ReviewRefusal.AlreadyUsed);

        (await store.MoveRunAsync(1, RunState.Done, null, Now)).ShouldBeTrue();
        var ledger = await folder.LedgerAsync();
        (ledger.Succeeded, ledger.HumanQueued).ShouldBe((1, 1));
        await folder.BalancesAsync();
        store.FillReview(1, new ReviewWants(0, 0, 1), Now).Added.ShouldBe(1, "the new answer is another item");
    }

    [Fact]
    public async Task A_later_decision_must_be_taken_back_first()
    {
        var folder = await ReviewFolder.CreateAsync(RowState.HumanQueued);
        await using var store = folder.Open();
        store.Decide(new RowsDecision(1, Decision.Reject, "ada", Now, [new(1, 1)]) { Reason = "HUM.REJECTED.wrong" });
        store.Decide(new RowsDecision(1, Decision.Edit, "ada", Now, [new(1, 1, Encoding.UTF8.GetBytes(ReviewFolder.Good))]));

        store.Undo(store.FindDecision(1)!, "ada", Now).ShouldBeOfType<RulingOutcome.Refused>().Text.ShouldContain("decided again");
        store.Undo(store.FindDecision(2)!, "ada", Now).ShouldBeOfType<RulingOutcome.Made>();
        store.Undo(store.FindDecision(1)!, "ada", Now).ShouldBeOfType<RulingOutcome.Made>();
        (await folder.CardAsync("k1")).Reason.ShouldBe("HUM.REQUESTED");
    }

    [Fact]
    public async Task Rows_of_a_run_that_is_over_for_good_are_not_asked_again()
    {
        var folder = await ReviewFolder.CreateAsync(RowState.Quarantined);
        await using var store = folder.Open();
        await store.OpenRunAsync(new RunOpening(folder.Job.Name, "v2", "{}", "full", "{}", ["sku"], "RUN002", Now));

        store.Decide(new RowsDecision(1, Decision.Rerun, "ada", Now, [new(1, 1)])).ShouldBeOfType<RulingOutcome.Refused>().Text.ShouldContain("r-2 came after it");
    }

    [Fact]
    public async Task The_defect_rate_counts_what_people_refused_of_what_passed()
    {
        var folder = await ReviewFolder.CreateAsync([.. Enumerable.Repeat(RowState.Succeeded, 40), RowState.HumanQueued]);
        await using (var store = folder.Open())
        {
            store.FillReview(1, new ReviewWants(0.15, 10, 3), Now);
            var left = 3;
            foreach (var line in store.WaitingLines(1).Where(line => line.Item.Kind == ReviewKind.Sample).ToList())
            {
                var card = store.Card(1, line.Key!)!;
                var action = left-- > 0 ? Decision.Reject : Decision.Accept;
                store.Vote(1, Vote(card.Item!, "ada", action, Now), null, Ruling(action, card.RowId, Now)).ShouldBeOfType<RulingOutcome.Made>();
            }
        }

        await using var reader = SqliteStore.OpenForReading(folder.Folder)!;
        var account = ReviewAccount.Read(reader, folder.Run, Now);
        account.Defects.ShouldBe(new DefectRate(40, 10, 10, 3));
        account.Defects.Rate.ShouldBe(0.3);
        account.Defects.Bounds.Low.ShouldBe(0.1078, 0.0005);
        account.Defects.Bounds.High.ShouldBe(0.6032, 0.0005);
        (account.Rows[Decision.Accept], account.Rows[Decision.Reject]).ShouldBe((7, 3));
        await folder.BalancesAsync();
    }

    [Fact]
    public async Task A_purge_takes_the_words_out_of_decisions_and_leaves_who_decided_when()
    {
        var folder = await ReviewFolder.CreateAsync(RowState.Quarantined, RowState.Succeeded);
        await using var store = folder.Open();
        store.CountIssues(folder.Run, [new IssueGroup("v1:0", "SHP.ENUM_UNKNOWN./category", "but is \"Sneaker\"", 1, "p.csv:1", "p.csv:1", [], "")], "c", Now);
        store.Decide(new RowsDecision(1, Decision.Edit, "ada", Now, [new(1, 1, Encoding.UTF8.GetBytes(ReviewFolder.Good))]) { Note = "a shoe, I think" });
        store.Decide(new RowsDecision(1, Decision.Reject, "ada", Now, [new(2, 1)]) { Reason = "HUM.REJECTED.wrong", Note = "no shoe" });

        store.RemoveRows(store.BeginPurge(1, PurgeScope.Run, null, Now), new StandIn(new byte[32]));

        // The run keeps its job, whose schema has such words too.
        var left = folder.Dump("run");
        foreach (var word in (string[])["Sneaker", "shoe", "/category"])
            left.ShouldNotContain(word);
        left.ShouldContain("ada");
        Refused(store.Decide(new RowsDecision(1, Decision.Rerun, "ada", Now, [new(2, 1)]))).ShouldBe(ReviewRefusal.Purged);
        Refused(store.Undo(store.FindDecision(2)!, "ada", Now)).ShouldBe(ReviewRefusal.AlreadyUsed);
        await folder.BalancesAsync();
    }

    [Fact]
    public async Task Nothing_that_is_billed_changes_with_a_decision()
    {
        var folder = await ReviewFolder.CreateAsync(RowState.HumanQueued, RowState.Succeeded);
        await using var store = folder.Open();
        var billed = await store.UsageAsync(1);
        store.Decide(new RowsDecision(1, Decision.Accept, "ada", Now, [new(1, 1, Encoding.UTF8.GetBytes(ReviewFolder.Null))]));
        store.Decide(new RowsDecision(1, Decision.Reject, "ada", Now, [new(2, 1)]) { Reason = "HUM.REJECTED.style" });

        (await store.UsageAsync(1)).ShouldBe(billed);
        (await store.DecidedAtAsync(1)).ShouldBe(Now);
    }

    private static ReviewItem Taken(ReviewMove? move) => move.ShouldBeOfType<ReviewMove.Done>().Item;

    private static ReviewRefusal Why(ReviewMove? move) => move.ShouldBeOfType<ReviewMove.Refused>().Why;

    private static ReviewRefusal Refused(RulingOutcome outcome) => outcome.ShouldBeOfType<RulingOutcome.Refused>().Why;

    private static ReviewVote Vote(ReviewItem item, string by, Decision decision, DateTimeOffset at) => new(item.Id, by, decision, null, [], 5, IsBlind: false, at);

    private static RowsDecision Ruling(Decision action, long row, DateTimeOffset at) => new(1, action, "ada", at,
        [new RowDecision(row, 1, action == Decision.Accept && row == 1 ? Encoding.UTF8.GetBytes(ReviewFolder.Null) : default(ReadOnlyMemory<byte>))])
    {
        Reason = action == Decision.Reject ? "HUM.REJECTED.wrong" : null,
    };
}
