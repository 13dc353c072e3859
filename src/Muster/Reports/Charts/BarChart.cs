namespace Muster.Reports.Charts;

/// <param name="Value">Its length; what is not a positive number is drawn as nothing.</param>
/// <param name="Text">Stands at its end.</param>
internal sealed record Bar(double Value, string Text);

/// <param name="Bars">One for each series of the chart; null leaves its place empty.</param>
/// <param name="Mark">A dot on the same scale; null for none.</param>
internal sealed record BarGroup(string Label, IReadOnlyList<Bar?> Bars, double? Mark = null);

/// <param name="Style">The class of its bars.</param>
internal sealed record Series(string Name, string Style);

/// <summary>Lying bars, group by group, with the numbers written out. Narrow drawings have the label above its bars.</summary>
/// <param name="Unit">Writes a number of the scale.</param>
/// <param name="MarkName">What the dots are; empty for none.</param>
internal sealed record BarChart(
    ChartName Name, IReadOnlyList<Series> Series, IReadOnlyList<BarGroup> Groups, Func<double, string> Unit, string MarkName = "") : IChart
{
    private const double BarHeight = 13;
    private const double BarGap = 2;
    private const double GroupGap = 11;
    private const double Line = 16;
    private const double NarrowBelow = 520;
    private const double LabelShare = 0.32;

    public string Draw(string id, string style, double width)
    {
        var svg = new Svg();
        var isNarrow = width < NarrowBelow;
        var top = Legend(svg, width);
        var labels = isNarrow ? 0 : Math.Min(width * LabelShare, Groups.Select(group => Svg.TextWidth(group.Label) + 10).DefaultIfEmpty(0).Max());
        var texts = Groups.SelectMany(group => group.Bars).Select(bar => bar is null ? 0 : Svg.TextWidth(bar.Text) + 12).DefaultIfEmpty(0).Max();
        var plot = Math.Max(40, width - labels - texts - 4);
        var axis = Axis.Of(Groups.SelectMany(group => group.Bars.Select(bar => bar?.Value ?? 0).Append(group.Mark ?? 0)).Where(double.IsFinite).DefaultIfEmpty(0).Max(),
            isNarrow ? 3 : 5);
        var height = top + Groups.Sum(group => GroupHeight(group, isNarrow));
        foreach (var tick in axis.Ticks)
        {
            var x = labels + (axis.Share(tick) * plot);
            svg.Line(tick == 0 ? "base" : "grid", x, top - 4, x, height);
            svg.Text("tick", x, height + 14, Unit(tick), tick == 0 ? "start" : "middle");
        }

        var y = top;
        (double X, double Y)? last = null;
        foreach (var group in Groups)
        {
            var at = y + (isNarrow ? Line : 0);
            var label = Svg.Fit(group.Label, isNarrow ? width : labels - 8);
            if (isNarrow)
                svg.Text("label", 0, y + 11, label, whole: group.Label);
            else
                svg.Text("label", labels - 8, at + (BarsHeight(group) / 2) + 4, label, "end", group.Label);
            Bars(svg, group, axis, labels, plot, at);
            if (group.Mark is { } mark && double.IsFinite(mark))
            {
                var dot = (X: labels + (axis.Share(mark) * plot), Y: at + (BarHeight / 2));
                if (last is { } from)
                    svg.Line("markline", from.X, from.Y, dot.X, dot.Y);
                svg.Circle("mark", dot.X, dot.Y, 3.2, $"{group.Label}: {MarkName} {Unit(mark)}");
                last = dot;
            }

            y += GroupHeight(group, isNarrow);
        }

        return svg.End(id, style, width, height + 20, Name);
    }

    private void Bars(Svg svg, BarGroup group, Axis axis, double left, double plot, double y)
    {
        for (var i = 0; i < group.Bars.Count; i++)
        {
            if (group.Bars[i] is not { } bar)
                continue;
            var length = axis.Share(bar.Value) * plot;
            var at = y + (i * (BarHeight + BarGap));
            // What is there at all is seen.
            svg.Rect(Series[i].Style, left, at, bar.Value > 0 ? Math.Max(1.5, length) : 0, BarHeight,
                $"{group.Label}{(Series.Count > 1 ? $", {Series[i].Name}" : "")}: {bar.Text}");
            // Beside the dot where that stands at the bar's end.
            var isMarked = group.Mark is { } mark && Math.Abs((axis.Share(mark) * plot) - length) < 8;
            svg.Text("value", left + length + (isMarked ? 11 : 5), at + 10.5, bar.Text);
        }
    }

    /// <summary>Returns where the bars begin.</summary>
    private double Legend(Svg svg, double width)
    {
        var entries = Series.Count > 1 || MarkName.Length > 0 ? Series.Select(series => (series.Name, series.Style)).ToList() : [];
        if (MarkName.Length > 0)
            entries.Add((MarkName, "mark"));
        if (entries.Count == 0)
            return 8;
        double x = 0, y = 0;
        foreach (var (name, style) in entries)
        {
            var wide = 18 + Svg.TextWidth(name) + 12;
            if (x > 0 && x + wide > width)
                (x, y) = (0, y + Line);
            if (style == "mark")
                svg.Circle(style, x + 6, y + 7, 3.2);
            else
                svg.Rect(style, x, y + 1, 12, 12);
            svg.Text("key", x + 17, y + 11, Svg.Fit(name, width - 18), whole: name);
            x += wide;
        }

        return y + Line + 12;
    }

    private static double BarsHeight(BarGroup group) => (group.Bars.Count * (BarHeight + BarGap)) - BarGap;

    private static double GroupHeight(BarGroup group, bool isNarrow) => BarsHeight(group) + GroupGap + (isNarrow ? Line : 0);
}
