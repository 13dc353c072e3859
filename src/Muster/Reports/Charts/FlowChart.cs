using System.Text;

namespace Muster.Reports.Charts;

/// <param name="Style">The class of its stripe.</param>
internal sealed record FlowEnd(string Label, string Style);

/// <param name="Step">Where it leaves the ladder; -1 leaves before the first step.</param>
/// <param name="End">Place among the ends.</param>
internal sealed record FlowShare(int Step, int End, long Count);

/// <param name="Short">Where there is no room for the label.</param>
internal sealed record FlowStep(string Label, string Short);

/// <summary>
/// How a total divides: from the whole through one step after the other into its ends. Heights are in proportion; a share that would be
/// thinner than a line is a line.
/// </summary>
internal sealed record FlowChart(ChartName Name, string Whole, IReadOnlyList<FlowStep> Steps, IReadOnlyList<FlowEnd> Ends, IReadOnlyList<FlowShare> Shares) : IChart
{
    private const double PlotHeight = 220;
    private const double Node = 10;
    private const double Gap = 30;
    private const double Thinnest = 1.2;
    private const double Top = 20;

    public string Draw(string id, string style, double width)
    {
        var svg = new Svg();
        var total = Shares.Sum(share => share.Count);
        var ends = Ends.Select((end, i) => (End: end, At: i, Count: Shares.Where(share => share.End == i).Sum(share => share.Count))).Where(end => end.Count > 0).ToList();
        var used = Shares.Where(share => share.Count > 0).ToList();
        if (total == 0)
            return svg.Text("label", 0, 14, "No rows.").End(id, style, width, 20, Name);
        var right = Math.Min(width * 0.42, ends.Max(end => Svg.TextWidth(Text(end.End.Label, end.Count))) + 12);
        var columns = Steps.Count + 1;
        var step = (width - right - Node) / columns;
        double X(int column) => column * step;
        double Size(long count) => Math.Max(Thinnest, PlotHeight * count / total);

        // The ends, from the top, with room for a line of text each.
        var endAt = new Dictionary<int, double>();
        var y = Top;
        foreach (var end in ends)
        {
            endAt[end.At] = y;
            y += Math.Max(Size(end.Count), 4) + Gap - 8;
        }

        var height = Math.Max(y, Top + PlotHeight + 10);
        // Last, so that no ribbon lies over them.
        List<Action> labels = [() => Column(svg, X(0), Top, Size(total), Text(Whole, total), Whole, step - Node)];
        var from = Top;
        var filled = ends.ToDictionary(end => end.At, _ => 0.0);
        var through = total - used.Where(share => share.Step < 0).Sum(share => share.Count);
        var at = Top;
        for (var i = 0; i < Steps.Count && through > 0; i++)
        {
            // A step stands as far down as what left before it is high.
            Ribbon(svg, "flow", X(i) + Node, i == 0 ? Top : from, X(i + 1), at, Size(through), $"{(i == 0 ? Whole : Steps[i - 1].Label)} → {Steps[i].Label}: {Amount.Grouping(through)}");
            var (x, top, size, text) = (X(i + 1), at, Size(through), Text(Steps[i].Label, through));
            var brief = Steps[i].Short;
            labels.Add(() => Column(svg, x, top, size, text, brief, step - Node));
            var leave = at;
            foreach (var share in used.Where(share => share.Step == i).OrderBy(share => share.End))
            {
                Ribbon(svg, $"flow {Ends[share.End].Style}", X(i + 1) + Node, leave, width - right - Node, endAt[share.End] + filled[share.End], Size(share.Count),
                    $"{Steps[i].Label} → {Ends[share.End].Label}: {Amount.Grouping(share.Count)}");
                leave += Size(share.Count);
                filled[share.End] += Size(share.Count);
            }

            from = leave;
            through -= used.Where(share => share.Step == i).Sum(share => share.Count);
            at = Math.Max(leave + Gap, Top);
        }

        var beside = Top + Size(total);
        foreach (var share in used.Where(share => share.Step < 0).OrderByDescending(share => share.End))
        {
            beside -= Size(share.Count);
            Ribbon(svg, $"flow {Ends[share.End].Style}", Node, beside, width - right - Node, endAt[share.End] + filled[share.End], Size(share.Count),
                $"{Whole} → {Ends[share.End].Label}: {Amount.Grouping(share.Count)}");
            filled[share.End] += Size(share.Count);
        }

        labels.ForEach(draw => draw());
        foreach (var end in ends)
        {
            svg.Rect(end.End.Style, width - right - Node, endAt[end.At], Node, Math.Max(Thinnest, filled[end.At]));
            var text = Text(end.End.Label, end.Count);
            svg.Text("label over", width - right + 6, endAt[end.At] + Math.Max(4, (filled[end.At] / 2) + 4), Svg.Fit(text, right - 4), whole: text);
        }

        return svg.End(id, style, width, Math.Max(height, at), Name);
    }

    private static string Text(string label, long count) => $"{label} {Amount.Grouping(count)}";

    private static void Column(Svg svg, double x, double y, double size, string text, string brief, double room)
    {
        svg.Rect("node", x, y, Node, size);
        svg.Text("key over", x, y - 6, Svg.TextWidth(text) <= room ? text : Svg.Fit(brief, room), whole: text);
    }

    private static void Ribbon(Svg svg, string style, double x1, double y1, double x2, double y2, double size, string title)
    {
        var middle = (x1 + x2) / 2;
        var path = new StringBuilder()
            .Append($"M{Svg.N(x1)} {Svg.N(y1)}C{Svg.N(middle)} {Svg.N(y1)} {Svg.N(middle)} {Svg.N(y2)} {Svg.N(x2)} {Svg.N(y2)}")
            .Append($"V{Svg.N(y2 + size)}C{Svg.N(middle)} {Svg.N(y2 + size)} {Svg.N(middle)} {Svg.N(y1 + size)} {Svg.N(x1)} {Svg.N(y1 + size)}Z");
        svg.Path(style, path.ToString(), title);
    }
}
