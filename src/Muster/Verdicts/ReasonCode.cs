using System.Text.RegularExpressions;

namespace Muster.Verdicts;

/// <summary>Reads the code at the head of a sentence about why something stopped; the rest may quote foreign text.</summary>
internal static partial class ReasonCode
{
    public static string? Of(string? why) => why is not null && Pattern().Match(why) is { Success: true } match ? match.Value : null;

    [GeneratedRegex(@"\A[A-Z]{3}\.[A-Z_]{3,40}(?:\.[a-z_]{1,40})?(?=:|\z)", RegexOptions.CultureInvariant)]
    private static partial Regex Pattern();
}
