namespace Muster.Promotion;

internal enum PromotionStep
{
    /// <summary>Reading the source again, because it is another one than at the time of the run.</summary>
    ReadingSource,
    ReadingAnswers,
    Comparing,
    Writing,
}

/// <param name="Rows">Rows read so far; 0 where the target works on all at once.</param>
internal sealed record PromotionProgress(PromotionStep Step, long Rows);
