using System.Security.Cryptography;
using System.Text;

namespace Muster.Requests;

/// <summary>
/// <c>custom_id = KEY "-" TAG</c>, at most 64 of <c>[A-Za-z0-9_-]</c>. TAG is 20 Crockford characters, read from the right:
/// form 1, run 6, nonce 8, attempt 2, check 3. The check tells our ids from foreign ones; it is not security.
/// </summary>
public static class CustomId
{
    public const int MaxChars = 64;
    internal const int TagChars = 20;
    internal const int RunChars = 6;
    internal const int NonceChars = 8;
    internal const int MaxAttempt = (1 << 10) - 1;

    /// <summary>A readable key leaves room for the dash and the tag.</summary>
    internal const int MaxReadableChars = MaxChars - TagChars - 1;

    /// <summary>130 bits: a collision is not expected in the life of the universe, and is detected all the same.</summary>
    private const int HashedChars = 26;

    private const char Readable = 'R';
    private const char Hashed = 'H';

    /// <summary>True when the key can stand in the id as it is.</summary>
    public static bool IsReadable(string key) =>
        key.Length is >= 1 and <= MaxReadableChars && key.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-');

    /// <summary>What stands in the id for a key that cannot or must not be read there.</summary>
    /// <param name="secret">The store's secret when the key is sensitive: a plain hash of a short key can be guessed. Empty otherwise.</param>
    internal static string HashedPart(string key, ReadOnlySpan<byte> secret)
    {
        var bytes = Encoding.UTF8.GetBytes(key);
        Span<byte> hash = stackalloc byte[32];
        if (secret.IsEmpty)
            SHA256.HashData(bytes, hash);
        else
            HMACSHA256.HashData(secret, bytes, hash);
        Span<char> part = stackalloc char[HashedChars];
        Crockford.Write(hash, part);
        return new string(part);
    }

    /// <summary>Writes the id as ASCII and returns its length.</summary>
    /// <param name="hashedPart">The stored part for a key that is not readable; null for a readable one.</param>
    internal static int Write(Span<byte> to, string key, string? hashedPart, string run, string nonce, int attempt)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(attempt, MaxAttempt);
        var part = hashedPart ?? key;
        Span<char> id = stackalloc char[MaxChars];
        part.CopyTo(id);
        var at = part.Length;
        id[at++] = '-';
        id[at++] = hashedPart is null ? Readable : Hashed;
        run.CopyTo(id[at..]);
        at += RunChars;
        nonce.CopyTo(id[at..]);
        at += NonceChars;
        Crockford.WriteNumber(attempt, id.Slice(at, 2));
        at += 2;
        Check(id[..at], id.Slice(at, 3));
        at += 3;
        return Encoding.ASCII.GetBytes(id[..at], to);
    }

    /// <summary>Reads an id of ours; null for any other.</summary>
    public static ParsedId? Parse(string id)
    {
        if (id.Length is <= TagChars + 1 or > MaxChars || id[^(TagChars + 1)] != '-')
            return null;
        Span<char> check = stackalloc char[3];
        Check(id.AsSpan(0, id.Length - 3), check);
        var tag = id.AsSpan(id.Length - TagChars);
        if (!check.SequenceEqual(tag[^3..]) || tag[0] is not (Readable or Hashed) || !Crockford.TryReadNumber(tag.Slice(15, 2), out var attempt))
            return null;
        return new ParsedId(id[..^(TagChars + 1)], tag[0] == Hashed, new string(tag.Slice(1, RunChars)), new string(tag.Slice(7, NonceChars)), attempt);
    }

    private static void Check(ReadOnlySpan<char> id, Span<char> check)
    {
        Span<byte> ascii = stackalloc byte[MaxChars];
        Span<byte> hash = stackalloc byte[32];
        SHA256.HashData(ascii[..Encoding.ASCII.GetBytes(id, ascii)], hash);
        Crockford.Write(hash, check);
    }
}

/// <param name="Part">The key, or what stands for it.</param>
/// <param name="Run">The run's tag.</param>
/// <param name="Nonce">The try that sent it.</param>
public sealed record ParsedId(string Part, bool IsHashed, string Run, string Nonce, int Attempt);
