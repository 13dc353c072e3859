namespace Muster.Handoffs;

public enum HandoffRows
{
    /// <summary>Keys, messages and outputs of rows stand in the report, the quarantine and the eval set.</summary>
    With,

    /// <summary>They are left out; counts, places and reason codes stay.</summary>
    Without,
}
