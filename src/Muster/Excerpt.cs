using System.Globalization;
using System.Text;

namespace Muster;

/// <summary>Row text as it may stand in a message: cut, quoted, and without anything a terminal would obey.</summary>
internal static class Excerpt
{
    private const int MaxChars = 60;

    public static string Of(string text)
    {
        var shown = new StringBuilder("\"");
        foreach (var rune in text.EnumerateRunes())
        {
            if (shown.Length > MaxChars)
            {
                shown.Append('…');
                break;
            }

            var category = Rune.GetUnicodeCategory(rune);
            if (category is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator
                or UnicodeCategory.ParagraphSeparator or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse)
                shown.Append(CultureInfo.InvariantCulture, $"\\u{rune.Value:x4}");
            else
                shown.Append(rune.ToString());
        }

        return shown.Append('"').ToString();
    }

    public static string Of(ReadOnlySpan<byte> utf8) =>
        Of(Encoding.UTF8.GetString(utf8.Length > 4 * MaxChars ? utf8[..(4 * MaxChars)] : utf8));
}
