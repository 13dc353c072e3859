namespace Muster.Promotion;

/// <summary>A promotion that a person let through although something held it.</summary>
/// <param name="Reason">In the person's words.</param>
/// <param name="Holds">What held it, one sentence each.</param>
internal sealed record GateOverride(long RunId, DateTimeOffset At, string Who, string Reason, IReadOnlyList<string> Holds);
