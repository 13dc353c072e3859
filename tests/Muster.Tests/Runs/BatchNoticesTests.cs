using Muster.Batches;
using Muster.Runs;

namespace Muster.Tests.Runs;

/// <summary>What is said of a batch before its create is confirmed.</summary>
public sealed class BatchNoticesTests
{
    private static readonly DateTimeOffset Now = new(2026, 10, 21, 9, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(Lane.Batch, BatchState.Sealed, "its create is not confirmed", "finds out what became of it")]
    [InlineData(Lane.Batch, BatchState.Sending, "its create is not confirmed", "finds out what became of it")]
    [InlineData(Lane.Synchronous, BatchState.Sealed, "none of its synchronous calls was made", "nothing is billed")]
    [InlineData(Lane.Synchronous, BatchState.Sending, "may be billed", "books its rows as errored (RTE.FALLBACK_FAILED.reply_lost)")]
    public void An_intent_is_said_to_be_what_it_is_of(Lane lane, BatchState state, string text, string hint)
    {
        var notice = BatchNotices.Of(new Batch
        {
            Id = 3, Name = "b-3", RunId = 1, Tier = 0, State = state, Lane = lane, Nonce = "NONCE003", Requests = 2, BodyBytes = 1000, BodySha256 = "",
            ApiVersion = "2023-06-01", SealedAt = Now,
        }, Now).ShouldHaveSingleItem();

        notice.Of.ShouldBe("b-3");
        notice.Text.ShouldContain(text);
        notice.Hint.ShouldContain(hint);
    }
}
