using System.Globalization;
using System.Text;

namespace Muster;

/// <summary>Foreign text as HTML text: nothing in it is markup, and what is invisible or reorders is written out.</summary>
internal static class HtmlText
{
    /// <summary>With what is written out set apart from the rest.</summary>
    public static string Of(string text) => Escape(text, "<i class=\"odd\">", "</i>");

    /// <summary>Without any element, for attributes, titles and drawings, where one would end them.</summary>
    public static string Plain(string text) => Escape(text, "", "");

    private static string Escape(string text, string open, string close)
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
                _ => $"{open}U+{rune.Value:X4}{close}",
            });
        }

        return html.ToString();
    }

    private static bool IsShown(Rune rune) => Rune.GetUnicodeCategory(rune) is not (UnicodeCategory.Control or UnicodeCategory.Format
        or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.PrivateUse
        or UnicodeCategory.Surrogate or UnicodeCategory.OtherNotAssigned);
}
