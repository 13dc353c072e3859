using Muster.Batches;

namespace Muster.Tests.Batches;

public sealed class ArrivalsTests
{
    private readonly Hand hand = new();
    private readonly Arrivals arrivals;

    public ArrivalsTests() => arrivals = new Arrivals(hand, quietPeriod: TimeSpan.FromMinutes(15));

    [Fact]
    public void Eight_losses_over_four_quiet_periods_are_enough_and_name_the_last()
    {
        for (var batch = 1; batch <= 8; batch++)
        {
            arrivals.WhyStop.ShouldBeNull();
            arrivals.NotArrived(batch, batch, $"cut {batch}");
            hand.Pass(TimeSpan.FromMinutes(15));
        }

        arrivals.WhyStop.ShouldNotBeNull().ShouldStartWith("API.CREATE_LOST: 8 creates in a row never arrived, over 120 minutes, the last one: cut 8.");
    }

    [Fact]
    public void Losses_within_an_hour_may_pass_by_themselves()
    {
        for (var batch = 1; batch <= 20; batch++)
            arrivals.NotArrived(batch, batch, "cut");

        hand.Pass(TimeSpan.FromMinutes(59));
        arrivals.WhyStop.ShouldBeNull();
        hand.Pass(TimeSpan.FromMinutes(1));
        arrivals.WhyStop.ShouldNotBeNull();
    }

    [Fact]
    public void One_that_arrives_ends_the_count()
    {
        for (var batch = 1; batch <= 7; batch++)
            arrivals.NotArrived(batch, batch, "cut");
        hand.Pass(TimeSpan.FromHours(2));
        arrivals.Arrived();
        for (var batch = 9; batch <= 15; batch++)
            arrivals.NotArrived(batch, batch, "cut");
        hand.Pass(TimeSpan.FromHours(2));

        arrivals.WhyStop.ShouldBeNull();
        arrivals.NotArrived(16, 16, "cut");
        arrivals.WhyStop.ShouldNotBeNull();
    }

    [Fact]
    public void What_was_sent_before_a_loss_was_known_counts_once_with_it()
    {
        for (var batch = 1; batch <= 15; batch++)
            arrivals.NotArrived(batch, newest: 15, "cut");

        arrivals.Lost.ShouldBe(1);
        arrivals.NotArrived(16, newest: 18, "cut");
        arrivals.Lost.ShouldBe(2);
    }

    [Fact]
    public void What_an_earlier_process_sent_does_not_count()
    {
        arrivals.CountFrom(3);

        arrivals.NotArrived(3, newest: 3, "the process ended while the create was under way");

        arrivals.Lost.ShouldBe(0);
    }

    private sealed class Hand : TimeProvider
    {
        private long at = 1;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => at;

        public void Pass(TimeSpan time) => at += time.Ticks;
    }
}
