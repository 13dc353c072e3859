namespace Muster.Pilots;

/// <param name="Key">The earlier row.</param>
/// <param name="Similarity">Estimated share of common three-character pieces, 0 to 1.</param>
internal sealed record Twin(string Key, double Similarity);

/// <summary>
/// Finds an earlier row with nearly the same text. Each text becomes 64 bytes, the smallest hash of its three-character pieces in each
/// of 64 bins; rows that agree in 8 neighbouring bytes are compared in all. The last 32,768 rows are remembered, the rest forgotten:
/// memory is fixed, and what is found is a part of what there is.
/// </summary>
internal sealed class NearDuplicates
{
    public const double MinSimilarity = 0.8;

    private const int Bins = 64;
    private const int Bands = 8;
    private const int Remembered = 1 << 15;
    private const int SlotsPerBand = 1 << 16;

    // With fewer bins in use the estimate is a guess.
    private const int MinBins = 16;

    private readonly byte[] signatures = new byte[Remembered * Bins];
    private readonly string[] keys = new string[Remembered];
    private readonly long[] slots = new long[Bands * SlotsPerBand];
    private long rows;

    /// <summary>Looks among the remembered rows, then remembers this one.</summary>
    public Twin? Add(ReadOnlySpan<char> folded, string key)
    {
        Span<byte> signature = stackalloc byte[Bins];
        if (Sign(folded, signature) < MinBins)
            return null;
        var row = ++rows;
        Twin? best = null;
        for (var band = 0; band < Bands; band++)
        {
            var value = BitConverter.ToUInt64(signature[(band * Bands)..]);
            if (value == 0)
                continue;
            ref var slot = ref slots[(band * SlotsPerBand) + (int)(Mix(value + (ulong)band) & (SlotsPerBand - 1))];
            if (slot > 0 && row - slot < Remembered && Compare(signature, slot) is var similarity and >= MinSimilarity && similarity > (best?.Similarity ?? 0))
                best = new Twin(keys[slot % Remembered], similarity);
            slot = row;
        }

        signature.CopyTo(signatures.AsSpan((int)(row % Remembered) * Bins));
        keys[row % Remembered] = key;
        return best;
    }

    private double Compare(ReadOnlySpan<byte> signature, long row)
    {
        var other = signatures.AsSpan((int)(row % Remembered) * Bins, Bins);
        var (equal, used) = (0, 0);
        for (var i = 0; i < Bins; i++)
        {
            used += (signature[i] | other[i]) == 0 ? 0 : 1;
            equal += signature[i] == other[i] && signature[i] != 0 ? 1 : 0;
        }

        return used == 0 ? 0 : (double)equal / used;
    }

    /// <returns>Bins in use. Zero stands for an empty bin.</returns>
    private static int Sign(ReadOnlySpan<char> folded, Span<byte> signature)
    {
        Span<ulong> least = stackalloc ulong[Bins];
        least.Fill(ulong.MaxValue);
        for (var i = 2; i < folded.Length; i++)
        {
            var hash = Mix(((ulong)folded[i - 2] << 32) | ((ulong)folded[i - 1] << 16) | folded[i]);
            ref var bin = ref least[(int)(hash >> 58)];
            bin = Math.Min(bin, hash << 6);
        }

        var used = 0;
        for (var i = 0; i < Bins; i++)
        {
            signature[i] = least[i] == ulong.MaxValue ? (byte)0 : (byte)(1 + (least[i] % 255));
            used += signature[i] == 0 ? 0 : 1;
        }

        return used;
    }

    private static ulong Mix(ulong value) => SeededOrder.Mix(value);
}
