using Muster.Pilots;

namespace Muster.Review;

/// <summary>How much each thing moves an item up the queue.</summary>
internal sealed record PriorityWeights(double Impact = 1, double Uncertainty = 1, double Leverage = 0.5, double AgePerDay = 0.1);

/// <param name="Weight">What the row is worth to the job, 0 to 1.</param>
/// <param name="Probability">That the answer is right, 0 to 1: at a half a person helps most.</param>
/// <param name="IssueRows">Rows that the same decision would settle.</param>
internal sealed record PriorityFacts(double Weight, double Probability, long IssueRows, TimeSpan Age);

/// <summary>Who comes next. Pure.</summary>
internal static class ReviewOrder
{
    /// <summary>Above what any frequency gives: the first row of each reason comes before the second of any.</summary>
    public const double FirstOfItsKind = 100;

    private const int Block = 20;

    // Three of twenty are 15 %.
    private const int SamplesInBlock = 3;

    public static double Priority(PriorityFacts facts, PriorityWeights weights) =>
        (weights.Impact * facts.Weight) + (weights.Uncertainty * (1 - Math.Abs((2 * facts.Probability) - 1)))
        + (weights.Leverage * Math.Log(1 + facts.IssueRows)) + (weights.AgePerDay * facts.Age.TotalDays);

    /// <summary>One item of each issue first, then by priority, then the oldest, then by id.</summary>
    public static IReadOnlyList<ReviewItem> Sort(IEnumerable<ReviewItem> items)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        return
        [
            .. ByPriority(items).Select(item => (Item: item, Later: item.IssueId is { } issue && !seen.Add(issue)))
                .ToList().OrderBy(item => item.Later).Select(item => item.Item),
        ];
    }

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

    private static IOrderedEnumerable<ReviewItem> ByPriority(IEnumerable<ReviewItem> items) =>
        items.OrderByDescending(item => item.Priority).ThenBy(item => item.OpenedAt).ThenBy(item => item.Id, StringComparer.Ordinal);
}
