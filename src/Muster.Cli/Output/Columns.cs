using System.Text;

namespace Muster.Cli.Output;

/// <summary>Lines of aligned cells: words to the left, figures to the right.</summary>
/// <param name="alignments">One letter per column: <c>l</c> or <c>r</c>.</param>
internal sealed class Columns(string alignments)
{
    private readonly List<string[]> lines = [];

    public Columns Add(params string[] cells)
    {
        lines.Add(cells);
        return this;
    }

    public IEnumerable<string> Lines(string indent = "  ")
    {
        var widths = Enumerable.Range(0, alignments.Length).Select(i => lines.Max(line => line[i].Length)).ToArray();
        foreach (var line in lines)
        {
            var text = new StringBuilder(indent);
            for (var i = 0; i < widths.Length; i++)
            {
                text.Append(i > 0 ? "  " : "");
                text.Append(alignments[i] == 'r' ? line[i].PadLeft(widths[i]) : line[i].PadRight(widths[i]));
            }

            yield return text.ToString().TrimEnd();
        }
    }
}
