using Muster.Batches;
using Muster.Claude;
using Muster.Verdicts;

namespace Muster.Tests.Batches;

public sealed class WaveTests
{
    private static readonly MessageReply Answered = new MessageReply.Answered("{}"u8.ToArray());
    private static readonly MessageReply Refused = new MessageReply.Refused(Error);
    private static readonly MessageReply Lost = new MessageReply.Lost("reset");
    private static readonly MessageReply Unreached = new MessageReply.NotTaken("no connection", null);
    private static readonly MessageReply Overloaded = new MessageReply.NotTaken("overloaded", TimeSpan.FromSeconds(7)) { Overload = Error };
    private static readonly MessageReply TurnedAway = new MessageReply.NotTaken("HTTP 404", null) { IsTurnedAway = true };

    private static ApiError Error => new(529, "overloaded_error", null, "Overloaded", null);

    [Fact]
    public void An_answer_says_that_the_way_is_free_whatever_became_of_the_others()
    {
        foreach (var other in new[] { Answered, Refused, Lost, Unreached, Overloaded })
        {
            new Wave([other, Answered]).Trouble.ShouldBeNull();
            new Wave([Refused, other]).Trouble.ShouldBeNull();
        }
    }

    [Fact]
    public void Without_one_the_trouble_is_the_worst_that_was_met()
    {
        new Wave([Lost, Overloaded, Unreached]).Trouble.ShouldBe(Trouble.ReplyLost);
        new Wave([Overloaded, Overloaded]).Trouble.ShouldBe(Trouble.Refused);
        new Wave([Overloaded, Unreached]).Trouble.ShouldBe(Trouble.Unreachable, "only some were told of an overload");
        new Wave([Unreached]).Trouble.ShouldBe(Trouble.Unreachable);
    }

    [Fact]
    public void Only_a_wave_of_which_nothing_was_taken_may_be_sent_again()
    {
        new Wave([Unreached, Overloaded, TurnedAway]).IsUntaken.ShouldBeTrue();
        foreach (var taken in new[] { Answered, Refused, Lost })
            new Wave([Unreached, taken]).IsUntaken.ShouldBeFalse();
    }

    [Fact]
    public void It_wants_patience_where_rows_wait_again_or_nobody_answered()
    {
        new Wave([Answered, Refused]).WantsPatience.ShouldBeFalse();
        new Wave([Answered, Lost]).WantsPatience.ShouldBeFalse("another call was answered at the same time");
        new Wave([Answered, Unreached]).WantsPatience.ShouldBeTrue();
        new Wave([Lost]).WantsPatience.ShouldBeTrue();
        new Wave([Answered, TurnedAway]).IsTurnedAway.ShouldBeTrue();
        (new Wave([Answered, Overloaded]).RetryAfter, new Wave([Answered, Overloaded]).Why).ShouldBe((TimeSpan.FromSeconds(7), "overloaded"));
    }
}
