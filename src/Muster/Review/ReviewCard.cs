using Muster.Runs;

namespace Muster.Review;

/// <summary>Everything that a person sees of a row to decide.</summary>
/// <param name="Item">Its place in the queue; null for a row that is in none.</param>
/// <param name="RowId">In the store.</param>
/// <param name="Attempt">Which request of the row <paramref name="Output"/> answers.</param>
/// <param name="Tier">From 0, of the last request.</param>
/// <param name="Input">As <see cref="Sources.SourceRow.Input"/>: a JSON array in the order of the run's columns.</param>
/// <param name="Output">The staged or the kept answer; empty when there is none.</param>
internal sealed record ReviewCard(
    ReviewItem? Item, long RowId, string? Key, string Line, RowState State, int Attempt, int Tier, string? Reason, string? Message,
    ReadOnlyMemory<byte> Input, ReadOnlyMemory<byte> Output)
{
    public IReadOnlyList<ReviewVote> Votes { get; init; } = [];

    /// <summary>The live decision that made the row what it is; null when none did.</summary>
    public MadeDecision? Decided { get; init; }
}

/// <summary>A line of the queue.</summary>
/// <param name="RowState">Of the row now.</param>
internal sealed record ReviewLine(ReviewItem Item, string? Key, string Line, RowState RowState, string? Reason);

/// <summary>A line of the audit trail with the row it is about.</summary>
/// <param name="Before">The row's state before a decision, and after it; null for lines that moved no row or more than one.</param>
internal sealed record LoggedEvent(
    long Id, DateTimeOffset At, string Actor, ReviewEventKind Kind, string? Key, string? Line, string? Decision, string Detail, RowState? Before, RowState? After)
{
    /// <summary>What was staged, or kept, before and after, for decisions of one row; null when it did not change.</summary>
    public string? OutputBefore { get; init; }

    public string? OutputAfter { get; init; }
}

/// <summary>What the queue of a run is to hold.</summary>
/// <param name="Share">Of the queue that is drawn from the rows that passed.</param>
/// <param name="AtLeast">Rows drawn at least, as far as there are so many.</param>
/// <param name="Seed">Chooses them.</param>
internal sealed record ReviewWants(double Share, long AtLeast, ulong Seed)
{
    /// <summary>Quarantined rows to put into the queue too.</summary>
    public IReadOnlyList<long> Quarantined { get; init; } = [];

    /// <summary>Every row that has an answer, one by one: for runs over picked rows.</summary>
    public bool Everything { get; init; }
}

/// <param name="Added">Items that were put in now.</param>
/// <param name="Sampled">Of these, drawn from the rows that passed.</param>
internal sealed record ReviewFilling(long Added, long Sampled);
