using System.Text;

namespace Muster.Cli.Output;

/// <summary>Lines of aligned cells: words to the left, figures to the right.</summary>
/// <param name="alignments">One letter per column: <c>l</c> or <c>r</c>.</param>
internal sealed class Columns(string alignments)
{
    private const string Indent = "  ";
    private const string Gap = "  ";

    private readonly List<string[]> lines = [];

    public Columns Add(params string[] cells)
    {
        lines.Add(cells);
        return this;
    }

    /// <summary>The table; where it is wider than <paramref name="width"/>, one below the other, each beginning with the first column.</summary>
    public IEnumerable<string> Lines(int width = int.MaxValue)
    {
        var widths = Enumerable.Range(0, alignments.Length).Select(i => lines.Max(line => line[i].Length)).ToArray();
        return Parts(widths, width).SelectMany(part => lines.Select(line => Line(line, part, widths)));
    }

    private static IEnumerable<IReadOnlyList<int>> Parts(int[] widths, int width)
    {
        var part = new List<int> { 0 };
        var taken = Indent.Length + widths[0];
        for (var i = 1; i < widths.Length; i++)
        {
            if (part.Count > 1 && taken + Gap.Length + widths[i] > width)
            {
                yield return part;
                part = [0];
                taken = Indent.Length + widths[0];
            }

            part.Add(i);
            taken += Gap.Length + widths[i];
        }

        yield return part;
    }

    private string Line(string[] cells, IReadOnlyList<int> part, int[] widths)
    {
        var text = new StringBuilder(Indent);
        foreach (var i in part)
        {
            text.Append(i > 0 ? Gap : "");
            text.Append(alignments[i] == 'r' ? cells[i].PadLeft(widths[i]) : cells[i].PadRight(widths[i]));
        }

        return text.ToString().TrimEnd();
    }
}
