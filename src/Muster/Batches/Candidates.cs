namespace Muster.Batches;

/// <summary>What the remote's list says about an intent whose create has no certain outcome.</summary>
internal abstract record Search
{
    private Search() { }

    /// <summary>Exactly one unknown batch fits by count and time: it is adopted at once, and its tag proves it later.</summary>
    public sealed record Found(RemoteBatch Batch) : Search;

    /// <summary>Several fit: none is taken before its results can be read.</summary>
    public sealed record Several(IReadOnlyList<RemoteBatch> Batches) : Search;

    /// <summary>None fits yet, and too little time has passed to believe that none will.</summary>
    public sealed record NotYet : Search;

    /// <summary>None fits in two lists after the quiet period: there is no such batch.</summary>
    public sealed record Absent : Search;
}

/// <summary>Finds the batch of a lost create among the listed ones. Pure: the list and the times come in.</summary>
internal static class Candidates
{
    /// <summary>Two lists without a candidate must be this far apart, unless a quiet period is set that is shorter.</summary>
    public static readonly TimeSpan Between = TimeSpan.FromSeconds(60);

    /// <summary>The remote's machines disagree on the time by this at most: a batch of ours may seem older than the one listed before it.</summary>
    public static readonly TimeSpan ClockSpread = TimeSpan.FromMinutes(2);

    /// <param name="intent">The batch in state unknown.</param>
    /// <param name="listed">Every listed batch back to <see cref="Since"/>; both times are the remote's, so no clock of ours is compared.</param>
    /// <param name="excluded">Ids that are certainly not this intent's.</param>
    public static IReadOnlyList<RemoteBatch> Of(Batch intent, IEnumerable<RemoteBatch> listed, IReadOnlySet<string> excluded) =>
        listed.Where(remote => !excluded.Contains(remote.Id) && remote.Counts.Total == intent.Requests
                && (Since(intent) is not { } since || remote.CreatedAt >= since))
            .OrderBy(remote => remote.CreatedAt).ThenBy(remote => remote.Id, StringComparer.Ordinal).ToList();

    /// <summary>How far back a batch of this intent may stand in the list; null for the whole list.</summary>
    public static DateTimeOffset? Since(Batch intent) => intent.ListedUntil - ClockSpread;

    /// <param name="candidates">What <see cref="Of"/> found.</param>
    /// <param name="contested">Ids among them that another intent holds by count alone; while there is one, absence is not believed.</param>
    /// <param name="sinceGate">How long ago the gate opened.</param>
    /// <param name="distance">How far apart two empty lists must be.</param>
    /// <param name="sinceFirstEmpty">How long ago a list after the quiet period was first empty; null when none was.</param>
    public static Search Judge(
        IReadOnlyList<RemoteBatch> candidates, IReadOnlySet<string> contested, TimeSpan sinceGate, TimeSpan quiet, TimeSpan distance,
        TimeSpan? sinceFirstEmpty) =>
        candidates.Where(candidate => !contested.Contains(candidate.Id)).ToList() switch
        {
            [var only] => new Search.Found(only),
            { Count: > 1 } free => new Search.Several(free),
            _ when candidates.Count > 0 => new Search.NotYet(),
            _ when sinceGate >= quiet && sinceFirstEmpty is { } empty && empty >= distance => new Search.Absent(),
            _ => new Search.NotYet(),
        };
}
