namespace Muster.Review;

/// <summary>What may happen to an item, decided from its state and the clock. Pure; the store runs each in one transaction.</summary>
internal static class ReviewMoves
{
    /// <summary>Votes without agreement after which somebody with the last word decides.</summary>
    public const int MaxVotes = 5;

    public static readonly TimeSpan Lease = TimeSpan.FromMinutes(10);

    public static ReviewMove Take(ReviewItem item, IReadOnlyList<ReviewVote> votes, string reviewer, DateTimeOffset now)
    {
        if (item.State == ReviewState.Decided)
            return Refuse(ReviewRefusal.AlreadyDecided, $"{Name(item)} is decided.");
        if (item.State == ReviewState.Open && Counted(votes).Any(vote => vote.Reviewer == reviewer))
            return Refuse(ReviewRefusal.AlreadyVoted, $"{reviewer} has voted on {Name(item)}; it waits for another person.");
        if (item.LeaseBy is { } holder && holder != reviewer && item.LeaseUntil > now)
            return Refuse(ReviewRefusal.HeldByOther, $"{Name(item)} is with {holder} until {item.LeaseUntil:HH:mm:ss}Z.");
        var taken = item with { LeaseBy = reviewer, LeaseUntil = now + Lease, LeaseNumber = item.LeaseNumber + 1 };
        return Done(taken, new ReviewEvent(item.Id, ReviewEventKind.Taken, reviewer, now, $"lease {taken.LeaseNumber}"));
    }

    public static ReviewMove Renew(ReviewItem item, string reviewer, long lease, DateTimeOffset now) => Holds(item, reviewer, lease, now)
        ? Done(item with { LeaseUntil = now + Lease }, new ReviewEvent(item.Id, ReviewEventKind.Renewed, reviewer, now, $"lease {lease}"))
        : Lost(item);

    public static ReviewMove Release(ReviewItem item, string reviewer, long lease, DateTimeOffset now) => Holds(item, reviewer, lease, now)
        ? Done(Free(item), new ReviewEvent(item.Id, ReviewEventKind.Released, reviewer, now, $"lease {lease}"))
        : Lost(item);

    /// <summary>
    /// Records a vote and says whether it decides: an item is decided when <see cref="ReviewItem.MinVotes"/> agree. Unsure passes it on to
    /// another person. On an escalated item the first vote that is sure decides.
    /// </summary>
    public static ReviewMove Vote(ReviewItem item, IReadOnlyList<ReviewVote> votes, ReviewVote vote, long lease)
    {
        if (item.State == ReviewState.Decided)
            return Refuse(ReviewRefusal.AlreadyDecided, $"{Name(item)} is decided.");
        if (!Holds(item, vote.Reviewer, lease, vote.At))
            return Lost(item);
        if (item.State == ReviewState.Open && Counted(votes).Any(other => other.Reviewer == vote.Reviewer))
            return Refuse(ReviewRefusal.AlreadyVoted, $"{vote.Reviewer} has voted on {Name(item)}.");
        if ((vote.Decision == Decision.Edit) != (vote.EditedJson is not null))
            return Refuse(ReviewRefusal.EditMissing, "An edit carries the corrected output, and nothing else does.");

        var voted = new ReviewEvent(item.Id, ReviewEventKind.Voted, vote.Reviewer, vote.At, Word(vote.Decision));
        var all = Counted(votes).Append(vote).ToList();
        if (IsSure(vote.Decision) && (item.State == ReviewState.Escalated || all.Count(other => Agree(other, vote)) >= item.MinVotes))
        {
            var decided = Free(item) with { State = ReviewState.Decided, Decision = vote.Decision };
            return Done(decided, vote, voted, new ReviewEvent(item.Id, ReviewEventKind.Decided, vote.Reviewer, vote.At, Word(vote.Decision)));
        }

        if (item.State == ReviewState.Open && (vote.Decision == Decision.Escalate || all.Count >= MaxVotes))
        {
            return Done(Free(item) with { State = ReviewState.Escalated }, vote, voted,
                new ReviewEvent(item.Id, ReviewEventKind.Escalated, vote.Reviewer, vote.At, Amount.Of(all.Count, "vote")));
        }

        return Done(Free(item), vote, voted);
    }

    /// <summary>Takes the reviewer's last vote back while nothing has been done with it.</summary>
    /// <param name="isUsed">True when the decision was staged, sent again or promoted.</param>
    public static ReviewMove Undo(ReviewItem item, IReadOnlyList<ReviewVote> votes, string reviewer, bool isUsed, DateTimeOffset now)
    {
        var last = Counted(votes).MaxBy(vote => vote.At);
        if (last is null || last.Reviewer != reviewer)
            return Refuse(ReviewRefusal.NothingToUndo, $"The last vote on {Name(item)} is not {reviewer}'s.");
        if (isUsed)
            return Refuse(ReviewRefusal.AlreadyUsed, $"The decision on {Name(item)} is already in use; roll back what used it.");
        var before = Counted(votes).Where(vote => vote != last).ToList();
        var wasEscalated = before.Count >= MaxVotes || before.Any(vote => vote.Decision == Decision.Escalate);
        var reopened = Free(item) with { State = wasEscalated ? ReviewState.Escalated : ReviewState.Open, Decision = null };
        return Done(reopened, last with { UndoneAt = now }, new ReviewEvent(item.Id, ReviewEventKind.Undone, reviewer, now, Word(last.Decision)));
    }

    private static string Name(ReviewItem item) => Excerpt.Of(item.RowKey);

    private static IEnumerable<ReviewVote> Counted(IReadOnlyList<ReviewVote> votes) => votes.Where(vote => vote.UndoneAt is null);

    private static bool IsSure(Decision decision) => decision is not (Decision.Unsure or Decision.Escalate);

    private static bool Agree(ReviewVote a, ReviewVote b) => a.Decision == b.Decision && a.EditedJson == b.EditedJson;

    private static bool Holds(ReviewItem item, string reviewer, long lease, DateTimeOffset now) =>
        item.LeaseBy == reviewer && item.LeaseNumber == lease && item.LeaseUntil > now;

    private static ReviewItem Free(ReviewItem item) => item with { LeaseBy = null, LeaseUntil = null };

    private static string Word(Decision decision) => decision.ToString().ToLowerInvariant();

    private static ReviewMove.Done Done(ReviewItem item, params ReviewEvent[] events) => new(item, events);

    private static ReviewMove.Done Done(ReviewItem item, ReviewVote vote, params ReviewEvent[] events) => new(item, events, vote);

    private static ReviewMove.Refused Lost(ReviewItem item) =>
        Refuse(ReviewRefusal.LeaseLost, $"The lease on {Name(item)} is over or another person's; take it again.");

    private static ReviewMove.Refused Refuse(ReviewRefusal why, string text) => new(why, text);
}
