namespace Muster.Pilots;

/// <summary>The job's version cannot be locked; nothing was written.</summary>
public sealed class PilotLockException(string message, string hint) : MusterException(message, hint);
