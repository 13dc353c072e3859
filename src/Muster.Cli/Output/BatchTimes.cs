using Muster.Batches;

namespace Muster.Cli.Output;

/// <summary>The two countdowns of a batch: 24 hours to its wall, 29 days to the loss of its results at the remote.</summary>
internal static class BatchTimes
{
    /// <summary>Days from creation to the end of the remote's copy of the results.</summary>
    private const int ResultDays = 29;

    public static DateTimeOffset? ResultsKeptUntil(Batch batch) => batch.Remote?.CreatedAt.AddDays(ResultDays);

    /// <summary>Null when the batch is not processing at the remote.</summary>
    public static TimeSpan? ToWall(Batch batch, DateTimeOffset now) =>
        batch is { State: BatchState.Created, Remote: { } remote } ? remote.ExpiresAt - now : null;

    public static TimeSpan Age(Batch batch, DateTimeOffset now) => now - batch.SealedAt;
}
