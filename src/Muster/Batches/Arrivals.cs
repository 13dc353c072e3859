using Muster.Verdicts;

namespace Muster.Batches;

/// <summary>
/// Creates in a row that are proven never to have arrived, in this process: a new one begins to count anew. What was sent before a loss
/// was known is of the same outage, and counts once with it.
/// </summary>
internal sealed class Arrivals(TimeProvider time, TimeSpan quietPeriod)
{
    private static readonly CallRule Rule = CallPolicy.Of(RemoteCall.Create, Trouble.NotArrived);

    private long countedUpTo;
    private long firstAt;
    private string? why;

    public int Lost { get; private set; }

    /// <summary>Why no further create is sent; null while one may be.</summary>
    public string? WhyStop => time.GetElapsedTime(firstAt) is var since && Rule.IsOver(Lost, since, quietPeriod)
        ? $"{Rule.Reason}: {Lost} creates in a row never arrived, over {since.TotalMinutes:0} minutes, the last one: {why}. "
            + "Check what stands between here and the API; running again sends again."
        : null;

    /// <summary>Leaves out what an earlier process sent: its own end may be why it did not arrive.</summary>
    /// <param name="newest">The highest number of a batch of the run.</param>
    public void CountFrom(long newest) => countedUpTo = newest;

    /// <summary>A create reached the API: it made a batch, or was refused.</summary>
    public void Arrived() => Lost = 0;

    /// <param name="batch">The number of the batch whose create is proven never to have arrived.</param>
    /// <param name="newest">The highest number of a batch of the run.</param>
    public void NotArrived(long batch, long newest, string seen)
    {
        if (batch <= countedUpTo)
            return;
        countedUpTo = newest;
        if (Lost++ == 0)
            firstAt = time.GetTimestamp();
        why = seen;
    }
}
