using Muster.Batches;
using Muster.Runs;
using Muster.Simulator;
using Muster.Simulator.Faults;
using Muster.Verdicts;

namespace Muster.Tests.Runs;

/// <summary>What lasts for hours of the remote's clock: polls that fail, and a batch that the 24 hours overtake.</summary>
public sealed class LongFaultTests
{
    private const double Fast = 2_400;

    [Theory]
    [InlineData(CallFaultKind.Status, 500, RunEventKind.Trouble)]
    [InlineData(CallFaultKind.Status, 529, RunEventKind.Trouble)]
    [InlineData(CallFaultKind.ResetBefore, 0, RunEventKind.Waiting)]
    [InlineData(CallFaultKind.ResetAfter, 0, RunEventKind.Waiting)]
    public async Task Polls_that_fail_for_an_hour_are_waited_out_and_nothing_is_asked_twice(CallFaultKind kind, int status, RunEventKind told)
    {
        await using var trial = await Trial.StartAsync(Trial.Calls("retrieve", kind, first: 100_000, status), rows: Some.Rows(6));
        DateTimeOffset? began = null;
        var polls = 0;
        var wire = new Wire
        {
            Before = (_, request) =>
            {
                if (!request.RequestUri!.Segments[^1].StartsWith("msgbatch_", StringComparison.Ordinal))
                    return Task.CompletedTask;
                began ??= trial.Api.Clock.GetUtcNow();
                if (trial.Api.Clock.GetUtcNow() - began >= TimeSpan.FromHours(1))
                    trial.Api.Faults = FaultPlan.None;
                else
                    polls++;
                return Task.CompletedTask;
            },
        };
        trial.Hurry(Fast, told, RunEventKind.BatchEnded);

        var end = await trial.RunAsync(options => options with { Time = trial.Api.Clock, PollInterval = null }, wire);

        await trial.ShouldBeDoneAsync(end);
        // Doubling from 10 s to 5 min: about 16 of them in an hour.
        polls.ShouldBeInRange(8, 30);
        trial.Api.Faults.ShouldBe(FaultPlan.None);
        (trial.Api.Truth.CreateCalls, trial.Api.Truth.RequestsAccepted).ShouldBe((1, 6));
    }

    [Fact]
    public async Task A_404_that_lasts_holds_the_run_and_running_again_goes_on()
    {
        await using var trial = await Trial.StartAsync(Trial.Calls("retrieve", CallFaultKind.FalseNotFound, first: 100_000), rows: Some.Rows(6));
        trial.Hurry(Fast, RunEventKind.Trouble, RunEventKind.BatchEnded);
        var began = trial.Api.Clock.GetUtcNow();

        var end = await trial.RunAsync(options => options with { Time = trial.Api.Clock, PollInterval = null });

        (end.Outcome, end.Run.State, end.Ledger.InFlight).ShouldBe((RunOutcome.Held, RunState.Held, 6));
        end.Why.ShouldNotBeNull().ShouldStartWith(Reasons.BatchGone);
        end.Why.ShouldContain("`muster run` asks for it again");
        (trial.Api.Clock.GetUtcNow() - began).ShouldBeInRange(TimeSpan.FromMinutes(10), TimeSpan.FromHours(1));
        trial.Api.Clock.Advance(TimeSpan.FromHours(1));
        trial.Api.Faults = FaultPlan.None;
        await trial.ShouldBeDoneAsync(await trial.RunAsync());
        trial.Api.Truth.RequestsAccepted.ShouldBe(6);
    }

    [Fact]
    public async Task A_batch_that_expires_half_way_has_only_its_expired_rows_asked_again()
    {
        // A batch would take 48 hours: at 24 about half of its rows are answered and the rest expires.
        await using var trial = await Trial.StartAsync(job: job => job with { Limits = job.Limits with { BatchRows = 100, Attempts = 12 } },
            simulator: new SimulatorOptions { TimeToEndMin = TimeSpan.FromHours(48), TimeToEndMax = TimeSpan.FromHours(48) });
        trial.Heard.OnEvent = e =>
        {
            if (e.Kind == RunEventKind.BatchCreated)
                trial.Api.Clock.Advance(TimeSpan.FromHours(24) + TimeSpan.FromSeconds(1));
        };

        var end = await trial.RunAsync();

        await trial.ShouldBeDoneAsync(end);
        (end.Ledger.Succeeded + end.Ledger.HumanQueued).ShouldBe(20);
        await using var store = trial.Read();
        var batches = await store.BatchesAsync(end.Run.Id);
        var counts = batches.Select(batch => batch.Remote.ShouldNotBeNull().Counts).ToList();
        counts[0].Succeeded.ShouldBeInRange(4, 16);
        counts.ShouldAllBe(count => count.Succeeded + count.Expired == count.Total);
        batches.Skip(1).Select(batch => batch.Requests).ShouldBe(counts.SkipLast(1).Select(count => count.Expired));
        counts[^1].Expired.ShouldBe(0);
        batches.ShouldAllBe(batch => batch.State == BatchState.Settled);
        trial.Api.Truth.RowsBilled.ShouldBe(20);
        trial.Api.Truth.RequestsAccepted.ShouldBe(counts.Sum(count => count.Total));
        (await store.UsageAsync(end.Run.Id)).Sum(usage => usage.Requests).ShouldBe(20);
    }
}
