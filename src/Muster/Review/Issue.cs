namespace Muster.Review;

internal enum IssueState { New, Triaged, Fixing, Resolved, Accepted, Muted, Regressed }

/// <summary>Until when an issue is muted: whichever comes first of those that are set.</summary>
internal sealed record MuteUntil(DateTimeOffset? Date = null, long? MoreRowsThan = null, bool NextContract = false);

/// <summary>Rows set aside for one cause: one line, one action.</summary>
internal sealed record Issue
{
    public required string Id { get; init; }

    /// <summary>With its version, as <c>v1:0123456789ab</c>; it never changes.</summary>
    public required string Fingerprint { get; init; }

    public required string Reason { get; init; }
    public required string Pointer { get; init; }

    /// <summary>The message of the first row, as it was.</summary>
    public required string Example { get; init; }

    public required string ContractVersion { get; init; }
    public required DateTimeOffset FirstSeen { get; init; }
    public required DateTimeOffset LastSeen { get; init; }
    public required long Rows { get; init; }
    public IssueState State { get; init; } = IssueState.New;
    public string? Owner { get; init; }
    public string? Note { get; init; }
    public string? RerunId { get; init; }
    public string? KnownChange { get; init; }
    public MuteUntil? Mute { get; init; }
}

/// <summary>Answer to a move or a sighting.</summary>
internal abstract record IssueMove
{
    /// <param name="Alert">True when somebody should look now: what was resolved is back.</param>
    internal sealed record Moved(Issue Issue, bool Alert = false) : IssueMove;

    internal sealed record Refused(string Why) : IssueMove;
}

/// <summary>The legal moves of an issue, once. Pure.</summary>
internal static class IssueMoves
{
    private static readonly Dictionary<IssueState, IReadOnlyList<IssueState>> Legal = new()
    {
        [IssueState.New] = [IssueState.Triaged, IssueState.Fixing, IssueState.Accepted, IssueState.Muted],
        [IssueState.Triaged] = [IssueState.Fixing, IssueState.Accepted, IssueState.Muted],
        [IssueState.Fixing] = [IssueState.Triaged, IssueState.Resolved],
        [IssueState.Resolved] = [IssueState.Regressed],
        [IssueState.Accepted] = [IssueState.Triaged],
        [IssueState.Muted] = [IssueState.Triaged],
        [IssueState.Regressed] = [IssueState.Triaged, IssueState.Fixing, IssueState.Accepted, IssueState.Muted],
    };

    public static IReadOnlyList<IssueState> From(IssueState state) => Legal[state];

    public static IssueMove Triage(Issue issue, string owner, string? note) =>
        Move(issue, IssueState.Triaged, moved => moved with { Owner = owner, Note = note, Mute = null, RerunId = null, KnownChange = null });

    public static IssueMove Fix(Issue issue, string rerunId, string actor) =>
        Move(issue, IssueState.Fixing, moved => moved with { RerunId = rerunId, Owner = issue.Owner ?? actor });

    public static IssueMove Resolve(Issue issue) => Move(issue, IssueState.Resolved, moved => moved);

    public static IssueMove Accept(Issue issue, string knownChange, string actor) =>
        Move(issue, IssueState.Accepted, moved => moved with { KnownChange = knownChange, Owner = issue.Owner ?? actor });

    public static IssueMove MuteFor(Issue issue, MuteUntil until, string actor) => until is { Date: null, MoreRowsThan: null, NextContract: false }
        ? new IssueMove.Refused("A mute ends: with a date, above a number of rows, or with the next contract.")
        : Move(issue, IssueState.Muted, moved => moved with { Mute = until, Owner = issue.Owner ?? actor });

    /// <summary>More rows of the same fingerprint were set aside.</summary>
    public static IssueMove.Moved SeenAgain(Issue issue, long rows, string currentContract, DateTimeOffset at)
    {
        var counted = issue with { Rows = issue.Rows + rows, LastSeen = at > issue.LastSeen ? at : issue.LastSeen };
        return counted.State switch
        {
            IssueState.Resolved => new(counted with { State = IssueState.Regressed }, Alert: true),
            IssueState.Muted when IsOver(counted, currentContract, at) => new(counted with { State = IssueState.Triaged, Mute = null }, Alert: true),
            _ => new(counted),
        };
    }

    private static bool IsOver(Issue issue, string currentContract, DateTimeOffset at) => issue.Mute is not { } mute
        || at >= mute.Date || issue.Rows > mute.MoreRowsThan || (mute.NextContract && currentContract != issue.ContractVersion);

    private static IssueMove Move(Issue issue, IssueState to, Func<Issue, Issue> change) => Legal[issue.State].Contains(to)
        ? new IssueMove.Moved(change(issue with { State = to }))
        : new IssueMove.Refused($"{issue.Id} is {issue.State.ToString().ToLowerInvariant()}; from there it goes to {string.Join(" or ", Legal[issue.State].Select(s => s.ToString().ToLowerInvariant()))}.");
}
