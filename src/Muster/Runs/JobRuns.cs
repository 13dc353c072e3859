using Muster.Stores;

namespace Muster.Runs;

/// <summary>The runs of one job: a store that several jobs share holds those of all.</summary>
internal static class JobRuns
{
    /// <summary>Oldest first.</summary>
    public static async Task<List<Run>> RunsOfAsync(this IStore store, string job, CancellationToken cancellationToken = default) =>
        [.. (await store.RunsAsync(cancellationToken)).Where(run => run.Job == job)];
}
