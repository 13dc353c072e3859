namespace Muster.Drift;

/// <summary>Hashes that are the same on every machine and in every process. Not secure; they only tell apart.</summary>
internal static class TextHash
{
    private const ulong Offset = 14695981039346656037;
    private const ulong Prime = 1099511628211;

    public static ulong Of(ReadOnlySpan<byte> bytes)
    {
        var hash = Offset;
        foreach (var b in bytes)
            hash = (hash ^ b) * Prime;
        return Mix(hash);
    }

    public static ulong Of(ReadOnlySpan<char> text)
    {
        var hash = Offset;
        foreach (var c in text)
            hash = (hash ^ c) * Prime;
        return Mix(hash);
    }

    /// <summary>Spreads every bit over all (the finalizer of splitmix64, Steele et al. 2014).</summary>
    public static ulong Mix(ulong hash)
    {
        hash = (hash ^ (hash >> 30)) * 0xBF58476D1CE4E5B9;
        hash = (hash ^ (hash >> 27)) * 0x94D049BB133111EB;
        return hash ^ (hash >> 31);
    }
}
