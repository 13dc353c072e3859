using System.Buffers;

namespace Muster.Simulator.Rules;

/// <summary>
/// Which (row, attempt) a custom_id stands for. In <c>KEY-TAG</c> with a tag of 20 Crockford base32 characters (form 1, run 6,
/// nonce 8, attempt 2, check 3) nonce and check say nothing about the row, so the same row sent twice is recognised under
/// two ids. Any other id stands for itself.
/// </summary>
internal readonly record struct RowIdentity(ulong Hash, ulong KeyHash)
{
    private const int TagLength = 20;
    private const int NonceStart = 7;
    private const int AttemptStart = 15;
    private const int CheckStart = 17;
    private static readonly SearchValues<byte> Crockford =
        SearchValues.Create("0123456789ABCDEFGHJKMNPQRSTVWXYZabcdefghjkmnpqrstvwxyz"u8);

    public static RowIdentity Of(ReadOnlySpan<byte> customId)
    {
        var keyLength = customId.Length - TagLength - 1;
        if (keyLength < 1 || customId[keyLength] != (byte)'-' || customId[(keyLength + 1)..].IndexOfAnyExcept(Crockford) >= 0)
        {
            var whole = Chance.Hash(0x1D, customId);
            return new RowIdentity(whole, whole);
        }

        var tag = customId[(keyLength + 1)..];
        var key = Chance.Hash(0x2D, customId[..keyLength]);
        var row = Chance.Hash(key, tag[..NonceStart]);
        return new RowIdentity(Chance.Hash(row, tag[AttemptStart..CheckStart]), key);
    }
}
