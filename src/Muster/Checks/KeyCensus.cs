using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Muster.Checks;

/// <summary>Tells keys that were seen before, by 64 bits of their hash: about 20 bytes a key, and a bounded number of them.</summary>
internal sealed class KeyCensus(int most = KeyCensus.DefaultMost)
{
    // At 20 bytes a key this is about 100 MB; two of 5 million keys share 64 bits once in 1.5 million sources.
    public const int DefaultMost = 5_000_000;

    private readonly HashSet<ulong> seen = [];

    /// <summary>False when keys came after the last that could be remembered.</summary>
    public bool IsComplete { get; private set; } = true;

    /// <summary>True when the key was counted before.</summary>
    public bool IsRepeated(string key)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(MemoryMarshal.AsBytes(key.AsSpan()), hash);
        var bits = BinaryPrimitives.ReadUInt64LittleEndian(hash);
        if (seen.Count < most)
            return !seen.Add(bits);
        if (seen.Contains(bits))
            return true;
        IsComplete = false;
        return false;
    }
}
