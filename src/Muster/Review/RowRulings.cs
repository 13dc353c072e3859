using Muster.Runs;
using Muster.Verdicts;

namespace Muster.Review;

/// <summary>A row as a person's decision meets it.</summary>
/// <param name="Reruns">How often people sent it back before, without those taken back.</param>
internal sealed record RuledRow(string? Key, string Line, RowState State, string? Reason, int Reruns)
{
    public bool IsPurged { get; init; }

    /// <summary>How people call it: its key, or its line where it has none.</summary>
    public string Name => Key is { } key ? Excerpt.Of(key) : Line;
}

/// <summary>Where a decision takes a row, or why it takes it nowhere.</summary>
internal abstract record RowRuling
{
    internal sealed record Moves(RowState To, string? Reason) : RowRuling;

    internal sealed record Refused(ReviewRefusal Why, string Text) : RowRuling;
}

/// <summary>The moves that people make, written once; docs/lifecycle.md draws them. Pure: that an output satisfies the contract is known before.</summary>
internal static class RowRulings
{
    /// <summary>So often people may send one row back: each time is paid.</summary>
    public const int MaxReruns = 3;

    private static readonly RowState[] Over = [RowState.Succeeded, RowState.Errored, RowState.Expired, RowState.Canceled, RowState.Quarantined, RowState.HumanQueued];

    private static readonly Dictionary<Decision, RowState[]> From = new()
    {
        [Decision.Accept] = [RowState.Succeeded, RowState.Quarantined, RowState.HumanQueued],
        [Decision.Edit] = Over,
        [Decision.Reject] = [RowState.Succeeded, RowState.Quarantined, RowState.HumanQueued],
        [Decision.Rerun] = Over,
        [Decision.Waive] = [RowState.Errored, RowState.Expired, RowState.Canceled, RowState.Quarantined],
    };

    // Asking these again unchanged gives the same, or they were no rows to ask in the first place.
    private static readonly string[] NotAskable =
        [Reasons.BadRecord, Reasons.DuplicateKey, Reasons.RenderFailed, Reasons.InputTooLarge, Reasons.RowInvalid];

    /// <summary>True when the decision moves rows; the others are passed on to another person.</summary>
    public static bool IsRuling(Decision decision) => From.ContainsKey(decision);

    public static IEnumerable<(RowState From, RowState To)> All() =>
        From.SelectMany(entry => entry.Value.Select(state => (state, To(entry.Key, state)))).Where(move => move.state != move.Item2).Distinct();

    /// <param name="rejectReason">With its detail, for <see cref="Decision.Reject"/>.</param>
    public static RowRuling Of(Decision decision, RuledRow row, string? rejectReason)
    {
        if (row.IsPurged)
            return Refuse(ReviewRefusal.Purged, $"{row.Name} was purged; nothing of it is left to decide.");
        if (row.State is RowState.Pending or RowState.InFlight)
            return Refuse(ReviewRefusal.RowMoved, $"{row.Name} is open: it waits for an answer, and is decided once that is here.");
        if (!From[decision].Contains(row.State))
            return Refuse(ReviewRefusal.RowMoved, $"{row.Name} is {RowStates.Word(row.State)}; {Word(decision)} is for rows that are {string.Join(" or ", From[decision].Select(RowStates.Word))}.");
        if (row.Key is null && decision is not Decision.Waive)
            return Refuse(ReviewRefusal.NoKey, $"{row.Name} has no key of its own ({row.Reason}); it can only be waived.");
        if (decision == Decision.Rerun && NotAskable.FirstOrDefault(code => row.Reason?.StartsWith(code, StringComparison.Ordinal) == true) is not null)
            return Refuse(ReviewRefusal.NotAskable, $"{row.Name} is {row.Reason}: asking it again unchanged gives the same.");
        if (decision == Decision.Rerun && row.Reruns >= MaxReruns)
            return Refuse(ReviewRefusal.TooManyReruns, $"{row.Name} was sent back {row.Reruns} times; {MaxReruns} is the most.");
        return new RowRuling.Moves(To(decision, row.State), decision switch
        {
            Decision.Reject => rejectReason ?? Reasons.HumanRejected,
            Decision.Waive => row.Reason,
            _ => null,
        });
    }

    private static RowState To(Decision decision, RowState from) => decision switch
    {
        Decision.Reject => RowState.Quarantined,
        Decision.Rerun => RowState.Pending,
        Decision.Waive => from,
        _ => RowState.Succeeded,
    };

    private static string Word(Decision decision) => decision.ToString().ToLowerInvariant();

    private static RowRuling.Refused Refuse(ReviewRefusal why, string text) => new(why, text);
}
