namespace Muster.Batches;

/// <summary>Failures in a row of the same kind, per batch, in this process: a new one begins to count anew.</summary>
internal sealed class Streaks<TKind>(TimeProvider time) where TKind : struct, Enum
{
    private readonly Dictionary<long, (TKind Kind, int Count, long FirstAt)> streaks = [];

    /// <summary>Counts one more failure.</summary>
    public Streak Add(long batchId, TKind kind)
    {
        var (_, count, firstAt) = streaks.TryGetValue(batchId, out var known) && known.Kind.Equals(kind) ? known : (kind, 0, time.GetTimestamp());
        streaks[batchId] = (kind, count + 1, firstAt);
        return new Streak(count + 1, time.GetElapsedTime(firstAt));
    }

    public bool Has(long batchId) => streaks.ContainsKey(batchId);

    public void End(long batchId) => streaks.Remove(batchId);
}

/// <param name="Count">Failures in a row, the newest included.</param>
/// <param name="Since">How long ago the first of them was.</param>
internal readonly record struct Streak(int Count, TimeSpan Since);
