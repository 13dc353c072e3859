using Muster.Batches;
using Muster.Evals;
using Muster.Jobs;
using Muster.Promotion;
using Muster.Purges;
using Muster.Runs;
using Muster.Simulator.Faults;
using Muster.Stores;
using Muster.Stores.Sqlite;
using Muster.Tests.Runs;

namespace Muster.Tests.Evals;

public sealed class GoldRowTests
{
    private static readonly CancellationToken Stop = EvalTrial.Stop;

    [Fact]
    public async Task Gold_rows_ride_in_every_batch_of_first_asks_and_are_no_rows_of_the_run()
    {
        await using var trial = await EvalTrial.StartAsync(EvalTrial.Set(20));

        var end = await trial.RunAsync();

        await trial.ShouldBeDoneAsync(end);
        end.Ledger.Rows.ShouldBe(24);
        end.Run.CarriesGold.ShouldBeTrue();
        await using var store = trial.Read();
        var gold = (await store.GoldLedgerAsync(end.Run.Id, Stop)).ShouldNotBeNull();
        var batches = await store.BatchesAsync(end.Run.Id, Stop);
        gold.Open.ShouldBe(0);
        batches.ShouldAllBe(batch => batch.Requests <= trial.Job.Limits.BatchRows);
        batches.Sum(batch => batch.Requests).ShouldBe((int)(end.Ledger.Rows + gold.Rows));
        // No two batches have the same number of requests, so that the smallest have no room for three.
        gold.Rows.ShouldBeInRange(batches.Count, 3 * batches.Count);
        (await store.ReadRequestsAsync(batches[0].Id, Stop).CountAsync(row => row.Key.Contains('\u001f'), Stop)).ShouldBe(3);
        trial.Api.Truth.RequestsAccepted.ShouldBe(end.Ledger.Rows + gold.Rows);
        (await store.RunsAsync(Stop)).Count.ShouldBe(1);
        var staged = new List<string>();
        await foreach (var row in store.StagedAsync(end.Run.Id, Stop))
            staged.Add(row.Key);
        staged.ShouldBe([.. Enumerable.Range(1, 24).Select(i => $"p-{i:D5}")], ignoreOrder: true);
        // Cases take turns, so that the batches together ask more of the set than one of them.
        (await EvalTrial.GoldAsync(trial, end.Run)).Select(row => GoldRun.CaseOf(row.Key)).Distinct().Count().ShouldBeGreaterThan(3);
        var promotions = Promotions.Open(trial.Job);
        var receipt = await promotions.ApplyAsync(store, await promotions.PlanAsync(store, end.Run, cancellationToken: Stop), Stop);
        receipt.Counts.Insert.ShouldBe(24);
    }

    [Fact]
    public async Task Reconcile_has_a_line_for_the_gold_rows_and_balances()
    {
        await using var trial = await EvalTrial.StartAsync(EvalTrial.Set(10));
        var end = await trial.RunAsync();

        await using var store = trial.Read();
        var found = await new Reconciler(store, TimeProvider.System).ReconcileAsync(null, "not asked", null, Stop);

        found.Differences.ShouldBeEmpty();
        found.Equations.ShouldAllBe(equation => equation.Holds);
        found.Equations.Single(equation => equation.Of == "r-1 gold").Text.ShouldContain("rows = ");
        var report = await RunReport.ReadAsync(store, end.Run, ReportScope.Full, Stop);
        report.Gold!.Succeeded.ShouldBe(report.Gold.Rows);
    }

    [Fact]
    public async Task Killed_at_each_event_nothing_is_billed_twice_and_the_gold_rows_are_graded()
    {
        var set = EvalTrial.Set(6);
        for (var kill = 1; ; kill++)
        {
            await using var trial = await EvalTrial.StartAsync(set, goldRows: 2, rows: 10);
            var heard = 0;
            var died = 0;
            trial.Heard.OnEvent = _ => { if (++heard == kill) throw new KilledException(); };
            RunEnd? end = null;
            try
            {
                end = await trial.RunAsync();
            }
            catch (KilledException)
            {
                died = heard;
            }

            trial.Heard.OnEvent = null;
            end ??= await trial.RunAsync();
            end.Ledger.Open.ShouldBe(0, $"killed at event {died}");
            await trial.BooksShouldBalanceAsync();
            await using var store = trial.Read();
            (await store.UsageAsync(end.Run.Id, Stop)).Sum(usage => usage.OutputTokens).ShouldBe(trial.Api.Truth.OutputTokens, $"killed at event {died}");
            (await store.GoldLedgerAsync(end.Run.Id, Stop))!.Open.ShouldBe(0);
            (await new EvalReader(store, TimeProvider.System).GoldAsync(end.Run, Stop))!.Gate.Verdict.ShouldBe(GateVerdict.Safe);
            if (died == 0)
                return;
        }
    }

    [Fact]
    public async Task A_create_that_certainly_failed_leaves_its_gold_rows_waiting_and_makes_no_further_ones()
    {
        await using var trial = await EvalTrial.StartAsync(EvalTrial.Set(9), goldRows: 3, rows: 4,
            faults: Trial.Calls("create", CallFaultKind.Status, first: 2, status: 500));

        var end = await trial.RunAsync();

        await trial.ShouldBeDoneAsync(end);
        (await EvalTrial.GoldAsync(trial, end.Run)).Count.ShouldBe(3);
        await using var store = trial.Read();
        (await store.BatchesAsync(end.Run.Id, Stop)).ShouldContain(batch => batch.State == BatchState.Withdrawn);
    }

    [Fact]
    public async Task A_gold_row_whose_answer_breaks_the_contract_is_asked_again_like_any_row()
    {
        var set = EvalTrial.Of([Own("g-1", "GOLDEN shoes of one kind"), .. EvalTrial.Set(4).Cases]);
        await using var trial = await EvalTrial.StartAsync(set, goldRows: 3, rows: 6,
            faults: new FaultPlan { Rows = [new RowRule { Contains = "GOLDEN", Outcome = "violation", Model = "haiku" }] });

        var end = await trial.RunAsync();

        await trial.ShouldBeDoneAsync(end);
        await using var store = trial.Read();
        (await store.BatchesAsync(end.Run.Id, Stop)).ShouldContain(batch => batch.Tier == 1, "the gold row escalated alone");
        (await store.CoveredLinesAsync(end.Run.Id, Stop)).Values.ShouldContain(lines => lines.First.StartsWith("gold@1"));
        end.Ledger.Rows.ShouldBe(6);
    }

    [Fact]
    public async Task When_every_gold_row_expires_nothing_is_known_and_the_promotion_waits()
    {
        var set = EvalTrial.Of([.. Enumerable.Range(1, 3).Select(i => Own($"g-{i}", $"GOLDEN shoes number {i}"))]);
        await using var trial = await EvalTrial.StartAsync(set, goldRows: 3, rows: 4, faults: new FaultPlan { Rows = [new RowRule { Contains = "GOLDEN", Outcome = "expired" }] });

        var end = await trial.RunAsync();

        await trial.ShouldBeDoneAsync(end);
        end.Ledger.Succeeded.ShouldBe(4);
        await using var store = trial.Read();
        (await store.GoldLedgerAsync(end.Run.Id, Stop))!.Expired.ShouldBe(3);
        var result = (await new EvalReader(store, TimeProvider.System).GoldAsync(end.Run, Stop))!;
        (result.Grade.Grade.Unscored, result.Gate.Verdict, result.Gate.ExitCode).ShouldBe((3, GateVerdict.Inconclusive, 4));
        var promotions = Promotions.Open(trial.Job);
        var held = await Should.ThrowAsync<PromotionHeldException>(async () =>
            await promotions.ApplyAsync(store, await promotions.PlanAsync(store, end.Run, cancellationToken: Stop), Stop));
        held.ExitCode.ShouldBe(ExitCodes.Inconclusive);
    }

    [Fact]
    public async Task A_canceled_run_ends_its_gold_rows_too()
    {
        await using var trial = await EvalTrial.StartAsync(EvalTrial.Set(6), goldRows: 2, rows: 10);
        await Should.ThrowAsync<KilledException>(() => trial.RunAsync(options =>
        {
            trial.Heard.OnEvent = e => { if (e.Kind == RunEventKind.BatchSettled) throw new KilledException(); };
            return options;
        }));
        trial.Heard.OnEvent = null;

        var end = (await trial.CancelAsync()).ShouldNotBeNull();

        (end.Outcome, end.Ledger.Open).ShouldBe((RunOutcome.Canceled, 0));
        await trial.BooksShouldBalanceAsync();
        await using var store = trial.Read();
        var gold = (await store.GoldLedgerAsync(end.Run.Id, Stop)).ShouldNotBeNull();
        (gold.Open, gold.Balances).ShouldBe((0, true));
    }

    [Fact]
    public async Task A_batch_whose_results_are_gone_loses_its_gold_rows_on_their_own_line()
    {
        await using var trial = await EvalTrial.StartAsync(EvalTrial.Set(6), goldRows: 2, rows: 4);
        await Should.ThrowAsync<KilledException>(() => trial.RunAsync(options =>
        {
            trial.Heard.OnEvent = e => { if (e.Kind == RunEventKind.BatchCreated) throw new KilledException(); };
            return options;
        }));

        await using var store = SqliteStore.Open(StoreFolder.Of(trial.Job), "a test", TimeProvider.System);
        (await store.LoseBatchAsync(1, "API.BATCH_GONE", Stop)).ShouldBeTrue();

        (await store.AuditAsync(1, Stop)).ShouldBeEmpty();
        (await store.LedgerAsync(1, Stop)).Errored.ShouldBe(4);
        (await store.GoldLedgerAsync(1, Stop))!.Errored.ShouldBe(2);
    }

    [Fact]
    public async Task A_run_that_died_before_its_grade_was_kept_is_graded_by_the_next_call()
    {
        await using var trial = await EvalTrial.StartAsync(EvalTrial.Set(6), goldRows: 2, rows: 6);
        await Should.ThrowAsync<KilledException>(() => trial.RunAsync(options =>
        {
            trial.Heard.OnEvent = e => { if (e.Kind == RunEventKind.Finished) throw new KilledException(); };
            return options;
        }));
        trial.Heard.OnEvent = null;

        (await trial.RunAsync()).Outcome.ShouldBe(RunOutcome.NothingToDo);

        await using var store = trial.Read();
        (await store.GradesAsync("catalog", Stop)).ShouldHaveSingleItem().Source.ShouldBe(GradeSource.Gold);
    }

    [Fact]
    public async Task A_case_about_a_row_that_changed_does_not_ride()
    {
        var set = EvalTrial.Set(4, with: (i, one) => i == 2 ? one with { InputHash = new string('0', 32) } : i == 3 ? one with { Key = "nowhere" } : one);
        await using var trial = await EvalTrial.StartAsync(set, goldRows: 4, rows: 20);

        var end = await trial.RunAsync();

        (await EvalTrial.GoldAsync(trial, end.Run)).Select(row => GoldRun.CaseOf(row.Key)).Distinct().ShouldBe(["p-00001", "p-00004"], ignoreOrder: true);
    }

    [Fact]
    public async Task A_run_keeps_the_set_it_was_opened_with()
    {
        await using var trial = await EvalTrial.StartAsync(EvalTrial.Set(4), goldRows: 2, rows: 6);
        await Should.ThrowAsync<KilledException>(() => trial.RunAsync(options =>
        {
            trial.Heard.OnEvent = e => { if (e.Kind == RunEventKind.Opened) throw new KilledException(); };
            return options;
        }));
        trial.Heard.OnEvent = null;
        File.Delete(trial.Job.Evals!.SetPath);

        await trial.ShouldBeDoneAsync(await trial.RunAsync());
        var refused = await Should.ThrowAsync<MusterException>(() => trial.RunAsync(options => options with { Anew = true }));
        refused.Message.ShouldContain("gold.evalset.jsonl cannot be read");
    }

    [Fact]
    public async Task A_purge_takes_the_gold_rows_and_the_books_still_balance()
    {
        await using var trial = await EvalTrial.StartAsync(EvalTrial.Set(6, with: (i, one) => one with { MustPass = i == 1 }), goldRows: 2, rows: 12);
        var end = await trial.RunAsync();
        var asked = (await EvalTrial.GoldAsync(trial, end.Run)).Count(row => GoldRun.CaseOf(row.Key) == "p-00001");
        asked.ShouldBeGreaterThan(1, "a must-pass case is in every batch");

        await using (var store = SqliteStore.Open(StoreFolder.Of(trial.Job), "a test", TimeProvider.System))
        {
            var purger = new Purger(store, new PurgeOptions { Chance = Chance.Seeded(9) });
            (await purger.ApplyAsync("r-1", ["p-00001"], Stop)).Rows.ShouldBe(asked + 1);
            (await store.AuditAsync(1, Stop)).ShouldBeEmpty();
            (await new Reconciler(store, TimeProvider.System).ReconcileAsync(null, "not asked", null, Stop)).Balances.ShouldBeTrue();
            (await store.GradesAsync("catalog", Stop)).Single().Grade.Cases.ShouldNotContain(one => one.Key == "p-00001");
            await purger.ApplyAsync("r-1", null, Stop);
            (await new Reconciler(store, TimeProvider.System).ReconcileAsync(null, "not asked", null, Stop)).Balances.ShouldBeTrue();
            (await store.EvalSetAsync(1, Stop))!.Body.IsEmpty.ShouldBeTrue();
        }

        (await EvalTrial.GoldAsync(trial, end.Run)).ShouldAllBe(row => row.Input.IsEmpty && row.Output.IsEmpty);
    }

    [Fact]
    public async Task Without_evals_or_with_none_in_a_batch_no_gold_row_rides()
    {
        await using var trial = await EvalTrial.StartAsync(EvalTrial.Set(6), goldRows: 0);

        var end = await trial.RunAsync();

        (end.Run.CarriesGold, trial.Api.Truth.RequestsAccepted).ShouldBe((false, 24));
    }

    private static EvalCase Own(string key, string name) => EvalTrial.Set(1).Cases[0] with { Key = key, Input = new Dictionary<string, string> { ["name"] = name } };
}
