using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace Muster.Review;

/// <summary>
/// What makes two failures one issue: <c>v1:</c> and 12 hexadecimal digits of SHA-256 over reason, pointer, normalized message and
/// contract version, a unit separator (U+001F) between them. An issue keeps its version for life; a better normalization is a v2.
/// </summary>
internal static partial class Fingerprint
{
    public const string Version = "v1";

    public const string Prefix = Version + ":";

    /// <summary>Fewer digits of one do not name it.</summary>
    private const int LeastDigits = 4;

    private const char Separator = '\u001f';
    private const int Digits = 12;

    /// <param name="reason">A code without the pointer, as <c>SHP.SCHEMA</c>.</param>
    /// <param name="pointer">Where in the answer; empty for the whole or where there is no answer.</param>
    /// <param name="message">What was said of it.</param>
    /// <param name="contractVersion">Of the contract it was judged by.</param>
    public static string Of(string reason, string pointer, string message, string contractVersion)
    {
        var text = string.Join(Separator, reason, NormalizePointer(pointer), Normalize(message), contractVersion);
        return $"{Prefix}{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..Digits]}";
    }

    /// <summary>The same from a row's full reason, which carries the pointer as its detail: <c>SHP.SCHEMA./category</c>.</summary>
    public static string OfRow(string reason, string message, string contractVersion)
    {
        var pointer = At(reason);
        return pointer < 0 ? Of(reason.TrimEnd('.'), "", message, contractVersion) : Of(reason[..pointer], reason[(pointer + 1)..], message, contractVersion);
    }

    /// <summary>The pointer that a row's full reason carries; empty when none.</summary>
    public static string PointerOf(string reason) => At(reason) is >= 0 and var at ? reason[(at + 1)..] : "";

    /// <summary>True when a person means this fingerprint: by itself or its beginning, with or without its version.</summary>
    public static bool IsNamed(string fingerprint, string name)
    {
        var wanted = name.StartsWith(Prefix, StringComparison.Ordinal) ? name : Prefix + name;
        return wanted.Length >= Prefix.Length + LeastDigits && fingerprint.StartsWith(wanted, StringComparison.Ordinal);
    }

    private static int At(string reason) => reason.IndexOf("./", StringComparison.Ordinal);

    /// <summary>The message with what differs from row to row replaced by what it is.</summary>
    public static string Normalize(string message)
    {
        var normalized = Varying().Replace(message, match => match.Groups switch
        {
            var g when g["s"].Success => "<s>",
            var g when g["date"].Success => "<date>",
            var g when g["id"].Success => "<id>",
            var g when g["hex"].Success => "<hex>",
            _ => "<n>",
        });
        // A long value is cut with the message, and takes the closing full stop along.
        return normalized.TrimEnd('.', '…', ' ');
    }

    /// <summary>The place in an array is a number as any other.</summary>
    public static string NormalizePointer(string pointer) => Index().Replace(pointer, "/<n>");

    // First that fits: text in quotes (also cut before its end) and the quoted start of an object or array, dates, ids, hashes, numbers.
    [GeneratedRegex(
        """
        (?<s>"(?:[^"\\]|\\.)*(?:"|\\?$)|(?<![\w'])'[^'\n]*'(?!\w)|`[^`\n]*`|(?<=but\ is\ )[\[{].*)
        |(?<date>\b\d{4}-\d{2}-\d{2}(?:[T\ ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?)?\b)
        |(?<id>\b[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}\b|\b[a-z]{2,16}_(?=\w*\d)[0-9A-Za-z]{8,}\b)
        |(?<hex>\b(?:0x[0-9a-fA-F]+|(?=[0-9a-fA-F]*\d)(?=[0-9a-fA-F]*[a-fA-F])[0-9a-fA-F]{8,})\b)
        |(?<n>(?<![\w.])[-+]?\d+(?:[.,]\d+)*(?:[eE][-+]?\d+)?)
        """, RegexOptions.IgnorePatternWhitespace | RegexOptions.Singleline | RegexOptions.CultureInvariant)]
    private static partial Regex Varying();

    [GeneratedRegex("/[0-9]+(?=/|$)", RegexOptions.CultureInvariant)]
    private static partial Regex Index();
}
