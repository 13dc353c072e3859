namespace Muster.Runs;

/// <summary>Where a run stands. The legal moves are in <see cref="RunStates"/>.</summary>
public enum RunState
{
    /// <summary>The source is being recorded; nothing has been sent.</summary>
    Reading,
    Running,

    /// <summary>An account-level cause, the spending cap or creates that never arrive stopped submission; no row is blamed, and running again resumes.</summary>
    Paused,

    /// <summary>The books do not balance or the failure budget is exceeded; a person looks before it goes on.</summary>
    Held,

    /// <summary>A person canceled it; what was in flight is still collected.</summary>
    Canceling,
    Canceled,
    Done,
}

/// <summary>The legal moves, written once. The CHECK constraint and docs/lifecycle.md repeat the states; a test compares them.</summary>
public static class RunStates
{
    private static readonly Dictionary<RunState, RunState[]> Moves = new()
    {
        [RunState.Reading] = [RunState.Running, RunState.Canceling],
        [RunState.Running] = [RunState.Paused, RunState.Held, RunState.Canceling, RunState.Done],
        [RunState.Paused] = [RunState.Running, RunState.Held, RunState.Canceling],
        [RunState.Held] = [RunState.Running, RunState.Canceling],
        [RunState.Canceling] = [RunState.Canceled],
        [RunState.Canceled] = [],
        [RunState.Done] = [RunState.Running],
    };

    public static bool CanMove(RunState from, RunState to) => Array.IndexOf(Moves[from], to) >= 0;

    /// <summary>True when nothing of the run is under way. A done run goes on only when a person sends rows of it back.</summary>
    public static bool IsFinal(RunState state) => state is RunState.Canceled or RunState.Done;

    internal static string Word(RunState state) => state.ToString().ToLowerInvariant();

    /// <summary>Every legal move, for the diagram's test.</summary>
    public static IEnumerable<(RunState From, RunState To)> All() =>
        Moves.SelectMany(move => move.Value.Select(to => (move.Key, to)));
}
