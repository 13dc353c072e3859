using Muster.Batches;
using Muster.Runs;
using Muster.Simulator;
using Muster.Simulator.Faults;
using Muster.Verdicts;

namespace Muster.Tests.Runs;

/// <summary>Results that cannot be had hold the run after a bounded time; their rows stay in flight, and the next run tries again.</summary>
public sealed class LostResultsTests
{
    /// <summary>Virtual seconds per second once something is wrong: ten minutes pass in half a second.</summary>
    private const double Fast = 1_200;

    [Fact]
    public async Task Downloads_that_break_off_every_time_hold_the_run_after_the_eighth()
    {
        await using var trial = await Trial.StartAsync(Trial.Calls("results", CallFaultKind.ResetInLine, first: 1000), rows: Some.Rows(6));

        var end = await RunAsync(trial);

        Held(end, Reasons.ResultBroken, 6);
        trial.Heard.Events.Count(e => e.Kind == RunEventKind.Trouble).ShouldBe(8);
        await trial.BooksShouldBalanceAsync();
        trial.Api.Faults = FaultPlan.None;
        await trial.ShouldBeDoneAsync(await RunAsync(trial));
    }

    [Fact]
    public async Task A_batch_that_stays_unknown_to_the_remote_holds_the_run_after_ten_minutes_and_the_others_are_collected()
    {
        await using var trial = await Trial.StartAsync(rows: Some.Rows(13));
        var deleted = "";
        var wire = new Wire
        {
            Before = async (_, request) =>
            {
                if (deleted.Length == 0 && request.RequestUri!.Segments[^1].StartsWith("msgbatch_", StringComparison.Ordinal))
                {
                    deleted = request.RequestUri.Segments[^1];
                    await trial.DeleteByHandAsync(deleted);
                }
            },
        };

        var end = await RunAsync(trial, wire);

        Held(end, Reasons.BatchGone, 7);
        end.Why.ShouldNotBeNull().ShouldContain(deleted);
        end.Why.ShouldNotBeNull().ShouldContain("muster run");
        (end.Ledger.Succeeded + end.Ledger.HumanQueued).ShouldBe(6);
        trial.Heard.Count(RunEventKind.Trouble).ShouldBeGreaterThanOrEqualTo(5);
        await trial.BooksShouldBalanceAsync();
        var again = await RunAsync(trial);
        Held(again, Reasons.BatchGone, 7);
        await EndsByCancelAsync(trial, Reasons.BatchGone, 7);
    }

    [Fact]
    public async Task Results_of_a_batch_that_was_deleted_after_its_end_hold_the_run()
    {
        await using var trial = await Trial.StartAsync(rows: Some.Rows(6));
        trial.Heard.OnEvent = e =>
        {
            if (e.Kind == RunEventKind.BatchEnded)
                trial.DeleteByHandAsync(e.Text.Split(' ')[0]).GetAwaiter().GetResult();
        };

        var end = await RunAsync(trial);

        Held(end, Reasons.BatchGone, 6);
        await trial.BooksShouldBalanceAsync();
    }

    [Theory]
    [InlineData(404)]
    [InlineData(400)]
    public async Task Results_that_the_remote_has_removed_hold_the_run_at_once(int status)
    {
        await using var trial = await Trial.StartAsync(rows: Some.Rows(6),
            simulator: new SimulatorOptions { Instant = true, Speed = 1, Wire = new WireSwitches { ArchivedResultsStatus = status } });
        trial.Heard.OnEvent = e =>
        {
            if (e.Kind == RunEventKind.BatchEnded)
                trial.Api.Clock.Advance(TimeSpan.FromDays(29.5));
        };

        var end = await RunAsync(trial);

        Held(end, Reasons.ResultMissing + ".gone", 6);
        trial.Heard.Count(RunEventKind.Trouble).ShouldBe(0);
        await trial.BooksShouldBalanceAsync();
        await EndsByCancelAsync(trial, Reasons.ResultMissing + ".gone", 6);
    }

    [Fact]
    public async Task Refusals_of_results_that_pass_within_the_hour_are_waited_out()
    {
        await using var trial = await Trial.StartAsync(Trial.Calls("results", CallFaultKind.Status, first: 9), rows: Some.Rows(6));

        await trial.ShouldBeDoneAsync(await RunAsync(trial));
    }

    /// <summary>What the message says: a cancel ends the run without them, and the next run asks every row again.</summary>
    private static async Task EndsByCancelAsync(Trial trial, string reason, int lost)
    {
        trial.Heard.OnEvent = null;
        (await Runner.RequestCancelAsync(trial.Job)).ShouldNotBeNull();
        var end = await RunAsync(trial);
        end.Outcome.ShouldBe(RunOutcome.Canceled, end.Why);
        (end.Ledger.Errored, end.Ledger.InFlight).ShouldBe((lost, 0));
        await using (var store = trial.Read())
        {
            (await store.ReasonsAsync(end.Run.Id)).ShouldContain(count => count.Reason == reason && count.Rows == lost);
            (await store.BatchesAsync(end.Run.Id)).ShouldContain(batch => batch.State == BatchState.Lost);
        }

        await trial.BooksShouldBalanceAsync();
        var anew = await RunAsync(trial);
        anew.Run.Id.ShouldNotBe(end.Run.Id);
        anew.Outcome.ShouldBe(RunOutcome.Done, anew.Why);
        anew.Ledger.Open.ShouldBe(0);
    }

    private static void Held(RunEnd end, string reason, int inFlight)
    {
        end.Outcome.ShouldBe(RunOutcome.Held, end.Why);
        end.ExitCode.ShouldBe(ExitCodes.Unbalanced);
        end.Run.State.ShouldBe(RunState.Held);
        end.Run.Why.ShouldBe(end.Why);
        end.Why.ShouldNotBeNull().ShouldStartWith(reason + ":");
        end.Ledger.InFlight.ShouldBe(inFlight);
    }

    private static Task<RunEnd> RunAsync(Trial trial, HttpMessageHandler? transport = null)
    {
        trial.Hurry(Fast, RunEventKind.Trouble, RunEventKind.BatchArchived);
        return trial.RunAsync(options => options with { Time = trial.Api.Clock, PollInterval = null }, transport);
    }
}
