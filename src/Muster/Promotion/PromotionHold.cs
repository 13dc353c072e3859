namespace Muster.Promotion;

/// <summary>Something that keeps a run's outputs out of the target until a person decides.</summary>
/// <param name="By">What holds it, one word: <see cref="Holds.Evals"/>. What drift holds, which reads every row, is told by <see cref="DriftHeldException"/>.</param>
/// <param name="Reason">One sentence, for people.</param>
/// <param name="See">The command that shows more.</param>
/// <param name="Override">The option of <c>muster promote</c> that lets it through, with a reason that is recorded.</param>
/// <param name="IsUndecided">True when too little is known to say that the run is worse.</param>
internal sealed record PromotionHold(string By, string Reason, string See, string Override, bool IsUndecided);
