using System.Collections.Concurrent;

namespace Muster.Simulator.Batches;

/// <summary>
/// The prompt caches of batches and of sync calls. A batch warms its prefixes when it ends; its own requests run side by side and
/// each pays the write, which is what users measured. A sync call warms at once, and few rows of a batch find that.
/// </summary>
internal sealed class WarmPrefixes
{
    private const int MaxKept = 16_384;
    private static readonly TimeSpan Short = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan Long = TimeSpan.FromHours(1);
    private readonly ConcurrentDictionary<ulong, Window> _batch = new();
    private readonly ConcurrentDictionary<ulong, Window> _sync = new();

    private readonly record struct Window(DateTimeOffset From, DateTimeOffset Until);

    public bool HoldsFromBatch(ulong prefix, DateTimeOffset now) => Holds(_batch, prefix, now);

    public bool HoldsFromSync(ulong prefix, DateTimeOffset now) => Holds(_sync, prefix, now);

    public void WarmByBatch(ulong prefix, DateTimeOffset created, DateTimeOffset ended, bool oneHour) => Warm(_batch, prefix, created, ended, oneHour);

    public void WarmBySync(ulong prefix, DateTimeOffset now, bool oneHour) => Warm(_sync, prefix, now, now, oneHour);

    public void Clear()
    {
        _batch.Clear();
        _sync.Clear();
    }

    private static bool Holds(ConcurrentDictionary<ulong, Window> windows, ulong prefix, DateTimeOffset now) =>
        windows.TryGetValue(prefix, out var window) && now >= window.From && now < window.Until;

    private static void Warm(ConcurrentDictionary<ulong, Window> windows, ulong prefix, DateTimeOffset started, DateTimeOffset from, bool oneHour)
    {
        if (windows.Count >= MaxKept)
        {
            foreach (var (old, window) in windows)
            {
                if (window.Until < started)
                {
                    windows.TryRemove(old, out _);
                }
            }
        }

        if (windows.Count < MaxKept)
        {
            // Whoever reads a warm prefix keeps it warm.
            var since = windows.TryGetValue(prefix, out var old) && started < old.Until ? old.From : from;
            windows[prefix] = new Window(since < from ? since : from, from + (oneHour ? Long : Short));
        }
    }
}
