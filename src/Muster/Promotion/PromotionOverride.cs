namespace Muster.Promotion;

/// <summary>A promotion that a person let through although something held it.</summary>
/// <param name="HeldBy">What held it, one word: <see cref="Holds.Evals"/> or <see cref="DriftHold.Name"/>.</param>
/// <param name="PromotionId">What it was let through for. Where the target has no such promotion, something else stopped it.</param>
/// <param name="Reason">In the person's words.</param>
/// <param name="Holds">What held it, one sentence each.</param>
internal sealed record PromotionOverride(
    long RunId, string HeldBy, string PromotionId, DateTimeOffset At, string Who, string Reason, IReadOnlyList<string> Holds);
