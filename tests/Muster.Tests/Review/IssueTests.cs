using Muster.Review;

namespace Muster.Tests.Review;

public sealed class IssueTests
{
    private static readonly DateTimeOffset Now = DateTimeOffset.UnixEpoch.AddDays(20_000);

    private static readonly Issue Fresh = new()
    {
        Id = "Q-1", Fingerprint = "v1:000000000000", Reason = "SHP.SCHEMA", Pointer = "/a", Example = "m", ContractVersion = "c1", FirstSeen = Now, LastSeen = Now, Rows = 10,
    };

    [Fact]
    public void An_issue_goes_from_new_to_resolved_and_alerts_when_it_comes_back()
    {
        var triaged = Moved(IssueMoves.Triage(Fresh, "ada", "look"));
        var fixing = Moved(IssueMoves.Fix(triaged, "r-2", "bob"));
        var resolved = Moved(IssueMoves.Resolve(fixing));
        var again = IssueMoves.SeenAgain(resolved, 3, "c1", Now.AddDays(1));

        (triaged.Owner, triaged.Note, fixing.RerunId, fixing.Owner).ShouldBe(("ada", "look", "r-2", "ada"));
        (again.Issue.State, again.Issue.Rows, again.Issue.LastSeen, again.Alert).ShouldBe((IssueState.Regressed, 13, Now.AddDays(1), true));
        Moved(IssueMoves.Fix(again.Issue, "r-3", "ada")).State.ShouldBe(IssueState.Fixing);
    }

    [Fact]
    public void Moves_that_are_not_legal_are_refused_with_those_that_are()
    {
        IssueMoves.Resolve(Fresh).ShouldBeOfType<IssueMove.Refused>().Why.ShouldBe("Q-1 is new; from there it goes to triaged or fixing or accepted or muted.");
        foreach (var state in Enum.GetValues<IssueState>())
        {
            var issue = Fresh with { State = state };
            (IssueMoves.Triage(issue, "a", null) is IssueMove.Moved).ShouldBe(IssueMoves.From(state).Contains(IssueState.Triaged));
            (IssueMoves.Fix(issue, "r", "a") is IssueMove.Moved).ShouldBe(IssueMoves.From(state).Contains(IssueState.Fixing));
            (IssueMoves.Resolve(issue) is IssueMove.Moved).ShouldBe(IssueMoves.From(state).Contains(IssueState.Resolved));
            (IssueMoves.Accept(issue, "k", "a") is IssueMove.Moved).ShouldBe(IssueMoves.From(state).Contains(IssueState.Accepted));
            (IssueMoves.MuteFor(issue, new MuteUntil(Now), "a") is IssueMove.Moved).ShouldBe(IssueMoves.From(state).Contains(IssueState.Muted));
        }
    }

    [Fact]
    public void A_mute_ends_with_its_condition_and_not_before()
    {
        IssueMoves.MuteFor(Fresh, new MuteUntil(), "a").ShouldBeOfType<IssueMove.Refused>();
        IsMuted(new MuteUntil(Date: Now.AddDays(2)), Now.AddDays(2).AddTicks(-1)).ShouldBeTrue();
        IsMuted(new MuteUntil(Date: Now.AddDays(2)), Now.AddDays(2)).ShouldBeFalse();
        IsMuted(new MuteUntil(MoreRowsThan: 15), Now, rows: 5).ShouldBeTrue();
        IsMuted(new MuteUntil(MoreRowsThan: 15), Now, rows: 6).ShouldBeFalse();
        IsMuted(new MuteUntil(NextContract: true), Now).ShouldBeTrue();
        IsMuted(new MuteUntil(NextContract: true), Now, contract: "c2").ShouldBeFalse();
    }

    private static bool IsMuted(MuteUntil until, DateTimeOffset at, long rows = 1, string contract = "c1") =>
        IssueMoves.SeenAgain(Moved(IssueMoves.MuteFor(Fresh, until, "a")), rows, contract, at).Issue.State == IssueState.Muted;

    private static Issue Moved(IssueMove move) => move.ShouldBeOfType<IssueMove.Moved>().Issue;
}
