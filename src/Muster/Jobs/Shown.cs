using System.Globalization;
using System.Text;

namespace Muster.Jobs;

/// <summary>Text from outside made fit for a message: cut, on one line, without control or direction characters.</summary>
internal static class Shown
{
    private const int MaxChars = 60;

    public static string Quoted(string text)
    {
        var shown = new StringBuilder("\"");
        foreach (var rune in text.EnumerateRunes())
        {
            if (shown.Length > MaxChars)
            {
                return shown.Append("…\"").ToString();
            }

            Append(shown, rune);
        }

        return shown.Append('"').ToString();
    }

    private static void Append(StringBuilder shown, Rune rune)
    {
        var text = rune.Value switch
        {
            '\n' => "\\n",
            '\r' => "\\r",
            '\t' => "\\t",
            '"' => "\\\"",
            '\\' => "\\\\",
            _ when IsInvisible(rune) => "\\u{" + rune.Value.ToString("x", CultureInfo.InvariantCulture) + "}",
            _ => rune.ToString(),
        };
        shown.Append(text);
    }

    private static bool IsInvisible(Rune rune) => Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.Format
        or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.PrivateUse
        or UnicodeCategory.OtherNotAssigned;
}
