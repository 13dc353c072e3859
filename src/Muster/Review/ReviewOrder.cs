using Muster.Pilots;

namespace Muster.Review;

/// <summary>Who comes next. Pure.</summary>
internal static class ReviewOrder
{
    /// <summary>Above what any frequency gives: the first row of each reason comes before the second of any.</summary>
    public const double FirstOfItsKind = 100;

    private const double PerRowAlike = 0.5;

    private const int Block = 20;

    // Three of twenty are 15 %.
    private const int SamplesInBlock = 3;

    /// <summary>What settles more rows at once comes earlier.</summary>
    /// <param name="alike">Rows of the run that wait for the same reason.</param>
    public static double Priority(long alike) => PerRowAlike * Math.Log(1 + alike);

    /// <summary>
    /// Whether the queue's n-th place (from 0) goes to a sampled row that passed: three places of each twenty, shuffled by the seed, so that a
    /// reviewer cannot tell by the place.
    /// </summary>
    public static bool IsSample(long place, ulong seed)
    {
        var (block, at) = Math.DivRem(place, Block);
        var own = SeededOrder.Place(seed, (ulong)block, at);
        return Enumerable.Range(0, Block).Count(other => SeededOrder.Place(seed, (ulong)block, other) < own) < SamplesInBlock;
    }
}
