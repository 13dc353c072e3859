namespace Muster.Runs;

/// <summary>The state of a row. Pending and InFlight together are the ledger's <c>open</c>; the rest are terminal.</summary>
public enum RowState
{
    Pending = 0,
    InFlight = 1,

    /// <summary>Its answer was accepted and is staged.</summary>
    Succeeded = 2,

    /// <summary>The platform failed it more often than the job allows.</summary>
    Errored = 3,
    Expired = 4,
    Canceled = 5,

    /// <summary>Set aside with a reason: refused before asking, or no tier gave an acceptable answer.</summary>
    Quarantined = 6,

    /// <summary>A person decides.</summary>
    HumanQueued = 7,
}
