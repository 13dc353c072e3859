namespace Muster.Review;

internal enum ReviewKind
{
    /// <summary>The run sent the row to people.</summary>
    Human,
    Quarantine,
    Diff,

    /// <summary>Drawn from the rows that passed.</summary>
    Sample,
    Gold,
}

internal enum ReviewState { Open, Decided, Escalated }

internal enum Decision
{
    Accept,
    Edit,
    Reject,
    Rerun,
    Unsure,
    Escalate,

    /// <summary>The row stays without an answer, knowingly.</summary>
    Waive,
}

/// <summary>One row that a person decides.</summary>
internal sealed record ReviewItem
{
    public required string Id { get; init; }
    public required string RowKey { get; init; }
    public required ReviewKind Kind { get; init; }
    public string? IssueId { get; init; }
    public double Priority { get; init; }

    /// <summary>The chance this row had to be asked about; 1 for all but samples.</summary>
    public double InclusionProbability { get; init; } = 1;

    /// <summary>Votes that must agree.</summary>
    public int MinVotes { get; init; } = 1;

    public ReviewState State { get; init; } = ReviewState.Open;
    public Decision? Decision { get; init; }
    public DateTimeOffset OpenedAt { get; init; }
    public string? LeaseBy { get; init; }
    public DateTimeOffset? LeaseUntil { get; init; }

    /// <summary>Grows with each lease, so that a vote under a lost one is known.</summary>
    public long LeaseNumber { get; init; }
}

/// <param name="EditedJson">The corrected output in canonical form; only with <see cref="Decision.Edit"/>. It satisfies the contract.</param>
/// <param name="IsBlind">True when the reviewer did not see which arm is which.</param>
/// <param name="UndoneAt">When it was taken back; it stays in the audit trail and counts no more.</param>
internal sealed record ReviewVote(
    string ItemId, string Reviewer, Decision Decision, string? EditedJson, IReadOnlyList<string> Reasons, double Seconds, bool IsBlind,
    DateTimeOffset At, DateTimeOffset? UndoneAt = null);

internal enum ReviewEventKind { Taken, Renewed, Released, Voted, Decided, Escalated, Undone }

/// <summary>One line of the audit trail; it is appended in the transaction of the move that it tells of.</summary>
internal sealed record ReviewEvent(string ItemId, ReviewEventKind Kind, string Actor, DateTimeOffset At, string Detail);

internal enum ReviewRefusal
{
    HeldByOther, LeaseLost, AlreadyDecided, AlreadyVoted, EditMissing, NothingToUndo, AlreadyUsed,

    /// <summary>The row is not in a state in which this can be decided of it.</summary>
    RowMoved,
    NoKey,
    NoOutput,
    NotAskable,
    TooManyReruns,
    RunOver,
    IssueMoved,
    Purged,
    Promoted,
    Contract,
}

/// <summary>A move of an item: the new states to write and what to tell, or why not.</summary>
internal abstract record ReviewMove
{
    internal sealed record Done(ReviewItem Item, IReadOnlyList<ReviewEvent> Events, ReviewVote? Vote = null) : ReviewMove;

    internal sealed record Refused(ReviewRefusal Why, string Text) : ReviewMove;
}
