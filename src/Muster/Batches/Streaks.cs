using Muster.Verdicts;

namespace Muster.Batches;

/// <summary>
/// Failures in a row of the same kind, per batch, in this process: a new one begins to count anew. A batch is known by our number, or by
/// the remote's id where it has none of ours.
/// </summary>
internal sealed class Streaks<TBatch>(TimeProvider time) where TBatch : notnull
{
    private readonly Dictionary<TBatch, (Trouble Kind, int Count, long FirstAt)> streaks = [];

    /// <summary>Counts one more failure.</summary>
    public Streak Add(TBatch batch, Trouble kind)
    {
        var (_, count, firstAt) = streaks.TryGetValue(batch, out var known) && known.Kind == kind ? known : (kind, 0, time.GetTimestamp());
        streaks[batch] = (kind, count + 1, firstAt);
        return new Streak(count + 1, time.GetElapsedTime(firstAt));
    }

    public bool Has(TBatch batch) => streaks.ContainsKey(batch);

    public void End(TBatch batch) => streaks.Remove(batch);
}

/// <param name="Count">Failures in a row, the newest included.</param>
/// <param name="Since">How long ago the first of them was.</param>
internal readonly record struct Streak(int Count, TimeSpan Since);
