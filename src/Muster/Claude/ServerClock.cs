namespace Muster.Claude;

/// <summary>
/// The remote's time, from the <c>Date</c> of its newest reply, carried on by elapsed time: setting this machine's clock moves it neither
/// way. Before the first reply it is this machine's time at the start.
/// </summary>
internal sealed class ServerClock
{
    // A Date has whole seconds and is written before its reply arrives: a prediction this much ahead of it agrees with it.
    private static readonly TimeSpan Grain = TimeSpan.FromSeconds(2);

    /// <summary>Two processes' readings at one moment differ by no more: a second that was cut off, and one on the way.</summary>
    public static readonly TimeSpan Error = TimeSpan.FromSeconds(2);

    private readonly TimeProvider time;
    private readonly Lock gate = new();
    private DateTimeOffset known;
    private long knownAt;

    public ServerClock(TimeProvider time)
    {
        this.time = time;
        (known, knownAt) = (time.GetUtcNow(), time.GetTimestamp());
    }

    public DateTimeOffset Now
    {
        get
        {
            lock (gate)
                return known + time.GetElapsedTime(knownAt);
        }
    }

    public void Learn(DateTimeOffset date)
    {
        lock (gate)
        {
            var ahead = known + time.GetElapsedTime(knownAt) - date;
            if (ahead >= TimeSpan.Zero && ahead <= Grain)
                return;
            (known, knownAt) = (date, time.GetTimestamp());
        }
    }
}
