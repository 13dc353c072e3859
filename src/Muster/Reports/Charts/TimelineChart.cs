using System.Globalization;

namespace Muster.Reports.Charts;

/// <summary>One span of time in a row of its own.</summary>
/// <param name="Asked">When it was made ready.</param>
/// <param name="Ended">Null while it is under way.</param>
/// <param name="Wall">When it is ended from outside, whatever it did.</param>
internal sealed record TimelineBar(string Label, string Style, DateTimeOffset Asked, DateTimeOffset Begun, DateTimeOffset? Ended, DateTimeOffset Wall, string Text);

/// <summary>Spans under each other on one scale of time, with the wall where each ends at the latest.</summary>
/// <param name="Now">Where what is under way is drawn to.</param>
/// <param name="WallName">What the wall is.</param>
internal sealed record TimelineChart(ChartName Name, IReadOnlyList<TimelineBar> Bars, IReadOnlyList<Series> Legend, DateTimeOffset Now, string WallName) : IChart
{
    private const double RowHeight = 17;
    private const double BarHeight = 11;
    private const double Top = 44;

    // A wall farther away than this many times the whole would press everything else into a corner.
    private const double FarWall = 2.2;

    private static readonly double[] Steps =
        [0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 10_800, 14_400, 21_600, 43_200, 86_400, 172_800, 604_800];

    public string Draw(string id, string style, double width)
    {
        var svg = new Svg();
        if (Bars.Count == 0)
            return svg.Text("label", 0, 14, "No batches.").End(id, style, width, 20, Name);
        var from = Bars.Min(bar => bar.Asked);
        var spent = Math.Max(0.1, (Bars.Max(bar => bar.Ended ?? Now) - from).TotalSeconds);
        var wall = (Bars.Max(bar => bar.Wall) - from).TotalSeconds;
        var showsWall = wall <= spent * FarWall;
        var span = showsWall ? Math.Max(spent, wall) : spent;
        var labels = Math.Min(width * 0.34, Bars.Max(bar => Svg.TextWidth(bar.Label)) + 10);
        var texts = showsWall ? 8 : Math.Min(width * 0.3, Bars.Max(bar => Svg.TextWidth(bar.Text)) + 10);
        var plot = Math.Max(40, width - labels - texts);
        double X(DateTimeOffset time) => labels + (Math.Clamp((time - from).TotalSeconds / span, 0, 1) * plot);

        var height = Top + (Bars.Count * RowHeight) + 4;
        DrawLegend(svg, width, showsWall);
        var step = StepOf(span, plot);
        for (var tick = 0.0; tick <= span * 1.0001; tick += step)
        {
            var x = labels + (tick / span * plot);
            svg.Line(tick == 0 ? "base" : "grid", x, Top - 6, x, height);
            svg.Text("tick", x, height + 14, tick == 0 ? "0" : $"+{Elapsed(tick)}", tick == 0 ? "start" : "middle");
        }

        for (var i = 0; i < Bars.Count; i++)
            Row(svg, Bars[i], Top + (i * RowHeight), labels, X, showsWall);
        return svg.End(id, style, width, height + 20, Name);
    }

    private void Row(Svg svg, TimelineBar bar, double y, double labels, Func<DateTimeOffset, double> x, bool showsWall)
    {
        var end = bar.Ended ?? Now;
        svg.Text("label", labels - 8, y + 10, Svg.Fit(bar.Label, labels - 8), "end", bar.Label);
        svg.Rect("wait", x(bar.Asked), y + (BarHeight / 2) - 1, x(bar.Begun) - x(bar.Asked), 2);
        svg.Rect(bar.Ended is null ? $"{bar.Style} running" : bar.Style, x(bar.Begun), y, Math.Max(1.5, x(end) - x(bar.Begun)), BarHeight, $"{bar.Label}: {bar.Text}");
        svg.Text("value", x(end) + 5, y + 10, bar.Text);
        if (showsWall)
            svg.Line("wall", x(bar.Wall), y - 3, x(bar.Wall), y + BarHeight + 3);
    }

    private void DrawLegend(Svg svg, double width, bool showsWall)
    {
        double x = 0;
        foreach (var series in Legend)
        {
            svg.Rect(series.Style, x, 1, 12, 12).Text("key", x + 17, 11, series.Name);
            x += 17 + Svg.TextWidth(series.Name) + 14;
        }

        var text = showsWall ? WallName : $"{WallName}: beyond this picture";
        var isBelow = x + 18 + Svg.TextWidth(text) > width;
        var (left, top) = isBelow ? (0, 17.0) : (x, 0.0);
        svg.Line("wall", left + 5, top, left + 5, top + 13).Text("key", left + 14, top + 11, Svg.Fit(text, width - left - 14), whole: text);
    }

    private static double StepOf(double seconds, double plot)
    {
        var most = Math.Max(2, plot / 60);
        return Steps.FirstOrDefault(step => seconds / step <= most, Math.Ceiling(seconds / most / 604_800) * 604_800);
    }

    /// <summary><c>30 s</c>, <c>15 m</c>, <c>4 h</c>, <c>2 d</c>.</summary>
    internal static string Elapsed(double seconds)
    {
        var (number, unit) = seconds switch { < 60 => (seconds, "s"), < 3_600 => (seconds / 60, "m"), < 172_800 => (seconds / 3_600, "h"), _ => (seconds / 86_400, "d") };
        return $"{number.ToString("0.#", CultureInfo.InvariantCulture)} {unit}";
    }
}
