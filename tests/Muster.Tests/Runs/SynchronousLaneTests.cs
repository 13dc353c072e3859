using Microsoft.Data.Sqlite;
using Muster.Batches;
using Muster.Claude;
using Muster.Jobs;
using Muster.Runs;
using Muster.Simulator.Faults;
using Muster.Stores;
using Muster.Stores.Sqlite;
using Muster.Verdicts;

namespace Muster.Tests.Runs;

/// <summary>Rows whose batches expire every time, and the calls of their own that a job with a <c>fallback</c> makes for them.</summary>
public sealed class SynchronousLaneTests
{
    private const int Rows = 9;
    private const int Late = 4;

    /// <summary>Rows 1 to 4 expire in every batch.</summary>
    private static FaultPlan Expiring(params IReadOnlyList<CallFault> calls) => new()
    {
        Rows = [.. Enumerable.Range(1, Late).Select(i => new RowRule { Contains = $"number {i}", Outcome = "expired" })], Calls = calls,
    };

    private static CallFault Messages(CallFaultKind kind, int status = 500, FaultBody body = FaultBody.Json, int first = 0, params IReadOnlyList<int> nth) =>
        new() { Endpoint = "messages", Fault = kind, Status = status, Body = body, First = first, Nth = nth };

    private static Task<Trial> StartAsync(FaultPlan faults, decimal? usd = 1, int concurrent = 2) => Trial.StartAsync(
        faults,
        job => job with
        {
            Limits = job.Limits with { Attempts = 2 }, Fallback = usd is { } cap ? new FallbackSpec(cap) { Concurrent = concurrent } : null,
        },
        Some.Rows(Rows));

    private static async Task<LaneUse> LaneAsync(Trial trial, RunEnd end)
    {
        await using var store = trial.Read();
        return await store.LaneUseAsync(end.Run.Id);
    }

    /// <summary>Nothing was answered twice, and everything that was answered is in the books or counted as lost.</summary>
    private static async Task ShouldBalanceAsync(Trial trial, RunEnd end)
    {
        await trial.BooksShouldBalanceAsync();
        var truth = trial.Api.Truth;
        truth.MessagesRepeated.ShouldBe(0);
        var lane = await LaneAsync(trial, end);
        (truth.MessagesAnswered - lane.Succeeded).ShouldBeInRange(0, lane.Lost);
    }

    [Fact]
    public async Task Rows_that_batches_never_answered_are_asked_once_more_at_the_full_price()
    {
        await using var trial = await StartAsync(Expiring());

        var end = await trial.RunAsync();

        end.Outcome.ShouldBe(RunOutcome.Done, end.Why);
        (end.Ledger.Expired, end.Ledger.Succeeded + end.Ledger.HumanQueued).ShouldBe((0, Rows));
        await ShouldBalanceAsync(trial, end);
        var truth = trial.Api.Truth;
        (truth.MessagesAnswered, truth.PairsAccepted).ShouldBe((Late, Rows + Late));
        await using var store = trial.Read();
        var usage = await store.UsageAsync(end.Run.Id);
        usage.Sum(u => u.OutputTokens).ShouldBe(truth.OutputTokens + truth.MessageOutputTokens);
        var lane = await store.LaneUseAsync(end.Run.Id);
        (lane.Requests, lane.Succeeded, lane.Lost).ShouldBe((Late, Late, 0));
        lane.CostPicoUsd.ShouldBeGreaterThan(0);
        // Each batch request saves half of its synchronous price, a call of the lane nothing.
        (usage.Sum(u => u.SyncPicoUsd) - usage.Sum(u => u.CostPicoUsd)).ShouldBe((usage.Sum(u => u.SyncPicoUsd) - lane.CostPicoUsd) / 2);
        var waves = (await store.BatchesAsync(end.Run.Id)).Where(batch => batch.Lane == Lane.Synchronous).ToList();
        waves.Select(batch => (batch.Requests, batch.State, batch.RemoteId, batch.Archive!.Lines)).ShouldBe([(2, BatchState.Settled, null, 2), (2, BatchState.Settled, null, 2)]);
    }

    [Fact]
    public async Task Without_a_fallback_they_end_expired()
    {
        await using var trial = await StartAsync(Expiring(), usd: null);

        var end = await trial.RunAsync();

        end.Ledger.Expired.ShouldBe(Late);
        trial.Api.Truth.MessagesAnswered.ShouldBe(0);
        await trial.ShouldBeDoneAsync(end);
    }

    [Theory]
    [InlineData(CallFaultKind.ResetAfter, 0, FaultBody.Json)]
    [InlineData(CallFaultKind.CutBody, 0, FaultBody.Json)]
    [InlineData(CallFaultKind.StatusAfter, 502, FaultBody.Html)]
    [InlineData(CallFaultKind.StatusAfter, 504, FaultBody.Empty)]
    [InlineData(CallFaultKind.StatusAfter, 500, FaultBody.Json)]
    [InlineData(CallFaultKind.GarbageBody, 0, FaultBody.Json)]
    [InlineData(CallFaultKind.UnknownShape, 0, FaultBody.Json)]
    public async Task A_call_without_a_reply_is_not_made_again_and_its_row_says_so(CallFaultKind kind, int status, FaultBody body)
    {
        await using var trial = await StartAsync(Expiring(Messages(kind, status, body, nth: 2)));

        var end = await trial.RunAsync();

        end.Outcome.ShouldBe(RunOutcome.Done, end.Why);
        end.Ledger.Errored.ShouldBe(1);
        trial.Api.Truth.MessagesAnswered.ShouldBe(Late);
        await ShouldBalanceAsync(trial, end);
        (await LaneAsync(trial, end)).Lost.ShouldBe(1);
        await using var store = trial.Read();
        (await store.ReasonsAsync(end.Run.Id)).ShouldContain(new ReasonCount(RowState.Errored, "RTE.FALLBACK_FAILED.reply_lost", 1));
    }

    [Theory]
    [InlineData(429, CallFaultKind.Status)]
    [InlineData(529, CallFaultKind.Status)]
    [InlineData(429, CallFaultKind.RampLimit)]
    public async Task A_call_that_the_API_does_not_take_is_made_again_until_it_does(int status, CallFaultKind kind)
    {
        await using var trial = await StartAsync(Expiring(Messages(kind, status, first: 3)));

        var end = await trial.RunAsync();

        end.Outcome.ShouldBe(RunOutcome.Done, end.Why);
        (end.Ledger.Succeeded + end.Ledger.HumanQueued).ShouldBe(Rows);
        trial.Api.Truth.MessagesAnswered.ShouldBe(Late);
        await ShouldBalanceAsync(trial, end);
        trial.Heard.Count(RunEventKind.BatchWithdrawn).ShouldBe(1, "the first wave of two was turned away whole");
    }

    [Fact]
    public async Task Waves_without_any_reply_pause_the_run_after_the_third_and_stay_reserved()
    {
        await using var trial = await StartAsync(Expiring(Messages(CallFaultKind.ResetAfter, first: 100)), concurrent: 1);

        var end = await trial.RunAsync();

        end.Outcome.ShouldBe(RunOutcome.Paused);
        end.Why.ShouldNotBeNull().ShouldStartWith(Reasons.FallbackFailed);
        (end.Ledger.Errored, end.Ledger.Open).ShouldBe((3, 1));
        await ShouldBalanceAsync(trial, end);
        // What the three may have cost counts against the cap, so that there is no room for the fourth.
        trial.Job = trial.Job with { Fallback = new FallbackSpec(0.002m) { Concurrent = 1 } };
        end = await trial.RunAsync();
        end.Why.ShouldNotBeNull().ShouldStartWith(Reasons.CostCap);
        trial.Api.Truth.MessagesAnswered.ShouldBe(3);
        trial.Job = trial.Job with { Fallback = new FallbackSpec(1) };
        trial.Api.Faults = Expiring();
        end = await trial.RunAsync();
        end.Outcome.ShouldBe(RunOutcome.Done, end.Why);
        await ShouldBalanceAsync(trial, end);
    }

    [Theory]
    [InlineData(400)]
    [InlineData(404)]
    [InlineData(407)]
    public async Task A_refusal_in_words_that_are_not_the_APIs_blames_no_row_and_pauses(int status)
    {
        await using var trial = await StartAsync(Expiring(Messages(CallFaultKind.Status, status, FaultBody.Html, first: 100)));

        var end = await trial.RunAsync();

        end.Outcome.ShouldBe(RunOutcome.Paused);
        end.Why.ShouldNotBeNull().ShouldStartWith(Reasons.CreateRejected);
        (end.Ledger.Quarantined, end.Ledger.Open).ShouldBe((0, Late));
        trial.Api.Faults = Expiring();
        end = await trial.RunAsync();
        end.Outcome.ShouldBe(RunOutcome.Done, end.Why);
        await ShouldBalanceAsync(trial, end);
    }

    [Fact]
    public async Task A_request_that_the_API_refuses_is_quarantined_and_costs_nothing()
    {
        await using var trial = await StartAsync(Expiring(Messages(CallFaultKind.Status, 400, nth: 1)));

        var end = await trial.RunAsync();

        end.Ledger.Quarantined.ShouldBe(1);
        await ShouldBalanceAsync(trial, end);
        trial.Api.Truth.MessagesAnswered.ShouldBe(Late - 1);
        (await LaneAsync(trial, end)).Lost.ShouldBe(0);
    }

    [Theory]
    [InlineData(CallFaultKind.Status, 401)]
    [InlineData(CallFaultKind.Status, 402)]
    [InlineData(CallFaultKind.SpendCap, 0)]
    [InlineData(CallFaultKind.UsageLimit, 0)]
    public async Task An_account_cause_pauses_the_run_and_spends_no_attempt(CallFaultKind kind, int status)
    {
        await using var trial = await StartAsync(Expiring(Messages(kind, status, first: 100)));

        var end = await trial.RunAsync();

        end.Outcome.ShouldBe(RunOutcome.Paused);
        end.Why.ShouldNotBeNull().ShouldStartWith(Reasons.Account);
        end.Ledger.Open.ShouldBe(Late);
        trial.Api.Faults = Expiring();
        end = await trial.RunAsync();
        end.Outcome.ShouldBe(RunOutcome.Done, end.Why);
        (end.Ledger.Succeeded + end.Ledger.HumanQueued).ShouldBe(Rows);
        await ShouldBalanceAsync(trial, end);
    }

    [Fact]
    public async Task The_lanes_own_cap_is_kept_and_said_and_raising_it_resumes()
    {
        await using var trial = await StartAsync(Expiring(), usd: 0.0005m, concurrent: 1);

        var end = await trial.RunAsync();

        end.Outcome.ShouldBe(RunOutcome.Paused);
        end.Why.ShouldNotBeNull().ShouldStartWith(Reasons.CostCap);
        end.Why.ShouldContain("fallback.usd");
        (await LaneAsync(trial, end)).CostPicoUsd.ShouldBeLessThanOrEqualTo(Usd.ToPico(0.0005m));
        trial.Job = trial.Job with { Fallback = new FallbackSpec(1) };
        end = await trial.RunAsync();
        end.Outcome.ShouldBe(RunOutcome.Done, end.Why);
        await ShouldBalanceAsync(trial, end);
    }

    [Fact]
    public async Task The_jobs_cap_holds_in_the_lane_too()
    {
        await using var trial = await StartAsync(Expiring(Messages(CallFaultKind.Status, 402, first: 100)));
        var end = await trial.RunAsync();
        await using (var store = trial.Read())
            trial.Job = trial.Job with { Budget = new BudgetSpec(Usd.Of((await store.UsageAsync(end.Run.Id)).Sum(usage => usage.CostPicoUsd)) + 0.0001m) };
        trial.Api.Faults = Expiring();

        end = await trial.RunAsync();

        end.Outcome.ShouldBe(RunOutcome.Paused);
        end.Why.ShouldNotBeNull().ShouldContain("budget.usd");
        trial.Api.Truth.MessagesAnswered.ShouldBe(0);
        await trial.BooksShouldBalanceAsync();
    }

    /// <summary>Dies before and after each call to the lane, in every wave.</summary>
    [Fact]
    public async Task Killed_in_a_wave_its_rows_are_errored_and_never_asked_again()
    {
        for (var n = 1; n <= Late; n++)
        {
            foreach (var before in new[] { true, false })
            {
                await using var trial = await StartAsync(Expiring());
                var messages = 0;
                Task Die(HttpRequestMessage request) =>
                    request.RequestUri!.AbsolutePath == "/v1/messages" && ++messages == n ? throw new KilledException() : Task.CompletedTask;
                var wire = new Wire { Before = (_, request) => before ? Die(request) : Task.CompletedTask, After = (_, request) => before ? Task.CompletedTask : Die(request) };
                await Should.ThrowAsync<KilledException>(trial.RunAsync(transport: wire));

                var end = await trial.RunAsync();

                end.Outcome.ShouldBe(RunOutcome.Done, end.Why);
                end.Ledger.Errored.ShouldBe(2, "a wave has two calls");
                (end.Ledger.Succeeded + end.Ledger.HumanQueued).ShouldBe(Rows - 2);
                await ShouldBalanceAsync(trial, end);
                (await LaneAsync(trial, end)).Lost.ShouldBe(2);
            }
        }
    }

    /// <summary>What a lost wave keeps reserved is never settled, and nothing is in flight that might be.</summary>
    [Fact]
    public async Task What_a_lost_wave_keeps_reserved_is_not_waited_for()
    {
        // The second batch is refused for long enough that the lane goes first.
        var refused = new CallFault { Endpoint = "create", Fault = CallFaultKind.Status, Status = 429, Nth = [.. Enumerable.Range(2, 100)] };
        await using var trial = await StartAsync(Expiring(refused), concurrent: Late);
        trial.Job = trial.Job with { Limits = trial.Job.Limits with { Attempts = 1, BatchRows = Rows - 1 } };
        var wire = new Wire { After = (_, request) => request.RequestUri!.AbsolutePath == "/v1/messages" ? throw new KilledException() : Task.CompletedTask };
        await Should.ThrowAsync<KilledException>(trial.RunAsync(transport: wire));
        trial.Api.Faults = Expiring();
        await using (var store = trial.Read())
        {
            (await store.PendingAsync(1, LaneRows.All)).Sum(tier => tier.FirstAsk + tier.Again).ShouldBe(1);
            var spent = (await store.UsageAsync(1)).Sum(usage => usage.CostPicoUsd);
            trial.Job = trial.Job with { Budget = new BudgetSpec(Usd.Of(spent + ReservedPicoUsd(trial))) };
        }

        var end = await trial.RunAsync();

        end.Outcome.ShouldBe(RunOutcome.Paused);
        end.Why.ShouldNotBeNull().ShouldStartWith(Reasons.CostCap);
        (await LaneAsync(trial, end)).Lost.ShouldBe(Late);
        trial.Job = trial.Job with { Budget = new BudgetSpec(1) };
        (await trial.RunAsync()).Outcome.ShouldBe(RunOutcome.Done);
        await trial.BooksShouldBalanceAsync();
    }

    [Fact]
    public async Task Killed_at_each_event_nothing_is_asked_twice()
    {
        for (var n = 1; ; n++)
        {
            await using var trial = await StartAsync(Expiring());
            var heard = 0;
            var died = false;
            trial.Heard.OnEvent = _ =>
            {
                if (++heard == n)
                    throw new KilledException();
            };
            try
            {
                await trial.RunAsync();
            }
            catch (KilledException)
            {
                died = true;
            }

            trial.Heard.OnEvent = null;
            var end = await trial.RunAsync();
            end.Ledger.Open.ShouldBe(0);
            (end.Ledger.Succeeded + end.Ledger.HumanQueued + (await LaneAsync(trial, end)).Lost).ShouldBe(Rows);
            await ShouldBalanceAsync(trial, end);
            if (!died)
                return;
        }
    }

    [Fact]
    public async Task Detached_in_a_wave_its_replies_are_kept()
    {
        await using var trial = await StartAsync(Expiring());
        var wire = new Wire
        {
            Before = (_, request) => request.RequestUri!.AbsolutePath == "/v1/messages" ? trial.Detach.CancelAsync() : Task.CompletedTask,
        };

        await Should.ThrowAsync<OperationCanceledException>(trial.RunAsync(transport: wire, stop: trial.Detach.Token));
        var end = await trial.RunAsync();

        (end.Ledger.Errored, end.Ledger.Succeeded + end.Ledger.HumanQueued).ShouldBe((0, Rows));
        trial.Api.Truth.MessagesAnswered.ShouldBe(Late);
        await ShouldBalanceAsync(trial, end);
    }

    [Fact]
    public async Task A_canceled_run_makes_no_further_calls()
    {
        await using var trial = await StartAsync(Expiring(Messages(CallFaultKind.Status, 402, first: 100)));
        (await trial.RunAsync()).Outcome.ShouldBe(RunOutcome.Paused);
        trial.Api.Faults = Expiring();

        var end = await trial.CancelAsync();

        end.ShouldNotBeNull().Ledger.Canceled.ShouldBe(Late);
        trial.Api.Truth.MessagesAnswered.ShouldBe(0);
        await trial.BooksShouldBalanceAsync();
    }

    private static long ReservedPicoUsd(Trial trial)
    {
        using var connection = new SqliteConnection($"Data Source={Path.Combine(StoreFolder.Of(trial.Job), StoreDefaults.DatabaseName)};Mode=ReadOnly;Pooling=False");
        connection.Open();
        return connection.Scalar<long>("select reserved_pico from batch where lane = 'synchronous'");
    }
}
