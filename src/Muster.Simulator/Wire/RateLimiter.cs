namespace Muster.Simulator.Wire;

/// <summary>A fixed window of one virtual minute.</summary>
internal sealed class RateLimiter(int? perMinute)
{
    private readonly Lock _gate = new();
    private long _minute;
    private int _used;

    public int? PerMinute { get; } = perMinute;

    public RateVerdict Take(DateTimeOffset now)
    {
        lock (_gate)
        {
            var minute = now.Ticks / TimeSpan.TicksPerMinute;
            if (minute != _minute)
            {
                _minute = minute;
                _used = 0;
            }

            _used++;
            var reset = new DateTimeOffset((minute + 1) * TimeSpan.TicksPerMinute, TimeSpan.Zero);
            var limit = PerMinute ?? int.MaxValue;
            return new RateVerdict(_used <= limit, Math.Max(0, limit - _used), reset);
        }
    }
}

internal readonly record struct RateVerdict(bool Allowed, int Remaining, DateTimeOffset Reset)
{
    public int WaitSeconds(DateTimeOffset now) => (int)Math.Ceiling(Math.Max(1, (Reset - now).TotalSeconds));
}
