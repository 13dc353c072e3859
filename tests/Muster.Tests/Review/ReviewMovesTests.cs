using Muster.Review;

namespace Muster.Tests.Review;

public sealed class ReviewMovesTests
{
    private static readonly DateTimeOffset Now = DateTimeOffset.UnixEpoch.AddDays(20_000);
    private static readonly ReviewItem Item = new() { Id = "i-1", RowKey = "k", Kind = ReviewKind.Quarantine };

    [Fact]
    public void Two_reviewers_never_hold_the_same_item()
    {
        var taken = Done(ReviewMoves.Take(Item, [], "ada", Now)).Item;

        Why(ReviewMoves.Take(taken, [], "bob", Now.AddMinutes(10).AddTicks(-1))).ShouldBe(ReviewRefusal.HeldByOther);
        Done(ReviewMoves.Take(taken, [], "bob", Now.AddMinutes(10))).Item.LeaseBy.ShouldBe("bob");
    }

    [Fact]
    public void A_heartbeat_renews_and_a_lost_lease_refuses_the_vote()
    {
        var taken = Done(ReviewMoves.Take(Item, [], "ada", Now)).Item;
        var renewed = Done(ReviewMoves.Renew(taken, "ada", 1, Now.AddMinutes(9))).Item;
        Done(Vote(renewed, [], "ada", Decision.Accept, 1, Now.AddMinutes(18))).Item.State.ShouldBe(ReviewState.Decided);

        Why(Vote(taken, [], "ada", Decision.Accept, 1, Now.AddMinutes(10))).ShouldBe(ReviewRefusal.LeaseLost);
        var other = Done(ReviewMoves.Take(taken, [], "bob", Now.AddMinutes(11))).Item;
        Why(Vote(other, [], "ada", Decision.Accept, 1, Now.AddMinutes(12))).ShouldBe(ReviewRefusal.LeaseLost);
        var back = Done(ReviewMoves.Take(other, [], "ada", Now.AddMinutes(22))).Item;
        Why(Vote(back, [], "ada", Decision.Accept, 1, Now.AddMinutes(23))).ShouldBe(ReviewRefusal.LeaseLost, "the number is of her first lease");
        Why(ReviewMoves.Renew(other, "ada", 1, Now.AddMinutes(12))).ShouldBe(ReviewRefusal.LeaseLost);
    }

    [Fact]
    public void One_vote_decides_and_the_trail_says_so()
    {
        var taken = Done(ReviewMoves.Take(Item, [], "ada", Now)).Item;
        var done = Done(Vote(taken, [], "ada", Decision.Reject, 1, Now));

        (done.Item.State, done.Item.Decision, done.Item.LeaseBy).ShouldBe((ReviewState.Decided, Decision.Reject, null));
        done.Events.Select(e => e.Kind).ShouldBe([ReviewEventKind.Voted, ReviewEventKind.Decided]);
        Why(ReviewMoves.Take(done.Item, [], "bob", Now)).ShouldBe(ReviewRefusal.AlreadyDecided);
    }

    [Fact]
    public void Two_must_agree_and_a_third_settles_it()
    {
        var (item, votes) = Play(Item with { MinVotes = 2 }, ("ada", Decision.Accept), ("bob", Decision.Reject));
        item.State.ShouldBe(ReviewState.Open);
        Why(ReviewMoves.Take(item, votes, "ada", Now)).ShouldBe(ReviewRefusal.AlreadyVoted);

        Play(Item with { MinVotes = 2 }, ("ada", Decision.Accept), ("bob", Decision.Reject), ("cyd", Decision.Reject)).Item.Decision.ShouldBe(Decision.Reject);
        Play(Item with { MinVotes = 2 }, ("ada", Decision.Accept), ("bob", Decision.Accept)).Item.Decision.ShouldBe(Decision.Accept);
    }

    [Fact]
    public void Unsure_passes_it_on_and_escalation_needs_the_last_word()
    {
        Play(Item, ("ada", Decision.Unsure)).Item.State.ShouldBe(ReviewState.Open);
        Play(Item, ("ada", Decision.Unsure), ("bob", Decision.Rerun)).Item.Decision.ShouldBe(Decision.Rerun);
        var (escalated, votes) = Play(Item with { MinVotes = 2 }, ("ada", Decision.Escalate));
        escalated.State.ShouldBe(ReviewState.Escalated);
        var taken = Done(ReviewMoves.Take(escalated, votes, "ada", Now)).Item;
        Done(Vote(taken, votes, "ada", Decision.Accept, taken.LeaseNumber, Now)).Item.State.ShouldBe(ReviewState.Decided);
        Play(Item, [.. Enumerable.Range(0, ReviewMoves.MaxVotes).Select(i => ($"r{i}", Decision.Unsure))]).Item.State.ShouldBe(ReviewState.Escalated);
    }

    [Fact]
    public void An_edit_carries_its_output()
    {
        var taken = Done(ReviewMoves.Take(Item, [], "ada", Now)).Item;

        Why(Vote(taken, [], "ada", Decision.Edit, 1, Now)).ShouldBe(ReviewRefusal.EditMissing);
        Why(Vote(taken, [], "ada", Decision.Accept, 1, Now, "{}")).ShouldBe(ReviewRefusal.EditMissing);
        Done(Vote(taken, [], "ada", Decision.Edit, 1, Now, "{}")).Vote!.EditedJson.ShouldBe("{}");
    }

    [Fact]
    public void The_last_vote_can_be_taken_back_until_it_is_used()
    {
        var (decided, votes) = Play(Item, ("ada", Decision.Accept));

        Why(ReviewMoves.Undo(decided, votes, "bob", isUsed: false, Now)).ShouldBe(ReviewRefusal.NothingToUndo);
        Why(ReviewMoves.Undo(decided, votes, "ada", isUsed: true, Now)).ShouldBe(ReviewRefusal.AlreadyUsed);
        var undone = Done(ReviewMoves.Undo(decided, votes, "ada", isUsed: false, Now.AddSeconds(30)));
        (undone.Item.State, undone.Item.Decision, undone.Vote!.UndoneAt).ShouldBe((ReviewState.Open, null, Now.AddSeconds(30)));
        Done(ReviewMoves.Take(undone.Item, [undone.Vote], "ada", Now)).Item.LeaseBy.ShouldBe("ada");
    }

    private static (ReviewItem Item, List<ReviewVote> Votes) Play(ReviewItem item, params (string Reviewer, Decision Decision)[] moves)
    {
        var votes = new List<ReviewVote>();
        foreach (var (reviewer, decision) in moves)
        {
            var taken = Done(ReviewMoves.Take(item, votes, reviewer, Now)).Item;
            var done = Done(Vote(taken, votes, reviewer, decision, taken.LeaseNumber, Now));
            item = done.Item;
            votes.Add(done.Vote!);
        }

        return (item, votes);
    }

    private static ReviewMove Vote(
        ReviewItem item, IReadOnlyList<ReviewVote> votes, string reviewer, Decision decision, long lease, DateTimeOffset at, string? edited = null) =>
        ReviewMoves.Vote(item, votes, new ReviewVote(item.Id, reviewer, decision, edited, [], 5, IsBlind: false, at), lease);

    private static ReviewMove.Done Done(ReviewMove move) => move.ShouldBeOfType<ReviewMove.Done>();

    private static ReviewRefusal Why(ReviewMove move) => move.ShouldBeOfType<ReviewMove.Refused>().Why;
}
