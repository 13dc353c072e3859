using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Muster.Alerts;

/// <summary>
/// The headers of the Standard Webhooks specification: HMAC-SHA256 over <c>ID.TIMESTAMP.BODY</c>, so that neither the body nor its
/// time can be changed, and a receiver that refuses old timestamps cannot be sent an old alert again.
/// </summary>
internal static class AlertSignature
{
    public const string IdHeader = "webhook-id";
    public const string TimestampHeader = "webhook-timestamp";
    public const string SignatureHeader = "webhook-signature";

    /// <summary>24 bytes is the least the specification allows.</summary>
    public const int MinSecretBytes = 24;

    private const string Prefix = "whsec_";

    /// <summary>The key bytes of a secret: base64 after <c>whsec_</c>, otherwise its UTF-8 bytes. Null when it is too short or not base64.</summary>
    public static byte[]? KeyOf(string secret)
    {
        byte[] key;
        if (secret.StartsWith(Prefix, StringComparison.Ordinal))
        {
            key = new byte[secret.Length];
            if (!Convert.TryFromBase64String(secret[Prefix.Length..], key, out var written))
                return null;
            key = key[..written];
        }
        else
        {
            key = Encoding.UTF8.GetBytes(secret);
        }

        return key.Length >= MinSecretBytes ? key : null;
    }

    public static string Of(byte[] key, string id, DateTimeOffset at, ReadOnlySpan<byte> body)
    {
        using var hash = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, key);
        hash.AppendData(Encoding.UTF8.GetBytes($"{id}.{Timestamp(at)}."));
        hash.AppendData(body);
        return $"v1,{Convert.ToBase64String(hash.GetHashAndReset())}";
    }

    public static string Timestamp(DateTimeOffset at) => at.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
}
