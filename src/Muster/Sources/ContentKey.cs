using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Muster.Sources;

/// <summary>
/// A key made of what a row says: SHA-256 over each value as a 4-byte big-endian length and its UTF-8 bytes (an absent value is
/// the length 0xFFFFFFFF alone), the first 130 bits written as 26 characters of Crockford's base32.
/// </summary>
internal static class ContentKey
{
    public const int Length = 26;

    // Keys are stored and joined on: this alphabet and the framing below never change.
    private const string Crockford = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

    public static void AddValue(IBufferWriter<byte> framed, ReadOnlySpan<byte> utf8)
    {
        AddLength(framed, (uint)utf8.Length);
        framed.Write(utf8);
    }

    public static void AddAbsent(IBufferWriter<byte> framed) => AddLength(framed, uint.MaxValue);

    public static string Of(ReadOnlySpan<byte> framed)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(framed, hash);
        Span<char> key = stackalloc char[Length];
        var (bits, held, at) = (0u, 0, 0);
        for (var i = 0; i < Length; i++)
        {
            if (held < 5)
            {
                bits = (bits << 8) | hash[at++];
                held += 8;
            }

            held -= 5;
            key[i] = Crockford[(int)(bits >> held) & 31];
        }

        return new string(key);
    }

    private static void AddLength(IBufferWriter<byte> framed, uint length)
    {
        BinaryPrimitives.WriteUInt32BigEndian(framed.GetSpan(4), length);
        framed.Advance(4);
    }
}
