namespace Muster.Simulator.Answers;

internal static class FirstSentence
{
    /// <summary>A summary that leaves room under the usual limit of 120.</summary>
    public const int MaxChars = 100;

    public static ReadOnlySpan<char> Of(ReadOnlySpan<char> text, int maxChars)
    {
        text = text.Trim();
        for (var i = 0; i < text.Length && i < maxChars; i++)
        {
            if (text[i] == '\n' || (text[i] is '.' or '!' or '?' && i > 0 && (i + 1 == text.Length || char.IsWhiteSpace(text[i + 1]))))
            {
                return text[..(text[i] == '\n' ? i : i + 1)].TrimEnd();
            }
        }

        if (text.Length <= maxChars)
        {
            return text;
        }

        var cut = text[..maxChars].LastIndexOf(' ');
        cut = cut > maxChars / 2 ? cut : maxChars;
        return text[..(cut > 0 && char.IsHighSurrogate(text[cut - 1]) ? cut - 1 : cut)].TrimEnd();
    }
}
