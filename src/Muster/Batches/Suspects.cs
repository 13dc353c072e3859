namespace Muster.Batches;

/// <summary>Finds listed batches that may be second ones of our intents. Pure: the list and the times come in.</summary>
internal static class Suspects
{
    /// <summary>Unknown batches of as many requests as one of ours whose body has left, created since its seal.</summary>
    /// <param name="ours">Every batch of the run, withdrawn ones included.</param>
    public static IReadOnlyList<Suspect> Of(IEnumerable<Batch> ours, IEnumerable<RemoteBatch> listed, IReadOnlySet<string> known)
    {
        var sent = ours.Where(batch => batch.GateAt is not null).ToLookup(batch => batch.Requests);
        return listed.Where(remote => !known.Contains(remote.Id))
            .Select(remote => new Suspect(remote, [.. sent[remote.Counts.Total].Where(batch => Candidates.Since(batch) is not { } since || remote.CreatedAt >= since)]))
            .Where(suspect => suspect.Like.Count > 0).ToList();
    }

    /// <summary>
    /// True when the run's end waits for it: created while a create of ours may still have made a batch. Another program's batch of the
    /// same count, created hours later, must not hold it.
    /// </summary>
    public static bool IsAwaited(Suspect suspect, TimeSpan quiet) => suspect.Like.Any(batch =>
        batch.State == BatchState.Withdrawn || suspect.Remote.CreatedAt <= batch.GateAt + quiet + Candidates.ClockSpread);
}

/// <param name="Like">Batches of ours that it may repeat.</param>
internal sealed record Suspect(RemoteBatch Remote, IReadOnlyList<Batch> Like);
