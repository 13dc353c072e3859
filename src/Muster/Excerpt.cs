using System.Globalization;
using System.Text;

namespace Muster;

/// <summary>Foreign text made fit for one line of a message: cut, and with everything invisible or reordering written as an escape.</summary>
internal static class Excerpt
{
    private const int MaxNames = 50;

    /// <param name="maxChars">About one line of a terminal beside the words around it.</param>
    public static string Of(string text, int maxChars = 80)
    {
        var shown = new StringBuilder(Math.Min(text.Length, maxChars) + 8);
        foreach (var rune in text.EnumerateRunes())
        {
            if (shown.Length >= maxChars)
                return shown.Append('…').ToString();
            Append(shown, rune);
        }

        return shown.ToString();
    }

    public static string Of(ReadOnlySpan<byte> utf8, int maxChars = 80)
    {
        // Four bytes are the longest character, so this never cuts away a visible one.
        var cut = utf8.Length > maxChars * 4;
        var shown = Of(Encoding.UTF8.GetString(cut ? utf8[..(maxChars * 4)] : utf8), maxChars);
        return cut && !shown.EndsWith('…') ? shown + "…" : shown;
    }

    public static string Quoted(string text, int maxChars = 80) => $"\"{Of(text, maxChars).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";

    public static string Quoted(ReadOnlySpan<byte> utf8, int maxChars = 80) =>
        $"\"{Of(utf8, maxChars).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";

    /// <summary>Names for a message: the first fifty, and how many more there are.</summary>
    public static string List(IReadOnlyList<string> names)
    {
        var shown = string.Join(", ", names.Take(MaxNames).Select(name => Of(name)));
        return names.Count <= MaxNames ? shown : $"{shown} and {names.Count - MaxNames} more";
    }

    private static void Append(StringBuilder shown, Rune rune)
    {
        switch (rune.Value)
        {
            case '\n':
                shown.Append("\\n");
                break;
            case '\r':
                shown.Append("\\r");
                break;
            case '\t':
                shown.Append("\\t");
                break;
            case var _ when IsPlain(rune):
                shown.Append(rune.ToString());
                break;
            default:
                shown.Append(CultureInfo.InvariantCulture, $"\\u{{{rune.Value:x}}}");
                break;
        }
    }

    private static bool IsPlain(Rune rune) => Rune.GetUnicodeCategory(rune) is not (UnicodeCategory.Control or UnicodeCategory.Format
        or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.PrivateUse
        or UnicodeCategory.Surrogate or UnicodeCategory.OtherNotAssigned);
}
