namespace Muster.Handoffs;

public enum HandoffReplace
{
    /// <summary>Only a handoff that is as it was written.</summary>
    OwnUnchanged,

    /// <summary>Also one that somebody changed: it is moved aside and named; nothing is deleted.</summary>
    MoveAside,
}
