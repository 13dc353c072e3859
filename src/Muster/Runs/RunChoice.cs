namespace Muster.Runs;

/// <summary>Which run of a job is meant by a name, or by none.</summary>
internal static class RunChoice
{
    /// <summary>The named run; without a name the newest full one, or the newest where there is none.</summary>
    /// <exception cref="UnknownRunException">There is none.</exception>
    public static Run Of(string job, IReadOnlyList<Run> runs, string? name) =>
        (name is null ? RunKinds.Newest(runs) : Named(runs, name)) ?? throw new UnknownRunException(job, runs, name);

    /// <summary>The named run; without a name the newest full one.</summary>
    /// <exception cref="UnknownRunException">There is none.</exception>
    public static Run FullOf(string job, IReadOnlyList<Run> runs, string? name) =>
        (name is null ? runs.LastOrDefault(run => run.IsFull()) : Named(runs, name)) ?? throw new UnknownRunException(job, runs, name);

    private static Run? Named(IReadOnlyList<Run> runs, string name) => runs.FirstOrDefault(run => run.Name == name);
}
