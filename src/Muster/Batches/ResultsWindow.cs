namespace Muster.Batches;

internal enum WindowStage
{
    Open,

    /// <summary>Days are left, and nobody has read the results: a person is told.</summary>
    Closing,

    /// <summary>The remote has removed the results.</summary>
    Closed,
}

/// <summary>How long the remote keeps a batch's results. Pure.</summary>
internal sealed record ResultsWindow(DateTimeOffset ClosesAt, WindowStage Stage, bool IsRead)
{
    /// <summary>Days from creation to the end of the remote's copy.</summary>
    public static int Days => RemoteBatch.ResultsKept.Days;

    /// <summary>Four days before the end there is time to act, over a weekend too.</summary>
    public const int WarnFromDay = 25;

    /// <summary>Null when the batch is not known to exist at the remote.</summary>
    public static ResultsWindow? Of(Batch batch, DateTimeOffset now)
    {
        if (batch.Remote is not { } remote || batch.State is BatchState.Withdrawn or BatchState.Lost)
            return null;
        var age = now - remote.CreatedAt;
        return new ResultsWindow(remote.CreatedAt + RemoteBatch.ResultsKept,
            age >= RemoteBatch.ResultsKept ? WindowStage.Closed : age >= TimeSpan.FromDays(WarnFromDay) ? WindowStage.Closing : WindowStage.Open,
            batch.Archive is not null);
    }

    /// <summary>Batches whose results nobody has read and that the remote is about to remove, or has removed.</summary>
    public static IReadOnlyList<Batch> Unread(IEnumerable<Batch> batches, DateTimeOffset now) =>
        [.. batches.Where(batch => Of(batch, now) is { IsRead: false, Stage: not WindowStage.Open })];
}
