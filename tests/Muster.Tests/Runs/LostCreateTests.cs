using Muster.Runs;
using Muster.Simulator;
using Muster.Simulator.Faults;

namespace Muster.Tests.Runs;

/// <summary>A create whose reply is lost is found in the list and adopted, or believed absent; it is never sent again blindly.</summary>
public sealed class LostCreateTests
{
    public static TheoryData<CallFaultKind, int> Losses => new()
    {
        { CallFaultKind.ResetBefore, 0 }, { CallFaultKind.ResetAfter, 0 }, { CallFaultKind.CutBody, 0 },
        { CallFaultKind.StatusAfter, 500 }, { CallFaultKind.StatusAfter, 529 }, { CallFaultKind.StatusAfter, 408 },
        { CallFaultKind.StatusAfter, 409 }, { CallFaultKind.Status, 500 }, { CallFaultKind.Status, 504 },
    };

    [Theory]
    [MemberData(nameof(Losses))]
    public async Task A_lost_reply_costs_nothing_twice(CallFaultKind kind, int status)
    {
        await using var trial = await Trial.StartAsync(Trial.Calls("create", kind, first: 2, status: status));

        var end = await trial.RunAsync();

        await trial.ShouldBeDoneAsync(end);
    }

    [Theory]
    [InlineData(CallFaultKind.ResetAfter)]
    [InlineData(CallFaultKind.CutBody)]
    public async Task Replies_of_batches_with_one_count_are_lost_together(CallFaultKind kind)
    {
        // One row to a batch: every count is taken, so nothing but the tag tells them apart.
        await using var trial = await Trial.StartAsync(Trial.Calls("create", kind, first: 100),
            job => job with { Limits = job.Limits with { BatchRows = 1 } }, Some.Rows(5));

        var end = await trial.RunAsync();

        await trial.ShouldBeDoneAsync(end);
        trial.Api.Truth.RequestsAccepted.ShouldBe(trial.Api.Truth.PairsAccepted);
    }

    [Fact]
    public async Task A_batch_that_one_intent_took_by_mistake_is_found_by_the_intent_that_made_it()
    {
        // The first create made nothing, the second made a batch of the same count: the first intent adopts it until its tag says no.
        await using var trial = await Trial.StartAsync(new FaultPlan
        {
            Calls =
            [
                new CallFault { Endpoint = "create", Nth = [1], Fault = CallFaultKind.Status },
                new CallFault { Endpoint = "create", Nth = [2], Fault = CallFaultKind.ResetAfter },
            ],
        }, job => job with { Limits = job.Limits with { BatchRows = 1 } }, Some.Rows(2));

        var end = await trial.RunAsync();

        await trial.ShouldBeDoneAsync(end);
        trial.Heard.Count(RunEventKind.BatchReleased).ShouldBe(1);
        trial.Heard.Count(RunEventKind.BatchWithdrawn).ShouldBe(1);
        trial.Api.Truth.RequestsAccepted.ShouldBe(2);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_foreign_batch_of_the_same_count_is_let_go_by_its_tag(bool created)
    {
        await using var trial = await Trial.StartAsync(
            Trial.Calls("create", created ? CallFaultKind.ResetAfter : CallFaultKind.Status), rows: Some.Rows(3));
        var wire = new Wire
        {
            // After the first create is lost, others create batches of the same count.
            Before = async (call, request) =>
            {
                if (request.Method == HttpMethod.Get && trial.Heard.Count(RunEventKind.BatchUnknown) == 1 && trial.Api.Truth.CreateCalls < 3)
                {
                    await trial.ForeignBatchAsync(3);
                    await trial.ForeignBatchAsync(3);
                }
            },
        };

        var end = await trial.RunAsync(transport: wire);

        end.Outcome.ShouldBe(RunOutcome.Done, end.Why);
        await trial.BooksShouldBalanceAsync();
        // Of several that fit, the order of looking decides whether a foreign one is seen before ours is proven.
        if (created)
            trial.Heard.Count(RunEventKind.BatchAdopted).ShouldBeGreaterThan(0);
        else
            trial.Heard.Count(RunEventKind.BatchReleased).ShouldBeGreaterThan(0);
    }

    [Fact]
    public async Task A_batch_that_appears_late_is_waited_for()
    {
        await using var trial = await Trial.StartAsync(
            Trial.Calls("create", CallFaultKind.ResetAfter) with { AppearsAfterSeconds = 0.4 }, rows: Some.Rows(3));

        var end = await trial.RunAsync(options => options with { QuietPeriod = TimeSpan.FromSeconds(2) });

        await trial.ShouldBeDoneAsync(end);
        trial.Heard.Count(RunEventKind.BatchAdopted).ShouldBe(1);
        trial.Heard.Count(RunEventKind.BatchWithdrawn).ShouldBe(0);
    }

    [Theory]
    [InlineData(24)]
    [InlineData(-24)]
    public async Task A_clock_that_was_set_does_not_shorten_the_quiet_period(int hours)
    {
        await using var trial = await Trial.StartAsync(
            Trial.Calls("create", CallFaultKind.ResetAfter) with { AppearsAfterSeconds = 3 }, rows: Some.Rows(3));
        var before = await trial.RunAsync(options => options with { QuietPeriod = TimeSpan.FromSeconds(6), Timeout = TimeSpan.FromMilliseconds(200) });
        before.Outcome.ShouldBe(RunOutcome.StillProcessing);

        var end = await trial.RunAsync(options => options with { QuietPeriod = TimeSpan.FromSeconds(6), Time = new SetClock(TimeSpan.FromHours(hours)) });

        await trial.ShouldBeDoneAsync(end);
        trial.Heard.Count(RunEventKind.BatchAdopted).ShouldBe(1);
        trial.Heard.Count(RunEventKind.BatchWithdrawn).ShouldBe(0);
    }

    private sealed class SetClock(TimeSpan by) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + by;
    }

    [Fact]
    public async Task Absence_is_not_believed_before_the_quiet_period()
    {
        await using var trial = await Trial.StartAsync(Trial.Calls("create", CallFaultKind.Status), rows: Some.Rows(3));

        var end = await trial.RunAsync(options => options with { QuietPeriod = TimeSpan.FromMinutes(15), Timeout = TimeSpan.FromMilliseconds(800) });

        end.Outcome.ShouldBe(RunOutcome.StillProcessing);
        end.Ledger.InFlight.ShouldBe(3);
        trial.Heard.Count(RunEventKind.BatchSealed).ShouldBe(1);
    }

    [Fact]
    public async Task Canceling_while_a_create_is_unknown_finds_it_first()
    {
        await using var trial = await Trial.StartAsync(Trial.Calls("create", CallFaultKind.ResetAfter), rows: Some.Rows(3),
            simulator: new SimulatorOptions { TimeToEndMin = TimeSpan.FromSeconds(2), TimeToEndMax = TimeSpan.FromSeconds(2) });
        trial.Heard.OnEvent = e =>
        {
            if (e.Kind == RunEventKind.BatchUnknown)
                throw new KilledException();
        };
        await Should.ThrowAsync<KilledException>(() => trial.RunAsync());
        trial.Heard.OnEvent = null;

        var end = await trial.CancelAsync();

        end!.Outcome.ShouldBe(RunOutcome.Canceled);
        end.Ledger.Open.ShouldBe(0);
        trial.Heard.Count(RunEventKind.BatchAdopted).ShouldBe(1);
        await trial.BooksShouldBalanceAsync();
    }

    [Fact]
    public async Task A_candidate_without_proof_is_never_canceled()
    {
        await using var trial = await Trial.StartAsync(Trial.Calls("create", CallFaultKind.Status), rows: Some.Rows(3),
            simulator: new SimulatorOptions { TimeToEndMin = TimeSpan.FromSeconds(1), TimeToEndMax = TimeSpan.FromSeconds(1) });
        trial.Heard.OnEvent = e =>
        {
            if (e.Kind == RunEventKind.BatchUnknown)
                throw new KilledException();
        };
        await Should.ThrowAsync<KilledException>(() => trial.RunAsync());
        trial.Heard.OnEvent = null;
        await trial.ForeignBatchAsync(3);

        var end = await trial.CancelAsync();

        end!.Outcome.ShouldBe(RunOutcome.Canceled);
        trial.Heard.Count(RunEventKind.BatchReleased).ShouldBe(1);
        // All three foreign rows were answered: nobody canceled them.
        trial.Api.Truth.RowsBilled.ShouldBe(3);
    }

    /// <summary>Cut off on their way, or let through and never heard of again.</summary>
    [Theory]
    [InlineData(CallFaultKind.ResetBefore)]
    [InlineData(CallFaultKind.Status)]
    public async Task Creates_that_never_arrive_pause_the_run_after_eight_and_running_again_counts_anew(CallFaultKind kind)
    {
        await using var trial = await Trial.StartAsync(Trial.Calls("create", kind, first: 1_000), rows: Some.Rows(3));

        for (var time = 1; time <= 2; time++)
        {
            var paused = await trial.RunAsync();

            paused.Outcome.ShouldBe(RunOutcome.Paused, paused.Why);
            paused.ExitCode.ShouldBe(ExitCodes.Error);
            paused.Why.ShouldNotBeNull().ShouldStartWith("API.CREATE_LOST: 8 creates in a row never arrived");
            paused.Run.State.ShouldBe(RunState.Paused);
            paused.Run.Why.ShouldBe(paused.Why);
            (paused.Ledger.Pending, paused.Ledger.InFlight).ShouldBe((3, 0));
            trial.Heard.Count(RunEventKind.BatchWithdrawn).ShouldBe(8 * time);
            trial.Heard.Count(RunEventKind.Paused).ShouldBe(time);
            await trial.BooksShouldBalanceAsync();
        }

        trial.Api.Faults = FaultPlan.None;
        await trial.ShouldBeDoneAsync(await trial.RunAsync());
        trial.Api.Truth.RequestsAccepted.ShouldBe(3);
    }

    [Fact]
    public async Task What_arrived_is_collected_before_a_run_pauses_whose_other_creates_never_do()
    {
        await using var trial = await Trial.StartAsync(new FaultPlan
        {
            Calls = [new CallFault { Endpoint = "create", Nth = [.. Enumerable.Range(2, 1_000)], Fault = CallFaultKind.Status }],
        });

        var end = await trial.RunAsync();

        end.Outcome.ShouldBe(RunOutcome.Paused, end.Why);
        end.Ledger.Open.ShouldBe(20 - trial.Api.Truth.RequestsAccepted);
        trial.Heard.Count(RunEventKind.BatchSettled).ShouldBe(1);
        trial.Api.Faults = FaultPlan.None;
        await trial.ShouldBeDoneAsync(await trial.RunAsync());
        trial.Api.Truth.RequestsAccepted.ShouldBe(trial.Api.Truth.PairsAccepted);
    }

    [Fact]
    public async Task Nothing_is_lost_while_the_service_cannot_be_reached()
    {
        await using var trial = await Trial.StartAsync();
        var wire = new Wire
        {
            Before = (call, _) => call is > 3 and < 12 ? throw new HttpRequestException("connection refused") : Task.CompletedTask,
        };

        var end = await trial.RunAsync(transport: wire);

        await trial.ShouldBeDoneAsync(end);
    }
}
