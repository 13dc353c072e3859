namespace Muster.Review;

/// <summary>What a decision over an issue's rows does with the issue: where the table allows no straight move, over <c>triaged</c>. Pure.</summary>
internal static class IssueActions
{
    public static IssueMove Fix(Issue issue, string decision, string actor) =>
        Over(issue, IssueState.Fixing, actor, ready => IssueMoves.Fix(ready, decision, actor));

    public static IssueMove Accept(Issue issue, string decision, string actor, string? note) =>
        Over(issue, IssueState.Accepted, actor, ready => IssueMoves.Accept(ready, decision, actor)) switch
        {
            IssueMove.Moved moved => moved with { Issue = moved.Issue with { Note = note ?? moved.Issue.Note } },
            var refused => refused,
        };

    private static IssueMove Over(Issue issue, IssueState to, string actor, Func<Issue, IssueMove> move)
    {
        if (!IssueMoves.From(issue.State).Contains(to) && IssueMoves.Triage(issue, issue.Owner ?? actor, issue.Note) is IssueMove.Moved triaged)
            return move(triaged.Issue);
        return move(issue);
    }
}
