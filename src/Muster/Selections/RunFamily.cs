using Muster.Runs;

namespace Muster.Selections;

/// <summary>A full run with the reruns of its rows. A row stands as the newest of them left it.</summary>
/// <param name="Reruns">Oldest first.</param>
internal sealed record RunFamily(Run Full, IReadOnlyList<Rerun> Reruns)
{
    /// <summary>Every run that rows of it may stand in.</summary>
    public IReadOnlyList<Run> Runs => [Full, .. Reruns.Select(rerun => rerun.Run)];

    /// <summary>One that is still under way, or null.</summary>
    public Run? Unfinished => Runs.FirstOrDefault(run => !RunStates.IsFinal(run.State));
}

/// <summary>A run over a frozen selection of a full run's rows.</summary>
internal sealed record Rerun(Run Run, string ParentName, Selection Selection);
