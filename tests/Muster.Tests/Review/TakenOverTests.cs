using Muster.Review;
using Muster.Runs;
using Muster.Simulator.Faults;
using Muster.Stores;
using Muster.Tests.Selections;

namespace Muster.Tests.Review;

/// <summary>A row that a rerun asked again stands there: its former run shows it to nobody and lets nobody act on it.</summary>
public sealed class TakenOverTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Issues_count_the_rows_that_stand_and_are_resolved_when_none_does()
    {
        await using var folder = await RerunFolder.StartAsync(faults: new FaultPlan { Rows = [new RowRule { Contains = "number 1", Outcome = "violation", Times = 2 }] });
        var full = (await folder.Trial.RunAsync()).Run;
        var desk = new QuarantineDesk(new ReviewDesk(folder.Job, full, StoreFolder.Of(folder.Job), "ada", TimeProvider.System), StoreFolder.Of(folder.Job), TimeProvider.System);
        var counted = await desk.CountAsync(Token);
        counted.Groups.Rows.ShouldBe(11);
        var one = (await desk.FreezeAsync(counted, ["Q-1"], Token)).Rows[0];
        folder.Trial.Api.Faults = FaultPlan.None;
        await folder.RerunAsync($"key:{one.Key}");

        var after = await desk.CountAsync(Token);

        after.Groups.Rows.ShouldBe(10);
        (await desk.FreezeAsync(after, ["Q-1"], Token)).Rows.ShouldNotContain(row => row.Key == one.Key);
        var refusal = await Should.ThrowAsync<ReviewException>(() => desk.FreezeAsync(after, [one.Key!], Token));
        refusal.Message.ShouldContain("r-2 asked");
        refusal.Hint.ShouldContain("--run r-2");
        await folder.RerunAsync("state:quarantined");
        (await desk.CountAsync(Token)).Groups.Rows.ShouldBe(0);
    }

    [Fact]
    public async Task An_issue_is_resolved_when_its_rows_are_answered_and_not_when_a_rerun_takes_them()
    {
        await using var folder = await RerunFolder.StartAsync(faults: new FaultPlan { Rows = [new RowRule { Contains = "number 1", Outcome = "violation" }] });
        var full = (await folder.Trial.RunAsync()).Run;
        var desk = new QuarantineDesk(new ReviewDesk(folder.Job, full, StoreFolder.Of(folder.Job), "ada", TimeProvider.System), StoreFolder.Of(folder.Job), TimeProvider.System);
        await desk.MoveAsync(desk.Find(await desk.CountAsync(Token), "Q-1"), now => IssueActions.Fix(now, "d-1", "ada"), Token);

        await folder.RerunAsync("state:quarantined");
        var again = await desk.CountAsync(Token);
        (desk.Find(again, "Q-1").State, again.Groups.Rows, again.Alerts.Count).ShouldBe((IssueState.Fixing, 0, 0));

        folder.Trial.Api.Faults = FaultPlan.None;
        await folder.RerunAsync("state:quarantined");
        desk.Find(await desk.CountAsync(Token), "Q-1").State.ShouldBe(IssueState.Resolved);
    }

    [Fact]
    public async Task The_queue_offers_neither_rows_nor_samples_that_a_rerun_took_over()
    {
        await using var folder = await RerunFolder.StartAsync(faults: new FaultPlan { Rows = [new RowRule { Contains = "number 1", Outcome = "violation", Times = 2 }] });
        var full = (await folder.Trial.RunAsync()).Run;
        var desk = new ReviewDesk(folder.Job, full, StoreFolder.Of(folder.Job), "ada", TimeProvider.System);
        await desk.FillAsync(new ReviewWants(0, 0, 1) { Everything = true }, Token);
        ReviewAccount before;
        await using (var store = folder.Trial.Read())
            before = store.ReviewAccount(full.Id, DateTimeOffset.UnixEpoch);
        before.Waiting.ShouldBe(30);
        folder.Trial.Api.Faults = FaultPlan.None;
        (await folder.RerunAsync("key:p-0001*")).Ledger.Rows.ShouldBe(10);

        await desk.FillAsync(new ReviewWants(0, 0, 1) { Everything = true }, Token);

        await using var read = folder.Trial.Read();
        read.ReviewAccount(full.Id, DateTimeOffset.UnixEpoch).Waiting.ShouldBe(20);
        read.WaitingLines(full.Id).ShouldNotContain(line => line.Key!.StartsWith("p-0001", StringComparison.Ordinal));
        await folder.Trial.BooksShouldBalanceAsync();
    }
}
