using System.Text;
using Muster.Drift;

namespace Muster.Tests.Drift;

public sealed class ProfilerTests
{
    private static readonly ProfileShape Shape = ProfileShape.Of(Catalog.Schema, [new("sku", IsText: false), new("name"), new("brand", IsSlice: true)]);

    [Fact]
    public void A_profile_counts_what_its_rows_say()
    {
        var profile = Of(
            Row("a", """["a","Red apple pie","X"]""", """{"category":"Food","features":["red"],"summary":"red apple"}"""),
            Row("b", """["b","Молоко",null]""", """{"category":null,"features":[],"summary":""}""") with { Reason = "HUM.REQUESTED" },
            Row("c", """["c","???","X"]""", "") with { Reason = "SHP.SCHEMA./summary", StopReason = "max_tokens" });

        (profile.Rows, profile.Answered).ShouldBe((3, 2));
        profile.Reasons.ShouldBe(new Dictionary<string, long> { ["HUM.REQUESTED"] = 1, ["SHP.SCHEMA"] = 1 }, ignoreOrder: true);
        profile.StopReasons["max_tokens"].ShouldBe(1);
        profile.Fields.Select(field => (field.Pointer, field.Empty)).ShouldBe([("/category", new Share(1, 2)), ("/features", new Share(1, 2)), ("/summary", new Share(1, 2))]);
        profile.Fields[0].Categories.Zip(profile.Fields[0].Counts).Where(pair => pair.Second > 0).ShouldBe([("null", 1L), ("Food", 1L)], ignoreOrder: true);
        profile.Slices.ShouldHaveSingleItem().N.ShouldBe(3);
    }

    [Fact]
    public void A_stored_profile_is_read_back_the_same_and_another_form_counts_as_none()
    {
        var json = new Catalog { Rows = 700 }.Profile().ToJson();

        RunProfile.Parse(json).ShouldNotBeNull().ToJson().ShouldBe(json);
        RunProfile.Parse(json.Replace("\"form_version\":1", "\"form_version\":99", StringComparison.Ordinal)).ShouldBeNull();
        RunProfile.Parse("{").ShouldBeNull();
    }

    [Fact]
    public void Slices_are_named_by_one_value_or_two_and_a_batch_by_itself()
    {
        var slices = new Catalog { Rows = 3000 }.Profile().Slices;

        slices[0].Name.ShouldBe("all rows");
        slices.ShouldAllBe(slice => slice.N >= SliceTable.MinRows && slice.Predicates.Count <= 2);
        slices.Count(slice => slice.IsBatch).ShouldBe(6);
        slices.ShouldContain(slice => slice.Name == "brand=Arden and model=claude-haiku-4-5-20251001");
        slices.Where(slice => slice.Predicates.Count == 1 && slice.Name.StartsWith("brand=")).Sum(slice => slice.N).ShouldBe(3000);
    }

    /// <summary>Foreign text has no bound; what a profile holds of it has.</summary>
    [Fact]
    public void A_flood_of_different_values_is_cut_and_counted()
    {
        var profiler = new Profiler(Shape);
        for (var i = 0; i < 20_000; i++)
            profiler.Add(Row($"k{i}", $"[\"k\",\"word{i}\",\"brand {i}\"]", $$"""{"category":"made up {{i}}","features":["f"],"summary":"s {{i}}"}""") with
            {
                Model = $"model-{i}", Batch = $"b-{i}", StopReason = $"stop {i}", Reason = $"X.Y{i}",
            });
        var profile = profiler.ToProfile();

        profile.Fields[0].Categories.Count.ShouldBe(257);
        profile.Fields[0].Counts.Sum().ShouldBe(20_000);
        profile.Fields[0].Counts[0].ShouldBe(20_000 - 255);
        profile.Models.Values.Sum().ShouldBe(20_000);
        profile.Models.Count.ShouldBe(65);
        profile.Groups.Distinct.ShouldBe(20_000, 2_000);
        profile.ToJson().Length.ShouldBeLessThan(200_000);
    }

    [Fact]
    public void Slices_beyond_the_bound_are_counted()
    {
        var profiler = new Profiler(new ProfileShape([], [new("brand", IsSlice: true), new("colour", IsSlice: true)]));
        for (var i = 0; i < 8000; i++)
            profiler.Add(Row($"k{i}", $"[\"brand {i % 64}\",\"colour {i / 64 % 64}\"]", "{}"));
        var profile = profiler.ToProfile();

        profile.SliceCuts.ShouldBeGreaterThan(0);
        profile.Slices[0].N.ShouldBe(8000);
        profile.Slices.ShouldAllBe(slice => slice.N >= SliceTable.MinRows);
    }

    [Theory]
    [InlineData("[1,2]")]
    [InlineData("\"text\"")]
    [InlineData("{\"category\":{\"deep\":[1,{\"x\":null}]},\"features\":[[],[\"a\"]],\"summary\":\"\\ud800\"}")]
    [InlineData("{\"category\":\"\\ud800x\"}")]
    [InlineData("{\"category\":\"Food\"")]
    [InlineData("no json")]
    public void No_output_stops_a_profile(string output)
    {
        var profile = Of(Row("a", """["a","\ud800 name","X"]""", output));

        profile.Rows.ShouldBe(1);
        profile.Answered.ShouldBeInRange(0, 1);
    }

    [Fact]
    public void Keys_sum_to_the_same_in_any_order_and_not_when_one_stands_for_another()
    {
        RunRow a = Row("a", "[]", ""), b = Row("b", "[]", ""), c = Row("c", "[]", "");

        Of(a, b, c).KeySum.ShouldBe(Of(c, a, b).KeySum);
        Of(a, b, b).KeySum.ShouldNotBe(Of(a, b, c).KeySum);
    }

    private static RunProfile Of(params RunRow[] rows)
    {
        var profiler = new Profiler(Shape);
        foreach (var row in rows)
            profiler.Add(row);
        return profiler.ToProfile();
    }

    private static RunRow Row(string key, string input, string output) => new()
    {
        Key = key, Input = Encoding.UTF8.GetBytes(input), Output = Encoding.UTF8.GetBytes(output), StopReason = "end_turn", Model = "m", Batch = "b",
    };
}
