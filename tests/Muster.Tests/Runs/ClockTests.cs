using Muster.Batches;
using Muster.Claude;
using Muster.Runs;
using Muster.Simulator;
using Muster.Simulator.Faults;

namespace Muster.Tests.Runs;

/// <summary>This machine's clock may be set: nothing is sent sooner, later or twice because of it.</summary>
public sealed class ClockTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(-1)]
    public async Task A_clock_that_jumps_by_a_day_neither_shortens_nor_stretches_the_quiet_period(int days)
    {
        // 3 minutes until the batch appears and 15 minutes of quiet.
        await using var trial = await Trial.StartAsync(
            Trial.Calls("create", CallFaultKind.ResetAfter) with { AppearsAfterSeconds = 180 }, rows: Some.Rows(3));
        trial.Hurry(240, RunEventKind.BatchUnknown, RunEventKind.BatchAdopted, RunEventKind.BatchWithdrawn);
        var time = new SetClock(trial.Api.Clock);
        trial.Heard.OnEvent = e =>
        {
            if (e.Kind == RunEventKind.BatchUnknown)
                time.Set = TimeSpan.FromDays(days);
        };

        var end = await trial.RunAsync(options => options with { Time = time, QuietPeriod = TimeSpan.FromMinutes(15) });

        await trial.ShouldBeDoneAsync(end);
        trial.Heard.Count(RunEventKind.BatchAdopted).ShouldBe(1);
        trial.Heard.Count(RunEventKind.BatchWithdrawn).ShouldBe(0);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(-1)]
    public async Task A_clock_that_was_set_between_two_processes_does_not_move_the_end_of_the_quiet_period(int days)
    {
        await using var trial = await Trial.StartAsync(Trial.Calls("create", CallFaultKind.Status), rows: Some.Rows(3));
        trial.Hurry(240, RunEventKind.Waiting, RunEventKind.BatchWithdrawn);
        var time = new SetClock(trial.Api.Clock);
        trial.Heard.OnEvent = e =>
        {
            if (e.Kind == RunEventKind.BatchUnknown)
                throw new KilledException();
        };
        await Should.ThrowAsync<KilledException>(() => trial.RunAsync(options => options with { Time = time }));
        var lostAt = trial.Api.Clock.GetUtcNow();
        var believedAt = lostAt;
        trial.Heard.OnEvent = e => believedAt = e.Kind == RunEventKind.BatchWithdrawn ? trial.Api.Clock.GetUtcNow() : believedAt;
        time.Set = TimeSpan.FromDays(days);

        var end = await trial.RunAsync(options => options with { Time = time, QuietPeriod = TimeSpan.FromMinutes(5) });

        await trial.ShouldBeDoneAsync(end);
        (believedAt - lostAt).ShouldBeInRange(TimeSpan.FromMinutes(4.9), TimeSpan.FromMinutes(30));
    }

    [Fact]
    public async Task Beside_a_fast_clock_a_gate_long_after_the_last_reply_does_not_shorten_the_quiet_period()
    {
        await using var trial = await Trial.StartAsync(
            Trial.Calls("create", CallFaultKind.ResetAfter) with { AppearsAfterSeconds = 840 }, rows: Some.Rows(3),
            simulator: new SimulatorOptions { Instant = true, Speed = 400 });
        trial.Heard.OnEvent = e =>
        {
            var from = trial.Api.Clock.GetUtcNow();
            if (e.Kind == RunEventKind.BatchSealed)
                SpinWait.SpinUntil(() => trial.Api.Clock.GetUtcNow() - from > TimeSpan.FromMinutes(20), TimeSpan.FromSeconds(20)).ShouldBeTrue();
        };

        var end = await trial.RunAsync(options => options with { QuietPeriod = TimeSpan.FromMinutes(15) });

        await trial.ShouldBeDoneAsync(end);
        trial.Heard.Count(RunEventKind.BatchAdopted).ShouldBe(1);
        trial.Heard.Count(RunEventKind.BatchWithdrawn).ShouldBe(0);
    }

    [Fact]
    public async Task Beside_a_fast_clock_absence_is_believed_within_seconds()
    {
        await using var trial = await Trial.StartAsync(Trial.Calls("create", CallFaultKind.Status), rows: Some.Rows(3),
            simulator: new SimulatorOptions { Instant = true, Speed = 600 });

        var end = await trial.RunAsync(options => options with { QuietPeriod = TimeSpan.FromMinutes(15), Timeout = TimeSpan.FromSeconds(30) });

        await trial.ShouldBeDoneAsync(end);
        trial.Heard.Count(RunEventKind.BatchWithdrawn).ShouldBe(1);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(-1)]
    public async Task A_clock_that_jumps_between_polls_holds_nothing_up(int days)
    {
        await using var trial = await Trial.StartAsync(rows: Some.Rows(3), simulator: new SimulatorOptions { TimeToEndMin = TimeSpan.FromMinutes(1), TimeToEndMax = TimeSpan.FromMinutes(1) });
        trial.Hurry(240, RunEventKind.BatchCreated, RunEventKind.BatchEnded);
        var time = new SetClock(trial.Api.Clock);
        trial.Heard.OnEvent = e =>
        {
            if (e.Kind == RunEventKind.BatchCreated)
                time.Set = TimeSpan.FromDays(days);
        };

        var end = await trial.RunAsync(options => options with { Time = time, PollInterval = null, Timeout = TimeSpan.FromHours(1) });

        await trial.ShouldBeDoneAsync(end);
    }

    [Fact]
    public void The_servers_clock_follows_its_newest_date_and_not_ours()
    {
        var local = new SetClock(new VirtualClock(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero), 0));
        var server = new ServerClock(local);
        var date = new DateTimeOffset(2026, 3, 1, 15, 0, 0, TimeSpan.Zero);

        server.Learn(date);
        local.Set = TimeSpan.FromDays(3);
        server.Now.ShouldBe(date);
        ((VirtualClock)local.Base).Advance(TimeSpan.FromSeconds(1.5));
        // A Date of whole seconds that agrees changes nothing.
        server.Learn(date.AddSeconds(1));
        server.Now.ShouldBe(date.AddSeconds(1.5));
        server.Learn(date.AddMinutes(-1));
        server.Now.ShouldBe(date.AddMinutes(-1));
    }

    /// <summary>A clock that a person sets: the time of day jumps, elapsed time goes on.</summary>
    private sealed class SetClock(TimeProvider time) : TimeProvider
    {
        public TimeProvider Base => time;

        public TimeSpan Set { get; set; }

        public override long TimestampFrequency => time.TimestampFrequency;

        public override DateTimeOffset GetUtcNow() => time.GetUtcNow() + Set;

        public override long GetTimestamp() => time.GetTimestamp();

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            time.CreateTimer(callback, state, dueTime, period);
    }
}
