using System.Globalization;
using System.Text;

namespace Muster.Contracts;

/// <summary>Foreign text made safe to show: cut, on one line, without control or direction characters.</summary>
internal static class Excerpt
{
    /// <summary>About one line of a terminal beside the words around it.</summary>
    public const int MaxChars = 80;

    public static string Of(ReadOnlySpan<byte> utf8)
    {
        // Four bytes are the longest character, so this never cuts away a visible one.
        var head = utf8.Length > MaxChars * 4 ? utf8[..(MaxChars * 4)] : utf8;
        return Of(Encoding.UTF8.GetString(head), head.Length < utf8.Length);
    }

    public static string Of(string value, bool wasCut = false)
    {
        var text = new StringBuilder();
        foreach (var rune in value.EnumerateRunes())
        {
            if (text.Length >= MaxChars)
            {
                wasCut = true;
                break;
            }

            if (IsPlain(rune))
            {
                text.Append(rune.ToString());
            }
            else
            {
                text.Append(CultureInfo.InvariantCulture, $"\\u{{{rune.Value:X4}}}");
            }
        }

        return wasCut ? text.Append('…').ToString() : text.ToString();
    }

    public static string Quoted(string value) => $"\"{Of(value)}\"";

    private static bool IsPlain(Rune rune) => Rune.GetUnicodeCategory(rune) is not (UnicodeCategory.Control or UnicodeCategory.Format
        or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.PrivateUse
        or UnicodeCategory.Surrogate or UnicodeCategory.OtherNotAssigned);
}
