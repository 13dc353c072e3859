using System.Security.Cryptography;
using System.Text;

namespace Muster.Purges;

/// <summary>What is written where a key was: a keyed hash, by which a purged key is known again to whoever has the store's secret.</summary>
internal sealed class StandIn(byte[] secret)
{
    // 128 bits: enough that two keys never meet, short enough to stand where a key stood.
    private const int HashBytes = 16;

    public byte[] Hash(ReadOnlySpan<byte> bytes) => HMACSHA256.HashData(secret, bytes)[..HashBytes];

    public string Of(string key) => $"purged-{Convert.ToHexStringLower(Hash(Encoding.UTF8.GetBytes(key)))}";
}
