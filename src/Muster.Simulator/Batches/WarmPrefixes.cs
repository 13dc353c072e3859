using System.Collections.Concurrent;

namespace Muster.Simulator.Batches;

/// <summary>
/// The batch prompt cache. A batch warms its prefix when it ends; its own requests run side by side and each pays the write,
/// which is what users measured.
/// </summary>
internal sealed class WarmPrefixes
{
    private static readonly TimeSpan Short = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan Long = TimeSpan.FromHours(1);
    private readonly ConcurrentDictionary<ulong, Window> _windows = new();

    private readonly record struct Window(DateTimeOffset From, DateTimeOffset Until);

    public bool Holds(ulong prefix, DateTimeOffset now) => _windows.TryGetValue(prefix, out var window) && now >= window.From && now < window.Until;

    public void Warm(ulong prefix, DateTimeOffset from, bool oneHour) => _windows[prefix] = new Window(from, from + (oneHour ? Long : Short));

    public void Clear() => _windows.Clear();
}
