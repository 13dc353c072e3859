using System.Buffers.Binary;
using System.Text;

namespace Muster.Simulator;

/// <summary>Seeded chance without state: a draw is a hash of what it is drawn for, so order and threads change nothing.</summary>
internal static class Chance
{
    private const string Base58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

    public static ulong Mix(ulong a, ulong b)
    {
        // The 64×64→128 multiply-and-fold of wyhash; the odd constants keep a zero operand from erasing the other.
        var high = Math.BigMul(a ^ 0x9E3779B97F4A7C15UL, b ^ 0xE7037ED1A0B428DBUL, out ulong low);
        var folded = high ^ low;
        folded ^= folded >> 32;
        folded *= 0xD6E8FEB86659FD93UL;
        return folded ^ (folded >> 32);
    }

    public static ulong Hash(ulong seed, ReadOnlySpan<byte> bytes)
    {
        var hash = seed ^ (ulong)bytes.Length * 0x8EBC6AF09C88C6E3UL;
        while (bytes.Length >= 16)
        {
            var high = Math.BigMul(
                BinaryPrimitives.ReadUInt64LittleEndian(bytes) ^ hash,
                BinaryPrimitives.ReadUInt64LittleEndian(bytes[8..]) ^ 0xA0761D6478BD642FUL,
                out ulong low);
            hash = (high ^ low) + 0x589965CC75374CC3UL;
            bytes = bytes[16..];
        }

        Span<byte> tail = stackalloc byte[16];
        tail.Clear();
        bytes.CopyTo(tail);
        return Mix(Mix(hash, BinaryPrimitives.ReadUInt64LittleEndian(tail)), BinaryPrimitives.ReadUInt64LittleEndian(tail[8..]));
    }

    public static ulong Hash(ulong seed, string text) => Hash(seed, Encoding.UTF8.GetBytes(text));

    /// <summary>0 ≤ result &lt; 1.</summary>
    public static double Unit(ulong hash) => (hash >> 11) * (1.0 / (1UL << 53));

    /// <summary>22 base58 characters, the tail of every documented id.</summary>
    public static void WriteId(ulong hash, Span<byte> into)
    {
        var half = Mix(hash, 0x1D);
        for (var i = 0; i < into.Length; i++)
        {
            if (i == into.Length / 2)
            {
                half = Mix(hash, 0x2D);
            }

            into[i] = (byte)Base58[(int)(half % 58)];
            half /= 58;
        }
    }

    public static string Id(string prefix, ulong hash)
    {
        Span<byte> tail = stackalloc byte[22];
        WriteId(hash, tail);
        return prefix + Encoding.ASCII.GetString(tail);
    }
}
