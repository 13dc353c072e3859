using System.Text;
using Muster.Drift;
using Muster.Jobs;
using Muster.Promotion;
using Muster.Purges;
using Muster.Runs;
using Muster.Selections;
using Muster.Simulator.Faults;
using Muster.Stores;
using Muster.Stores.Sqlite;

namespace Muster.Tests.Selections;

public sealed class RerunTests
{
    [Fact]
    public async Task Only_the_selected_rows_are_asked_and_written_and_every_other_stays_byte_for_byte()
    {
        await using var folder = await RerunFolder.StartAsync();
        (await folder.Trial.RunAsync()).Outcome.ShouldBe(RunOutcome.Done);
        await folder.PromoteAsync("r-1");
        folder.Do("update products set category = 'by hand' where sku = 'p-00020'");
        var before = folder.Rows();
        var billed = folder.Trial.Api.Truth.RowsBilled;

        var plan = await folder.PlanAsync(folder.Keys(3, 7, 11), folder.WithExamples());
        plan.Frozen.Rows.ShouldBe(3);
        plan.Total.ShouldBe(30);
        plan.IsOtherVersion.ShouldBeTrue();
        plan.Forecast!.Requests.ShouldBe(3);
        plan.Superseded.ShouldHaveSingleItem().Promotions.ShouldHaveSingleItem();
        var end = await folder.RerunAsync(folder.Keys(3, 7, 11), folder.WithExamples());

        end.Outcome.ShouldBe(RunOutcome.Done, end.Why);
        end.Run.Kind.ShouldBe("rerun");
        end.Run.JobVersion.ShouldBe(JobVersion.Of(folder.WithExamples()));
        end.Ledger.Rows.ShouldBe(3);
        (folder.Trial.Api.Truth.RowsBilled - billed).ShouldBe(3);
        await folder.Trial.BooksShouldBalanceAsync();
        folder.Rows().ShouldBe(before, "a rerun writes nothing before it is promoted");

        var receipt = await folder.PromoteAsync(end.Run.Name, 2);
        receipt.Counts.Total.ShouldBe(3);
        var after = folder.Rows();
        foreach (var (key, row) in before.Where(row => row.Key is not ("p-00003" or "p-00007" or "p-00011")))
            after[key].ShouldBe(row);
        await folder.Trial.BooksShouldBalanceAsync();

        var back = await Promotions.Open(folder.Job).RollbackAsync(receipt.PromotionId, RollbackMode.Write);
        back.ShouldNotBeNull();
        folder.Rows().ShouldBe(before);
    }

    [Fact]
    public async Task Rows_that_a_rerun_took_over_are_no_longer_promoted_with_the_full_run()
    {
        await using var folder = await RerunFolder.StartAsync();
        await folder.Trial.RunAsync();
        await folder.RerunAsync(folder.Keys(1, 2), folder.WithExamples());
        await folder.RerunAsync(folder.Keys(2));
        await using var store = folder.Trial.Read();

        (await KeysAsync(store, 1)).Count.ShouldBe(28);
        (await KeysAsync(store, 2)).ShouldBe(["p-00001"]);
        (await KeysAsync(store, 3)).ShouldBe(["p-00002"]);
        (await folder.PlanAsync("run:r-3")).Frozen.Rows.ShouldBe(1);
        (await folder.PlanAsync("run:r-1")).Frozen.Rows.ShouldBe(28);
    }

    [Fact]
    public async Task A_row_of_a_canceled_rerun_stands_as_it_was()
    {
        await using var folder = await RerunFolder.StartAsync();
        await folder.Trial.RunAsync();
        await folder.OpenAsync(folder.Keys(1, 2));
        await using (var store = folder.Trial.Read())
            (await KeysAsync(store, 1)).Count.ShouldBe(28);
        (await folder.Trial.CancelAsync())!.Outcome.ShouldBe(RunOutcome.Canceled);

        await using var after = folder.Trial.Read();
        (await KeysAsync(after, 1)).Count.ShouldBe(30);
        (await KeysAsync(after, 2)).ShouldBeEmpty();
        await folder.Trial.BooksShouldBalanceAsync();
    }

    [Fact]
    public async Task An_unfinished_rerun_goes_on_with_its_own_rows_and_nothing_else_begins()
    {
        await using var folder = await RerunFolder.StartAsync();
        await folder.Trial.RunAsync();
        await folder.OpenAsync(folder.Keys(4, 5), folder.WithExamples());

        (await Should.ThrowAsync<OtherRunException>(() => folder.Trial.RunAsync())).Hint.ShouldContain("muster rerun");
        (await Should.ThrowAsync<OtherRunException>(() => folder.PlanAsync(folder.Keys(6)))).Run.ShouldBe("r-2");
        await Should.ThrowAsync<JobChangedException>(() => folder.GoOnAsync(folder.Job));
        var end = await folder.GoOnAsync(folder.WithExamples());
        end.Run.Name.ShouldBe("r-2");
        end.Ledger.Rows.ShouldBe(2);

        // The full run of the old version is finished, and the new one was never run in full.
        (await folder.Trial.RunAsync()).Outcome.ShouldBe(RunOutcome.NothingToDo);
    }

    [Fact]
    public async Task A_rerun_does_not_begin_while_the_full_run_is_under_way()
    {
        await using var folder = await RerunFolder.StartAsync();
        folder.Trial.Heard.OnEvent = e => { if (e.Kind == RunEventKind.BatchCreated) throw new Runs.KilledException(); };
        await Should.ThrowAsync<Runs.KilledException>(() => folder.Trial.RunAsync());

        (await Should.ThrowAsync<OtherRunException>(() => folder.PlanAsync("state:open"))).Kind.ShouldBe("full");
    }

    [Fact]
    public async Task Quarantined_rows_are_run_again_by_what_went_wrong()
    {
        await using var folder = await RerunFolder.StartAsync(faults: new FaultPlan { Rows = [new RowRule { Contains = "number 1", Outcome = "violation", Times = 2 }] });
        var first = await folder.Trial.RunAsync();
        first.Ledger.Quarantined.ShouldBe(11);
        var plan = await folder.PlanAsync("state:quarantined reason:SHP.*");
        plan.Frozen.Rows.ShouldBe(11);
        plan.Superseded.ShouldHaveSingleItem().Accepted.ShouldBe(0);

        folder.Trial.Api.Faults = FaultPlan.None;
        var end = await folder.RerunAsync("state:quarantined reason:SHP.*");
        end.Ledger.Rows.ShouldBe(11);
        end.Ledger.Quarantined.ShouldBe(0);
        await folder.Trial.BooksShouldBalanceAsync();
        (await Should.ThrowAsync<RerunException>(() => folder.PlanAsync("state:quarantined"))).Message.ShouldBe("r-1: No row matches `state:quarantined`.");
    }

    [Fact]
    public async Task Nothing_and_everything_have_their_answers()
    {
        await using var folder = await RerunFolder.StartAsync(5);
        await Should.ThrowAsync<UnknownRunException>(async () => await EmptyStoreAsync(folder));
        await folder.Trial.RunAsync();

        (await Should.ThrowAsync<RerunException>(() => folder.PlanAsync("state:expired state:succeeded"))).Message.ShouldBe("r-1: No row matches `state:expired`.");
        (await Should.ThrowAsync<RerunException>(() => folder.PlanAsync("-key:x*"))).Message.ShouldBe("r-1: `-key:x*` matches every one of 5 rows.");
        (await Should.ThrowAsync<RerunException>(() => folder.PlanAsync("all"))).Hint.ShouldContain("--yes");
        (await Should.ThrowAsync<KeyFileException>(() => folder.PlanAsync("key:@not-there.txt"))).Message.ShouldContain("not-there.txt");
        (await Should.ThrowAsync<UnknownRunException>(() => folder.PlanAsync("key:p-00001", run: "r-9"))).Message.ShouldContain("no run \"r-9\"; its runs are r-1");
        (await Should.ThrowAsync<RerunException>(() => folder.OpenAsync("key:p-00001", hash: new string('0', 32)))).ExitCode.ShouldBe(ExitCodes.StalePlan);
    }

    [Fact]
    public async Task Rows_whose_source_changed_are_named_and_asked_as_they_are_now()
    {
        await using var folder = await RerunFolder.StartAsync(6);
        await folder.Trial.RunAsync();
        var path = folder.Job.Source.Paths[0];
        var lines = File.ReadAllLines(path).Select(line => line.StartsWith("p-00002", StringComparison.Ordinal) ? "p-00002,A wooden train for children" : line).Where(line => !line.StartsWith("p-00004", StringComparison.Ordinal));
        File.WriteAllText(path, string.Join("\n", lines) + "\n", new UTF8Encoding(false));

        var plan = await folder.PlanAsync(folder.Keys(1, 2, 4));
        plan.SourceChange.ShouldNotBeNull();
        plan.Frozen.Changed.Keys.ShouldBe(["p-00002"]);
        plan.Frozen.Gone.Keys.ShouldBe(["p-00004"]);
        plan.Frozen.Rows.ShouldBe(2);
        (await Should.ThrowAsync<RerunException>(() => folder.PlanAsync("key:p-00004"))).Message.ShouldContain("1 gone from the source");

        var end = await folder.RerunAsync(folder.Keys(1, 2, 4));
        end.Ledger.Rows.ShouldBe(2);
        var receipt = await folder.PromoteAsync(end.Run.Name);
        receipt.Counts.Update.ShouldBe(2);
        folder.Rows()["p-00002"].ShouldContain("train");
        folder.Rows()["p-00004"].ShouldBe("'as it was'|NULL|NULL");
    }

    [Fact]
    public async Task A_source_with_other_columns_is_refused()
    {
        await using var folder = await RerunFolder.StartAsync(3);
        await folder.Trial.RunAsync();
        File.WriteAllText(folder.Job.Source.Paths[0], "sku,colour,name\np-00001,red,Shoes\n");

        (await Should.ThrowAsync<RerunException>(() => folder.PlanAsync("key:p-00001"))).Message.ShouldContain("sku, colour, name, not sku, name");
    }

    [Fact]
    public async Task Rows_of_a_purged_run_cannot_be_asked_again_and_others_can()
    {
        await using var folder = await RerunFolder.StartAsync(6);
        await folder.Trial.RunAsync();
        await PurgeAsync(folder, ["p-00003"]);
        var partly = await folder.PlanAsync("state:succeeded -key:p-00001");
        partly.Frozen.Rows.ShouldBe(4);
        partly.Frozen.Purged.ShouldBe(1);

        await PurgeAsync(folder, null);
        (await Should.ThrowAsync<RerunException>(() => folder.PlanAsync("state:succeeded -tier:2 -key:x"))).Message.ShouldContain("6 purged");
        (await Should.ThrowAsync<DriftException>(() => DriftAsync(folder, "r-1"))).Message.ShouldBe("r-1 was purged before it was profiled: nothing is left of its rows to look at.");
    }

    [Fact]
    public async Task A_run_whose_promotion_was_taken_back_is_run_again_and_the_plan_says_so()
    {
        await using var folder = await RerunFolder.StartAsync(6);
        await folder.Trial.RunAsync();
        var receipt = await folder.PromoteAsync("r-1");
        await Promotions.Open(folder.Job).RollbackAsync(receipt.PromotionId, RollbackMode.Write);

        var standing = (await folder.PlanAsync(folder.Keys(1))).Superseded.ShouldHaveSingleItem();
        standing.Promotions.ShouldBeEmpty();
        standing.TakenBack.ShouldBe([receipt.PromotionId]);
        var end = await folder.RerunAsync(folder.Keys(1));
        (await folder.PromoteAsync(end.Run.Name, 2)).Counts.Update.ShouldBe(1);
        folder.Rows()["p-00002"].ShouldBe("'as it was'|NULL|NULL");
    }

    internal static async Task<DriftAccount> DriftAsync(RerunFolder folder, string run)
    {
        await using var store = folder.Trial.Read();
        var reader = new DriftReader(store, folder.Job, TimeProvider.System);
        return await reader.ReadAsync(await reader.ChooseAsync(run));
    }

    internal static async Task PurgeAsync(RerunFolder folder, string[]? keys)
    {
        await using var store = SqliteStore.Open(StoreFolder.Of(folder.Job), "a test", TimeProvider.System);
        await new Purger(store, new PurgeOptions { Chance = Chance.Seeded(9) }).ApplyAsync("r-1", keys);
    }

    private static async Task EmptyStoreAsync(RerunFolder folder)
    {
        await using (SqliteStore.Open(StoreFolder.Of(folder.Job), "a test", TimeProvider.System))
        {
        }

        await folder.PlanAsync("state:open");
    }

    private static async Task<List<string>> KeysAsync(SqliteStore store, long run)
    {
        var keys = new List<string>();
        await foreach (var row in store.StagedAsync(run))
            keys.Add(row.Key);
        return keys;
    }
}
