using System.Buffers;
using System.Collections.Frozen;

namespace Muster.Pilots;

/// <param name="Weight">How telling it is; more first.</param>
internal sealed record Sign(int Weight, string Why);

/// <summary>Signs of hard input that one row shows by itself. Pure; the text comes in lower case.</summary>
internal static class TextSigns
{
    private const int LongRun = 5;

    // Longer than the longest name of a character entity.
    private const int MaxEntityChars = 32;

    private static readonly SearchValues<char> MarkupStarts = SearchValues.Create("<&{]:");

    private static readonly SearchValues<string> FillerPhrases = SearchValues.Create(
        ["do not delete", "do not use", "do not buy", "lorem ipsum", "не удалять", "не использовать", "не заказывать"], StringComparison.Ordinal);

    private static readonly SearchValues<string> KeyboardRuns = SearchValues.Create(["asdf", "qwert", "zxcv", "йцуке", "фыва", "ячсм"], StringComparison.Ordinal);

    private static readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> Fillers = FrozenSet.Create(StringComparer.Ordinal,
        "test", "tests", "testing", "tester", "тест", "тестовый", "тестовая", "тестовое", "tba", "tbd", "todo", "dummy", "placeholder", "foo", "foobar",
        "blah", "bla", "lol", "haha", "hahaha", "ха-ха", "xxx", "xxxx", "null", "undefined", "nan", "fake", "joke", "шутка", "whatever", "nothing")
        .GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>What looks like markup, or null: a tag, a comment, an entity, double braces, a link.</summary>
    public static string? Markup(ReadOnlySpan<char> folded)
    {
        for (var at = 0; folded[at..].IndexOfAny(MarkupStarts) is >= 0 and var next; at++)
        {
            at += next;
            var rest = folded[at..];
            var sign = rest[0] switch
            {
                '<' when IsTag(rest) => "a tag",
                '&' when IsEntity(rest) => "an entity",
                '{' when rest.StartsWith("{{") => "double braces",
                ']' when rest.StartsWith("](") => "a link",
                ':' when rest.StartsWith("://") => "an address",
                _ => null,
            };
            if (sign is not null)
                return sign;
        }

        return null;
    }

    /// <summary>What makes it look like a joke, a test or a filler, or null.</summary>
    public static Sign? Joke(ReadOnlySpan<char> folded)
    {
        if (folded.ContainsAny(FillerPhrases))
            return new Sign(4, "a phrase of test data");
        var (words, fillers, allSame) = Words(folded);
        if (fillers * 3 >= words && fillers > 0)
            return new Sign(fillers == words ? 4 : 3, $"{fillers} of {Amount.Of(words, "word")} {(fillers == 1 ? "is a filler" : "are fillers")}");
        if (words > 1 && allSame)
            return new Sign(3, $"one word {words} times");
        if (Run(folded) is { } run)
            return new Sign(2, run);
        return folded.ContainsAny(KeyboardRuns) ? new Sign(1, "neighbouring keys in a row") : null;
    }

    private static bool IsTag(ReadOnlySpan<char> rest)
    {
        if (rest.StartsWith("<!--"))
            return true;
        var name = rest.Length > 1 && rest[1] == '/' ? 2 : 1;
        return rest.Length > name && char.IsAsciiLetter(rest[name]) && rest[name..].Contains('>');
    }

    private static bool IsEntity(ReadOnlySpan<char> rest)
    {
        var end = rest[..Math.Min(rest.Length, MaxEntityChars)].IndexOf(';');
        if (end < 3)
            return false;
        var name = rest[1] == '#' ? rest[2..end] : rest[1..end];
        return name.Length > 0 && (rest[1] == '#' || char.IsAsciiLetter(name[0])) && !name.ContainsAnyExcept(AsciiWord);
    }

    private static readonly SearchValues<char> AsciiWord = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789");

    private static (int Words, int Fillers, bool AllSame) Words(ReadOnlySpan<char> folded)
    {
        var (words, fillers, allSame) = (0, 0, true);
        var first = ReadOnlySpan<char>.Empty;
        for (var at = 0; at < folded.Length;)
        {
            if (Letters.IsSpace(folded[at]))
            {
                at++;
                continue;
            }

            var end = at;
            while (end < folded.Length && !Letters.IsSpace(folded[end]))
                end++;
            var word = folded[at..end];
            at = end;
            words++;
            first = words == 1 ? word : first;
            allSame &= word.SequenceEqual(first);
            fillers += Fillers.Contains(word.Trim(".,;:!?()[]\"'#*-_")) ? 1 : 0;
        }

        return (words, fillers, allSame && first.Length > 1);
    }

    // Digits and spaces run on in honest text: 10000000, aligned columns.
    private static string? Run(ReadOnlySpan<char> folded)
    {
        for (var at = 0; at < folded.Length;)
        {
            var end = at + 1;
            while (end < folded.Length && folded[end] == folded[at])
                end++;
            if (end - at >= LongRun && !char.IsDigit(folded[at]) && !Letters.IsSpace(folded[at]))
                return $"'{Excerpt.Of(folded[at].ToString())}' {end - at} times running";
            at = end;
        }

        return null;
    }
}
