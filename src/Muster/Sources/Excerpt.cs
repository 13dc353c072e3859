using System.Globalization;
using System.Text;

namespace Muster.Sources;

/// <summary>Foreign text made fit for one line of a message: cut, and with everything invisible or reordering written as an escape.</summary>
internal static class Excerpt
{
    public static string Of(string text, int max = 80)
    {
        var shown = new StringBuilder(Math.Min(text.Length, max) + 8);
        foreach (var rune in text.EnumerateRunes())
        {
            if (shown.Length >= max)
            {
                return shown.Append('…').ToString();
            }

            switch (Rune.GetUnicodeCategory(rune))
            {
                case UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
                    or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned:
                    shown.Append(rune.IsBmp ? "\\u" : "\\U").Append(rune.Value.ToString(rune.IsBmp ? "x4" : "x8"));
                    break;
                default:
                    shown.Append(rune.ToString());
                    break;
            }
        }

        return shown.ToString();
    }

    public static string Of(ReadOnlySpan<byte> utf8, int max = 80) => Of(Encoding.UTF8.GetString(utf8[..Math.Min(utf8.Length, max * 4)]), max);

    /// <summary>Names for a message: the first fifty, and how many more there are.</summary>
    public static string List(IReadOnlyList<string> names)
    {
        const int most = 50;
        var shown = string.Join(", ", names.Take(most).Select(n => Of(n)));
        return names.Count <= most ? shown : $"{shown} and {names.Count - most} more";
    }
}
