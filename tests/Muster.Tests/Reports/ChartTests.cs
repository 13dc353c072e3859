using System.Globalization;
using System.Xml.Linq;
using Muster.Claude;
using Muster.Reports;
using Muster.Reports.Charts;
using Muster.Runs;

namespace Muster.Tests.Reports;

/// <summary>Drawings say what their numbers say, at any size.</summary>
public sealed class ChartTests
{
    private static readonly string[] Numbers = ["x", "y", "x1", "x2", "y1", "y2", "cx", "cy", "r", "width", "height"];

    public static TheoryData<long> Sizes() => [0, 1, 2, 13, 600, 600_000, 3_000_000_000];

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Every_drawing_is_whole_and_has_a_name(long rows)
    {
        foreach (var foreign in (string[])["", SomeAccount.Hostile])
        {
            foreach (var chart in All(SomeAccount.Of(rows, foreign, 40)))
            {
                foreach (var width in (double[])[200, 328, 848])
                    Check(chart, width);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public void The_flow_carries_each_row_once_from_the_whole_to_its_end(long rows)
    {
        var ladder = SomeAccount.Of(rows).Picture!.Ladder;
        var chart = ReportCharts.Flow(ladder, ["small", "large"]);
        chart.Shares.Sum(share => share.Count).ShouldBe(rows);
        var drawn = Parse(chart, 848);
        if (rows == 0)
        {
            drawn.Value.ShouldContain("No rows.");
            return;
        }

        var ribbons = drawn.Descendants().Where(e => e.Name.LocalName == "path").Select(e => e.Value).ToList();
        ribbons.Where(title => chart.Ends.Any(end => title.Contains($"→ {end.Label}:", StringComparison.Ordinal))).Sum(Count).ShouldBe(rows);
        ribbons.Where(title => title.StartsWith("rows → ", StringComparison.Ordinal)).Sum(Count).ShouldBe(rows);
    }

    [Fact]
    public void Ribbons_are_as_high_as_their_share_and_fill_both_sides()
    {
        var chart = new FlowChart(new ChartName("t", "d"), "rows", [new("a", "a")], [new FlowEnd("good", "c4"), new FlowEnd("bad", "c3")], [new(0, 0, 75), new(0, 1, 25)]);
        var ends = Parse(chart, 848).Descendants().Where(e => e.Name.LocalName == "rect" && (string?)e.Attribute("class") is "c4" or "c3")
            .Where(e => (string?)e.Attribute("class") is "c4" or "c3").Select(e => Number(e, "height")).ToList();
        ends.Count.ShouldBe(2);
        (ends[0] / ends[1]).ShouldBe(3, 0.01);
    }

    [Theory]
    [InlineData(328)]
    [InlineData(848)]
    public void Bars_are_as_long_as_their_values(double width)
    {
        var chart = new BarChart(new ChartName("t", "d"), [new Series("s", "c0")], [new("a", [new(40, "forty")]), new("b", [new(10, "ten")]), new("c", [new(0, "nothing")]), new("d", [new(0.000_1, "next to nothing")])],
            value => $"{value}");
        var bars = Bars(chart, width);
        (bars[0] / bars[1]).ShouldBe(4, 0.05);
        bars[2].ShouldBe(0);
        bars[3].ShouldBe(1.5);
    }

    [Fact]
    public void What_is_not_a_number_is_drawn_as_nothing()
    {
        var chart = new BarChart(new ChartName("t", "d"), [new Series("s", "c0")],
            [new("a", [new(double.NaN, "?")], double.PositiveInfinity), new("b", [new(double.PositiveInfinity, "?")], double.NaN), new("c", [new(-5, "less")]), new("d", [null])], value => $"{value}", "dots");
        Check(chart, 848);
        Bars(chart, 848).ShouldAllBe(length => length <= 1.5);
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 1)]
    [InlineData(97, 100)]
    [InlineData(600_000, 600_000)]
    [InlineData(0.0007, 0.0008)]
    [InlineData(double.NaN, 1)]
    public void An_axis_ends_at_a_round_number_that_is_not_too_far(double largest, double end)
    {
        var axis = Axis.Of(largest, 5);
        axis.Max.ShouldBe(end, end / 1e6);
        axis.Ticks.Count().ShouldBeInRange(3, 7);
        axis.Ticks.Last().ShouldBe(axis.Max, axis.Max / 1e9);
    }

    [Fact]
    public void A_timeline_shows_the_wall_where_it_is_near_and_names_it_where_it_is_far()
    {
        var at = SomeAccount.Start;
        TimelineChart Of(double hours) => new(new ChartName("t", "d"), [new("b-1", "c0", at, at.AddMinutes(1), at.AddHours(hours), at.AddHours(24), "took it")], [], at.AddHours(25), "wall");
        Parse(Of(14), 848).Descendants().Count(e => (string?)e.Attribute("class") == "wall").ShouldBe(2);
        var far = Parse(Of(1), 848);
        far.Descendants().Count(e => (string?)e.Attribute("class") == "wall").ShouldBe(1);
        far.Value.ShouldContain("beyond this picture");
    }

    [Fact]
    public void A_batch_under_way_is_drawn_until_now()
    {
        var at = SomeAccount.Start;
        var chart = new TimelineChart(new ChartName("t", "d"), [new("b-1", "c0", at, at, null, at.AddHours(24), "1 h so far"), new("b-2", "c0", at, at, at.AddHours(0.5), at.AddHours(24), "30 m")], [], at.AddHours(1), "wall");
        var spans = Parse(chart, 848).Descendants().Where(e => e.Name.LocalName == "rect" && ((string?)e.Attribute("class"))!.StartsWith("c0", StringComparison.Ordinal)).ToList();
        ((string)spans[0].Attribute("class")!).ShouldContain("running");
        (Number(spans[0], "width") / Number(spans[1], "width")).ShouldBe(2, 0.02);
    }

    [Fact]
    public void The_reasons_add_up_to_all_of_them()
    {
        var reasons = Enumerable.Range(1, 40).Select(i => new ReportedReason(RowState.Quarantined, $"BIZ.RULE.r{i}", i, [])).ToList();
        var chart = ReportCharts.Pareto(reasons);
        chart.Groups.Count.ShouldBe(ReportCharts.MaxReasons + 1);
        chart.Groups.Sum(group => group.Bars[0]!.Value).ShouldBe(1, 1e-9);
        chart.Groups[^1].Mark!.Value.ShouldBe(1, 1e-9);
        chart.Groups.Select(group => group.Mark!.Value).ShouldBeInOrder();
        chart.Groups[0].Label.ShouldBe("BIZ.RULE.r40");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(16)]
    [InlineData(40)]
    [InlineData(300)]
    public void Categories_add_up_and_what_is_too_many_is_one_group(int categories)
    {
        var shift = SomeAccount.Of(categories: categories).Picture!.Categories[0];
        var chart = ReportCharts.Categories(shift);
        chart.Groups.Count.ShouldBeLessThanOrEqualTo(ReportCharts.MaxCategories + 1);
        chart.Groups.Sum(group => group.Bars[0]!.Value).ShouldBe(1, 1e-9);
        chart.Groups.Sum(group => group.Bars[1]!.Value).ShouldBe(1, 1e-9);
    }

    [Fact]
    public void The_costs_of_the_tiers_add_up_to_the_last_group()
    {
        var account = SomeAccount.Of();
        var chart = ReportCharts.Cost(account.Savings);
        for (var series = 0; series < 4; series++)
            chart.Groups.SkipLast(1).Sum(group => group.Bars[series]!.Value).ShouldBe(chart.Groups[^1].Bars[series]!.Value, 0.000_001);
        chart.Groups[^1].Bars[0]!.Value.ShouldBe((double)Usd.Of(account.Spend.CostPicoUsd), 0.000_001);
    }

    [Theory]
    [InlineData("short", 100, "short")]
    [InlineData("a text that is too long", 69, "a text th…")]
    [InlineData("👟👟👟👟", 48, "👟…")]
    [InlineData("", 30, "")]
    public void Text_is_cut_to_its_room_and_never_within_a_character(string text, double width, string shown) => Svg.Fit(text, width).ShouldBe(shown);

    private static IEnumerable<IChart> All(RunAccount account)
    {
        yield return ReportCharts.Flow(account.Picture!.Ladder, [.. account.Job.Tiers.Select(tier => tier.Model)]);
        yield return ReportCharts.Timeline(account.Batches, SomeAccount.Start.AddHours(5));
        yield return ReportCharts.Cost(account.Savings);
        yield return ReportCharts.Pareto(account.Reasons);
        foreach (var shift in account.Picture.Categories)
            yield return ReportCharts.Categories(shift);
    }

    private static void Check(IChart chart, double width)
    {
        var drawn = Parse(chart, width);
        ((string?)drawn.Attribute("role")).ShouldBe("img");
        ((string)drawn.Attribute("aria-labelledby")!).Split(' ').ShouldAllBe(id => drawn.Descendants().Any(e => (string?)e.Attribute("id") == id && e.Value.Length > 0));
        var (wide, high) = (Number(drawn, "width"), Number(drawn, "height"));
        wide.ShouldBe(width);
        foreach (var attribute in drawn.Descendants().SelectMany(e => e.Attributes()).Where(a => Numbers.Contains(a.Name.LocalName)))
            double.Parse(attribute.Value, CultureInfo.InvariantCulture).ShouldBeInRange(-1, Math.Max(wide, high) + 1, $"{attribute.Parent}");
        drawn.ToString().ShouldNotContain("NaN", Case.Sensitive);
        drawn.Descendants().Select(e => e.Name.LocalName).Distinct().ShouldBeSubsetOf(["rect", "line", "path", "circle", "text", "title", "desc"]);
    }

    private static List<double> Bars(BarChart chart, double width) =>
        [.. Parse(chart, width).Descendants().Where(e => e.Name.LocalName == "rect" && (string?)e.Attribute("class") == "c0" && e.Elements().Any()).Select(e => Number(e, "width"))];

    private static XElement Parse(IChart chart, double width) => XElement.Parse(chart.Draw("c", "wide", width));

    private static double Number(XElement element, string name) => double.Parse((string)element.Attribute(name)!, CultureInfo.InvariantCulture);

    private static long Count(string title) => long.Parse(title[(title.LastIndexOf(": ", StringComparison.Ordinal) + 2)..].Replace(" ", "", StringComparison.Ordinal), CultureInfo.InvariantCulture);
}
