namespace Muster.Batches;

/// <summary>Decides how many requests a batch holds, by count and by serialized bytes.</summary>
internal sealed class BatchPacker(int maxRows, long maxBytes)
{
    /// <summary><c>{"requests":[</c> opens the body; the tail closes it and is what the gate holds back.</summary>
    public static ReadOnlySpan<byte> Head => "{\"requests\":["u8;

    public static ReadOnlyMemory<byte> Tail { get; } = "]}"u8.ToArray();

    public int Rows { get; private set; }

    public long Bytes { get; private set; } = Head.Length + Tail.Length;

    /// <summary>The largest request that any batch can hold.</summary>
    public long MaxRequestBytes => maxBytes - Head.Length - Tail.Length;

    /// <summary>Takes the request in, or says that the batch is full.</summary>
    public bool TryAdd(int requestBytes)
    {
        var grown = Bytes + requestBytes + (Rows > 0 ? 1 : 0);
        if (Rows >= maxRows || grown > maxBytes)
            return false;
        Rows++;
        Bytes = grown;
        return true;
    }
}

/// <summary>A batch's request count is its fingerprint in the remote's list, so no two that may be confused share one.</summary>
internal static class DistinctCount
{
    /// <summary>The largest count up to <paramref name="wanted"/> that is not taken; <paramref name="wanted"/> itself when every one is.</summary>
    public static int AtMost(int wanted, IReadOnlySet<int> taken)
    {
        for (var count = wanted; count > 0; count--)
        {
            if (!taken.Contains(count))
                return count;
        }

        return wanted;
    }
}
