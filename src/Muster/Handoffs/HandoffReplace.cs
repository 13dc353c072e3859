namespace Muster.Handoffs;

public enum HandoffReplace
{
    /// <summary>Only a handoff that is as it was written.</summary>
    OwnUnchanged,

    /// <summary>Whatever is there is moved aside and named; nothing is deleted.</summary>
    MoveAside,
}
