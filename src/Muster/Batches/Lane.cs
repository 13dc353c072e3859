namespace Muster.Batches;

/// <summary>How the requests of a batch travel.</summary>
public enum Lane
{
    /// <summary>By the Message Batches API, at half the price.</summary>
    Batch,

    /// <summary>By calls of their own, all at once, at the full price. Such a batch has no remote id.</summary>
    Synchronous,
}

/// <summary>The pending rows of one lane.</summary>
/// <param name="From">Rows that have spent so many attempts belong to <see cref="Lane.Synchronous"/>; null when the job has no such lane.</param>
internal readonly record struct LaneRows(Lane Lane, int? From)
{
    /// <summary>Every pending row goes in a batch.</summary>
    public static LaneRows All => new(Lane.Batch, null);

    /// <summary>Rows with at least <see cref="Least"/> and less than <see cref="Below"/> spent attempts.</summary>
    public int Least => Lane == Lane.Synchronous ? From ?? int.MaxValue : 0;

    public int Below => Lane == Lane.Synchronous ? int.MaxValue : From ?? int.MaxValue;

    public bool Has(int spent) => spent >= Least && spent < Below;
}
