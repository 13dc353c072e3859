using Spectre.Console.Rendering;

namespace Muster.Cli.Output;

/// <summary>Breaks a line between its words where a terminal would break it anywhere. What follows stands two columns further in.</summary>
internal static class Wrap
{
    private const int Hang = 2;

    /// <param name="width">Columns of the terminal; a word that is longer stays whole.</param>
    public static IEnumerable<string> Lines(string text, int width)
    {
        if (Cells(text) <= width)
        {
            yield return text;
            yield break;
        }

        var indent = text.Length - text.TrimStart(' ').Length;
        var line = new string(' ', indent);
        var isEmpty = true;
        foreach (var word in Words(text[indent..]))
        {
            if (!isEmpty && Cells(line) + Cells(word.TrimEnd(' ')) > width)
            {
                yield return line.TrimEnd(' ');
                line = new string(' ', indent + Hang);
            }

            line += word;
            isEmpty = false;
        }

        yield return line.TrimEnd(' ');
    }

    /// <summary>Columns that a text takes: most characters one, those of East Asia two.</summary>
    public static int Cells(string text) => new Segment(text).CellCount();

    /// <summary>Each with the spaces behind it. A number stays with what follows it, and so does the sign of a sum: <c>+ 120 000 rows</c>.</summary>
    private static IEnumerable<string> Words(string text)
    {
        var start = 0;
        var word = 0;
        for (var i = 1; i < text.Length; i++)
        {
            if (text[i] == ' ' || text[i - 1] != ' ')
                continue;
            var last = text.AsSpan(word, i - word).TrimEnd(' ');
            word = i;
            if (last is "+" || !last.ContainsAnyExceptInRange('0', '9'))
                continue;
            yield return text[start..i];
            start = i;
        }

        yield return text[start..];
    }
}
