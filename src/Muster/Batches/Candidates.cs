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
    /// <summary>Two lists without a candidate must be this far apart.</summary>
    public static readonly TimeSpan Between = TimeSpan.FromSeconds(60);

    /// <param name="intent">The batch in state unknown.</param>
    /// <param name="listed">Every listed batch back to <see cref="Batch.ListedUntil"/>; both times are the remote's, so no clock is compared.</param>
    /// <param name="known">Ids that belong to other batches of the store or to someone else.</param>
    public static IReadOnlyList<RemoteBatch> Of(Batch intent, IEnumerable<RemoteBatch> listed, IReadOnlySet<string> known) =>
        listed.Where(remote => !known.Contains(remote.Id) && remote.Counts.Total == intent.Requests
                && (intent.ListedUntil is null || remote.CreatedAt >= intent.ListedUntil))
            .OrderBy(remote => remote.CreatedAt).ThenBy(remote => remote.Id, StringComparer.Ordinal).ToList();

    /// <param name="sinceGate">How long ago the gate opened.</param>
    /// <param name="sinceFirstEmpty">How long ago a list after the quiet period was first empty; null when none was.</param>
    public static Search Judge(IReadOnlyList<RemoteBatch> candidates, TimeSpan sinceGate, TimeSpan quiet, TimeSpan? sinceFirstEmpty) =>
        candidates.Count switch
        {
            1 => new Search.Found(candidates[0]),
            > 1 => new Search.Several(candidates),
            _ when sinceGate >= quiet && sinceFirstEmpty is { } empty && empty >= Least(Between, quiet) => new Search.Absent(),
            _ => new Search.NotYet(),
        };

    // A quiet period set below a minute (a simulator) also shortens the distance between the two lists.
    private static TimeSpan Least(TimeSpan a, TimeSpan b) => a < b ? a : b;
}
