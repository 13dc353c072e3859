using System.Globalization;
using System.Text;

namespace Muster.Pilots;

/// <summary>Foreign text as HTML text: nothing in it is markup, and what is invisible or reorders is written out.</summary>
internal static class HtmlText
{
    public static string Of(string text)
    {
        var html = new StringBuilder(text.Length + 16);
        foreach (var rune in text.EnumerateRunes())
        {
            html.Append(rune.Value switch
            {
                '&' => "&amp;",
                '<' => "&lt;",
                '>' => "&gt;",
                '"' => "&quot;",
                '\'' => "&#39;",
                '\n' or '\t' => ((char)rune.Value).ToString(),
                _ when IsShown(rune) => rune.ToString(),
                _ => $"<i class=\"odd\">U+{rune.Value:X4}</i>",
            });
        }

        return html.ToString();
    }

    private static bool IsShown(Rune rune) => Rune.GetUnicodeCategory(rune) is not (UnicodeCategory.Control or UnicodeCategory.Format
        or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.PrivateUse
        or UnicodeCategory.Surrogate or UnicodeCategory.OtherNotAssigned);
}
