namespace Muster.Review;

/// <summary>What a person decides of one row or of many alike; one transaction.</summary>
/// <param name="Rows">As they were looked at: one that moved since refuses the whole.</param>
internal sealed record RowsDecision(long RunId, Decision Action, string Actor, DateTimeOffset At, IReadOnlyList<RowDecision> Rows)
{
    /// <summary>The row's new reason, for <see cref="Decision.Reject"/>.</summary>
    public string? Reason { get; init; }

    /// <summary>In the person's own words.</summary>
    public string? Note { get; init; }

    /// <summary>The item whose vote decided it; null for decisions made outside the queue.</summary>
    public long? ItemId { get; init; }

    /// <summary>Leaves rows that refuse it as they are, instead of refusing it for all; there must be one that does not.</summary>
    public bool SkipsRefused { get; init; }

    /// <summary>What becomes of the issue whose rows these are, given the decision's name; null when there is none.</summary>
    public IssueChange? Issue { get; init; }
}

/// <param name="Attempt">Of the answer that was looked at.</param>
/// <param name="Output">What is staged: the accepted or edited output, which satisfies the contract; empty leaves staging as it is.</param>
internal sealed record RowDecision(long RowId, int Attempt, ReadOnlyMemory<byte> Output = default);

/// <param name="Move">Gets the issue and the name of the decision.</param>
internal sealed record IssueChange(string Fingerprint, Func<Issue, string, IssueMove> Move);

/// <summary>What became of a decision or of its undo.</summary>
internal abstract record RulingOutcome
{
    /// <param name="Decision">Its name, as <c>d-7</c>; null when nothing was decided yet.</param>
    /// <param name="Rows">Rows that it moved, or moved back.</param>
    internal sealed record Made(string? Decision, long Rows) : RulingOutcome
    {
        /// <summary>True when rows wait for <c>muster run</c> now.</summary>
        public bool ReopensRun { get; init; }

        public ReviewItem? Item { get; init; }

        /// <summary>Rows that were left as they are, and why the first was.</summary>
        public long Skipped { get; init; }
        public string? WhySkipped { get; init; }
    }

    /// <param name="More">Further rows that refuse it too.</param>
    internal sealed record Refused(ReviewRefusal Why, string Text, long More = 0) : RulingOutcome;
}

/// <summary>A decision as the trail keeps it.</summary>
internal sealed record MadeDecision(long Id, long RunId, Decision Action, string Actor, DateTimeOffset At, string? Reason, string? Note, long Rows)
{
    public DateTimeOffset? UndoneAt { get; init; }
    public string? UndoneBy { get; init; }
    public long? ItemId { get; init; }

    public string Name => NameOf(Id);

    public static string NameOf(long id) => $"d-{id}";

    /// <summary>The number of a name like <c>d-7</c>; null for anything else.</summary>
    public static long? NumberOf(string name) =>
        name.StartsWith("d-", StringComparison.Ordinal) && long.TryParse(name.AsSpan(2), System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var number)
            ? number : null;
}
