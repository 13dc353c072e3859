namespace Muster.Runs;

public enum RunEventKind
{
    Opened,
    RowsRead,
    RowsSetAside,
    BatchSealed,
    BatchCreated,
    BatchWithdrawn,
    BatchUnknown,
    BatchAdopted,
    BatchReleased,
    BatchDuplicate,
    BatchEnded,
    BatchArchived,
    BatchSettled,
    Waiting,
    Trouble,
    Paused,
    Held,
    Canceling,
    Finished,

    /// <summary>The gold rows of a run that is done are graded; the text is the gate's sentence.</summary>
    Graded,

    /// <summary>Results that nobody has read are near the end of the remote's copy.</summary>
    Expiring,
    AlertSent,
    AlertFailed,
}

/// <summary>One change of state, for people and logs; counts and ids only, never row content.</summary>
/// <param name="Batch">The batch's name, or null when the event is the run's.</param>
public sealed record RunEvent(DateTimeOffset At, string Run, RunEventKind Kind, string Text, string? Batch);
