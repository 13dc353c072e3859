namespace Muster.Promotion;

/// <summary>A promotion that a person let through although something held it.</summary>
/// <param name="By">What held it, one word, as in <see cref="PromotionHold"/>.</param>
/// <param name="Reason">In the person's words.</param>
/// <param name="Holds">What held it, one sentence each.</param>
internal sealed record PromotionOverride(long RunId, string By, DateTimeOffset At, string Who, string Reason, IReadOnlyList<string> Holds);
