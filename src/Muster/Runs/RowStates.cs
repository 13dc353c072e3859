namespace Muster.Runs;

internal static class RowStates
{
    /// <summary>As people read it; in the equation of a run <see cref="RowState.Pending"/> and <see cref="RowState.InFlight"/> are open.</summary>
    public static string Word(RowState state) => state switch
    {
        RowState.HumanQueued => "human-queued",
        RowState.InFlight => "in flight",
        _ => EnumName.Words(state),
    };
}
