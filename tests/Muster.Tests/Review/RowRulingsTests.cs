using Muster.Review;
using Muster.Runs;

namespace Muster.Tests.Review;

public sealed class RowRulingsTests
{
    private static readonly RuledRow Row = new("k", "p.csv:1", RowState.HumanQueued, "HUM.REQUESTED", 0);

    [Theory]
    [InlineData(nameof(Decision.Accept), RowState.Succeeded, null)]
    [InlineData(nameof(Decision.Edit), RowState.Succeeded, null)]
    [InlineData(nameof(Decision.Reject), RowState.Quarantined, "HUM.REJECTED.wrong")]
    [InlineData(nameof(Decision.Rerun), RowState.Pending, null)]
    public void A_decision_leads_to_one_state(string decision, RowState to, string? reason)
    {
        RowRulings.Of(Enum.Parse<Decision>(decision), Row, "HUM.REJECTED.wrong").ShouldBe(new RowRuling.Moves(to, reason));
    }

    [Fact]
    public void A_waived_row_stays_what_it_is()
    {
        RowRulings.Of(Decision.Waive, Row with { State = RowState.Quarantined, Reason = "SHP.NOT_JSON" }, null).ShouldBe(new RowRuling.Moves(RowState.Quarantined, "SHP.NOT_JSON"));
        Why(Decision.Waive, Row).ShouldBe(ReviewRefusal.RowMoved);
    }

    [Fact]
    public void No_decision_meets_an_open_row()
    {
        foreach (var decision in Enum.GetValues<Decision>().Where(RowRulings.IsRuling))
        {
            Why(decision, Row with { State = RowState.Pending }).ShouldBe(ReviewRefusal.RowMoved);
            Why(decision, Row with { State = RowState.InFlight }).ShouldBe(ReviewRefusal.RowMoved);
            Why(decision, Row with { IsPurged = true }).ShouldBe(ReviewRefusal.Purged);
        }

        RowRulings.All().ShouldAllBe(move => move.From != RowState.Pending && move.From != RowState.InFlight && move.To != RowState.InFlight);
    }

    [Fact]
    public void What_asking_again_cannot_change_is_not_asked_again()
    {
        foreach (var reason in (string[])["REQ.RENDER_FAILED.input_missing", "REQ.INPUT_TOO_LARGE.batch", "API.ROW_INVALID"])
            Why(Decision.Rerun, Row with { State = RowState.Quarantined, Reason = reason }).ShouldBe(ReviewRefusal.NotAskable);
        Why(Decision.Rerun, Row with { Key = null, State = RowState.Quarantined, Reason = "REQ.DUPLICATE_KEY" }).ShouldBe(ReviewRefusal.NoKey);
        Why(Decision.Accept, Row with { Key = null, State = RowState.Quarantined }).ShouldBe(ReviewRefusal.NoKey);
        RowRulings.Of(Decision.Waive, Row with { Key = null, State = RowState.Quarantined, Reason = "REQ.DUPLICATE_KEY" }, null).ShouldBeOfType<RowRuling.Moves>();
    }

    [Fact]
    public void A_row_is_sent_back_three_times_at_most()
    {
        RowRulings.Of(Decision.Rerun, Row with { Reruns = 2 }, null).ShouldBeOfType<RowRuling.Moves>();
        Why(Decision.Rerun, Row with { Reruns = 3 }).ShouldBe(ReviewRefusal.TooManyReruns);
    }

    [Fact]
    public void Reject_reasons_are_words_and_a_slip_is_understood()
    {
        RejectReasons.All.Count.ShouldBe(5);
        RejectReasons.CodeOf("wrong").ShouldBe("HUM.REJECTED.wrong");
        RejectReasons.IsKnown("worng").ShouldBeFalse();
        RejectReasons.Question("worng").ShouldContain("`wrong`");
    }

    private static ReviewRefusal Why(Decision decision, RuledRow row) => RowRulings.Of(decision, row, null).ShouldBeOfType<RowRuling.Refused>().Why;
}
