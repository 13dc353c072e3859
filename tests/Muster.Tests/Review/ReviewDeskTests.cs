using System.Text;
using Microsoft.Data.Sqlite;
using Muster.Jobs;
using Muster.Promotion;
using Muster.Review;
using Muster.Runs;
using Muster.Stores;
using Muster.Stores.Sqlite;

namespace Muster.Tests.Review;

public sealed class ReviewDeskTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_accepted_and_an_edited_row_are_staged_for_promotion()
    {
        var folder = await ReviewFolder.CreateAsync(RowState.HumanQueued, RowState.Quarantined, RowState.Errored);
        var desk = folder.Desk();
        await desk.FillAsync(new ReviewWants(0, 0, desk.Seed), Token);

        await desk.DecideAsync((await desk.NextAsync(Token))!, new Verdict(Decision.Accept), Token);
        await desk.DecideAsync("k2", new Verdict(Decision.Edit) { Settings = ["/category=Toys"] }, null, Token);
        await desk.DecideAsync("k3", new Verdict(Decision.Edit) { Edited = Encoding.UTF8.GetBytes("{ \"category\": \"Tools\",\n \"summary\": \"by hand\" }") }, null, Token);

        var staged = await folder.StagedAsync();
        staged["k1"].ShouldBe(ReviewFolder.Null);
        staged["k2"].ShouldBe("""{"category":"Toys","summary":"a shoe"}""");
        staged["k3"].ShouldBe("""{"category":"Tools","summary":"by hand"}""");
        (await folder.LedgerAsync()).Succeeded.ShouldBe(3);
        await folder.BalancesAsync();
    }

    [Fact]
    public async Task What_breaks_the_contract_is_refused_in_the_validators_words()
    {
        var folder = await ReviewFolder.CreateAsync(RowState.Quarantined, RowState.Errored);
        var desk = folder.Desk();
        var before = folder.Dump();

        var accept = await RefusedAsync(() => desk.DecideAsync("k1", new Verdict(Decision.Accept), null, Token));
        accept.Why.ShouldBe(ReviewRefusal.Contract);
        accept.Message.ShouldContain("/category");
        accept.Message.ShouldContain("Sneaker");
        (await RefusedAsync(() => desk.DecideAsync("k1", new Verdict(Decision.Edit) { Settings = [$"/summary={new string('x', 120)}"] }, null, Token))).Why.ShouldBe(ReviewRefusal.Contract);
        (await RefusedAsync(() => desk.DecideAsync("k1", new Verdict(Decision.Edit) { Edited = "not json"u8.ToArray() }, null, Token))).Message.ShouldContain("JSON");
        (await RefusedAsync(() => desk.DecideAsync("k2", new Verdict(Decision.Accept), null, Token))).Why.ShouldBe(ReviewRefusal.NoOutput);
        (await RefusedAsync(() => desk.DecideAsync("k9", new Verdict(Decision.Accept), null, Token))).Message.ShouldContain("no row \"k9\"");
        (await RefusedAsync(() => desk.DecideAsync("k1", new Verdict(Decision.Reject) { Reason = "worng" }, null, Token))).Hint.ShouldContain("`wrong`");

        folder.Dump().ShouldBe(before);
    }

    [Fact]
    public async Task A_lease_that_ran_out_is_another_reviewers_and_the_first_ones_decision_is_refused()
    {
        var folder = await ReviewFolder.CreateAsync(RowState.HumanQueued);
        var clock = new HandClock(ReviewFolder.Start.AddHours(2));
        var ada = folder.Desk("ada", clock);
        var bob = folder.Desk("bob", clock);
        await ada.FillAsync(new ReviewWants(0, 0, 1), Token);
        var hers = (await ada.NextAsync(Token))!;
        (await bob.NextAsync(Token)).ShouldBeNull();
        (await RefusedAsync(() => bob.DecideAsync("k1", new Verdict(Decision.Accept), null, Token))).Why.ShouldBe(ReviewRefusal.HeldByOther);
        clock.Pass(TimeSpan.FromMinutes(9));
        (await ada.RenewAsync(hers.Item!, Token)).ShouldBeTrue();
        clock.Pass(TimeSpan.FromMinutes(10));
        (await bob.NextAsync(Token)).ShouldNotBeNull().Key.ShouldBe("k1");

        var refused = await RefusedAsync(() => ada.DecideAsync(hers, new Verdict(Decision.Accept), Token));

        refused.Why.ShouldBe(ReviewRefusal.LeaseLost);
        refused.Hint.ShouldContain("not recorded");
        (await ada.RenewAsync(hers.Item!, Token)).ShouldBeFalse();
        (await folder.LedgerAsync()).HumanQueued.ShouldBe(1);
    }

    [Fact]
    public async Task What_is_live_is_neither_decided_nor_taken_back_until_its_promotion_is()
    {
        var folder = await ReviewFolder.CreateAsync(job => job with
        {
            Target = new TargetSpec(TargetKind.Csv, Path.Combine(job.Directory, "out.csv"), "sku", [new ColumnSpec("category", "/category")]),
        }, RowState.HumanQueued, RowState.Succeeded);
        folder.Execute($"update run set fingerprint = '{System.Text.Json.JsonSerializer.Serialize(await Muster.Sources.SourceFingerprint.ComputeAsync(folder.Job.Source, Token))}'");
        var desk = folder.Desk();
        await desk.DecideAsync("k1", new Verdict(Decision.Accept), null, Token);
        var promotions = Promotions.Open(folder.Job);
        Receipt receipt;
        await using (var store = SqliteStore.OpenForReading(folder.Folder)!)
            receipt = await promotions.ApplyAsync(store, await promotions.PlanAsync(store, await store.RunAsync(1, Token), cancellationToken: Token), Token);
        var before = folder.Dump();

        var undo = await RefusedAsync(() => desk.UndoAsync("k1", Token));
        undo.Why.ShouldBe(ReviewRefusal.Promoted);
        undo.Hint.ShouldContain($"muster rollback {receipt.PromotionId}");
        (await RefusedAsync(() => desk.DecideAsync("k2", new Verdict(Decision.Reject) { Reason = "wrong" }, null, Token))).Why.ShouldBe(ReviewRefusal.Promoted);
        (await RefusedAsync(() => desk.UndoAsync("d-1", Token))).Why.ShouldBe(ReviewRefusal.Promoted);
        folder.Dump().ShouldBe(before);
        await desk.DecideAsync("k2", new Verdict(Decision.Accept), null, Token);

        await promotions.RollbackAsync(receipt.PromotionId, RollbackMode.Write, Token);

        (await desk.UndoAsync("d-1", Token)).Decision.ShouldBe("d-1");
        await desk.DecideAsync("k2", new Verdict(Decision.Reject) { Reason = "wrong" }, null, Token);
        (await folder.StagedAsync()).ShouldBeEmpty();
        await folder.BalancesAsync();
    }

    [Fact]
    public async Task A_plan_made_before_a_decision_is_not_applied()
    {
        var folder = await ReviewFolder.CreateAsync(job => job with
        {
            Target = new TargetSpec(TargetKind.Csv, Path.Combine(job.Directory, "out.csv"), "sku", [new ColumnSpec("category", "/category")]),
        }, RowState.Succeeded, RowState.Succeeded);
        folder.Execute($"update run set fingerprint = '{System.Text.Json.JsonSerializer.Serialize(await Muster.Sources.SourceFingerprint.ComputeAsync(folder.Job.Source, Token))}'");
        var promotions = Promotions.Open(folder.Job);
        await using var store = SqliteStore.OpenForReading(folder.Folder)!;
        var planned = await promotions.PlanAsync(store, await store.RunAsync(1, Token), cancellationToken: Token);
        await folder.Desk().DecideAsync("k1", new Verdict(Decision.Reject) { Reason = "wrong" }, null, Token);

        (await Should.ThrowAsync<TargetException>(() => promotions.ApplyAsync(store, planned, Token))).Hint.ShouldContain("Plan again");

        (await promotions.ReceiptsAsync(Token)).ShouldBeEmpty();
        var again = await promotions.PlanAsync(store, await store.RunAsync(1, Token), cancellationToken: Token);
        (await promotions.ApplyAsync(store, again, Token)).Counts.Insert.ShouldBe(1);
    }

    [Fact]
    public async Task While_a_run_works_on_the_store_decisions_wait_and_nothing_is_lost()
    {
        var folder = await ReviewFolder.CreateAsync(RowState.HumanQueued);
        var desk = folder.Desk();
        using (DirectoryLock.Take(folder.Folder, "run catalog", ReviewFolder.Start))
        {
            await Should.ThrowAsync<StoreHeldException>(() => desk.FillAsync(new ReviewWants(0, 0, 1), Token));
            await Should.ThrowAsync<StoreHeldException>(() => desk.DecideAsync("k1", new Verdict(Decision.Accept), null, Token));
        }

        await desk.DecideAsync("k1", new Verdict(Decision.Accept), null, Token);
        (await folder.LedgerAsync()).Succeeded.ShouldBe(1);
    }

    [Fact]
    public async Task Reviewers_at_one_store_at_the_same_time_never_decide_the_same_row()
    {
        var folder = await ReviewFolder.CreateAsync([.. Enumerable.Repeat(RowState.HumanQueued, 24)]);
        await folder.Desk().FillAsync(new ReviewWants(0, 0, 1), Token);

        var decided = await Task.WhenAll(Enumerable.Range(0, 4).Select(number => Task.Run(async () =>
        {
            var desk = folder.Desk($"r{number}");
            var keys = new List<string>();
            while (await desk.NextAsync(Token) is { } card)
            {
                await desk.DecideAsync(card, new Verdict(Decision.Accept), Token);
                keys.Add(card.Key!);
            }

            return keys;
        }, Token)));

        decided.SelectMany(keys => keys).Order(StringComparer.Ordinal).ShouldBe(Enumerable.Range(1, 24).Select(i => $"k{i}").Order(StringComparer.Ordinal));
        (await folder.LedgerAsync()).Succeeded.ShouldBe(24);
        await folder.BalancesAsync();
    }

    [Fact]
    public async Task Only_the_reviewer_takes_a_vote_back_and_the_trail_keeps_both()
    {
        var folder = await ReviewFolder.CreateAsync(RowState.HumanQueued, RowState.HumanQueued);
        var ada = folder.Desk();
        await ada.DecideAsync("k1", new Verdict(Decision.Reject) { Reason = "input", Note = "no words at all" }, null, Token);
        await ada.DecideAsync("k2", new Verdict(Decision.Unsure), null, Token);

        (await RefusedAsync(() => folder.Desk("bob").UndoAsync("k1", Token))).Why.ShouldBe(ReviewRefusal.NothingToUndo);
        (await ada.UndoAsync("k1", Token)).Decision.ShouldBe("d-1");
        (await ada.UndoAsync("k2", Token)).Decision.ShouldBeNull();
        (await RefusedAsync(() => ada.UndoAsync("k2", Token))).Why.ShouldBe(ReviewRefusal.NothingToUndo);

        await using var store = SqliteStore.OpenForReading(folder.Folder)!;
        var log = store.ReviewLog(1).ToList();
        log.Select(told => told.Kind).ShouldBe([
            ReviewEventKind.Taken, ReviewEventKind.Voted, ReviewEventKind.Decided, ReviewEventKind.Taken, ReviewEventKind.Voted, ReviewEventKind.Undone, ReviewEventKind.Undone]);
        log[2].ShouldSatisfyAllConditions(told => told.Before.ShouldBe(RowState.HumanQueued), told => told.After.ShouldBe(RowState.Quarantined), told => told.Actor.ShouldBe("ada"));
        (await folder.LedgerAsync()).HumanQueued.ShouldBe(2);
    }

    private static async Task<ReviewException> RefusedAsync(Func<Task> move) => await Should.ThrowAsync<ReviewException>(move);
}
