using System.Text.Json;
using Muster.Evals;

namespace Muster.Tests.Evals;

public sealed class ComparisonTests
{
    private sealed record Pair(Comparator By, string Expected, string? Actual, bool IsEqual, double Distance);

    private static readonly Pair[] Pairs =
    [
        new(new(CompareKind.Exact), "1", "1.0", true, 0),
        new(new(CompareKind.Exact), "\"a\"", "\"A\"", false, 1),
        new(new(CompareKind.Exact), "\"\\u0061\"", "\"a\"", true, 0),
        new(new(CompareKind.Exact), "{\"a\":1,\"b\":2}", "{\"b\":2,\"a\":1}", true, 0),
        new(new(CompareKind.Exact), "null", "null", true, 0),
        new(new(CompareKind.Exact), "null", null, false, 1),
        new(new(CompareKind.Set) { MinJaccard = 0.5 }, "[\"a\",\"b\"]", "[\"b\",\"c\",\"a\"]", true, 1.0 / 3),
        new(new(CompareKind.Set), "[\"a\",\"b\"]", "[\"b\",\"a\",\"a\"]", true, 0),
        new(new(CompareKind.Set), "[\"a\"]", "[\"b\"]", false, 1),
        new(new(CompareKind.Set), "[]", "[]", true, 0),
        new(new(CompareKind.Set), "[]", "\"x\"", false, 1),
        new(new(CompareKind.Number) { Rel = 0.01 }, "100", "101", true, 0.01),
        new(new(CompareKind.Number) { Rel = 0.01 }, "100", "102", false, 0.02),
        new(new(CompareKind.Number) { Abs = 0.05 }, "0", "0.04", true, 1),
        new(new(CompareKind.Number), "0", "0.0", true, 0),
        new(new(CompareKind.Number), "1", "\"1\"", false, 1),
        new(new(CompareKind.Date) { Days = 1 }, "\"2026-02-28\"", "\"2026-03-01T10:00:00Z\"", true, 0),
        new(new(CompareKind.Date), "\"2026-02-28\"", "\"2026-03-01\"", false, 1),
        new(new(CompareKind.Date), "\"soon\"", "\"soon\"", true, 0),
        new(new(CompareKind.List), "[1,2,3]", "[1,3,2]", false, 2.0 / 3),
        new(new(CompareKind.List) { IgnoreOrder = true }, "[1,2,2]", "[2,1,2]", true, 0),
        new(new(CompareKind.List) { IgnoreOrder = true }, "[1,2]", "[1,2,2]", false, 1.0 / 3),
        new(new(CompareKind.List) { Key = "n" }, "[{\"n\":1,\"x\":1}]", "[{\"n\":1,\"x\":2}]", true, 0),
        new(new(CompareKind.Text) { Normalize = ["trim", "collapse_ws"] }, "\"\\u00e9 \\t a \"", "\"é a\"", true, 0),
        new(new(CompareKind.Text) { Normalize = ["lower", "strip_punctuation"] }, "\"Ja!\"", "\"ja\"", true, 0),
        new(new(CompareKind.Text) { Normalize = ["trim"] }, "\"\\ud800\"", "\"\\ud800\"", true, 0),
        new(new(CompareKind.Ignore), "1", null, true, 0),
    ];

    [Fact]
    public void A_comparator_says_equal_and_how_far()
    {
        foreach (var pair in Pairs)
        {
            var score = Comparison.Of(pair.By, Json(pair.Expected), pair.Actual is null ? null : Json(pair.Actual), score: null);

            score.Outcome.ShouldBe(pair.IsEqual ? FieldOutcome.Equal : FieldOutcome.Different, pair.ToString());
            score.Distance.ShouldBe(pair.Distance, 1e-9, pair.ToString());
        }
    }

    [Theory]
    [InlineData(null, "Unscored")]
    [InlineData(double.NaN, "Unscored")]
    [InlineData(0.8, "Equal")]
    [InlineData(0.79, "Different")]
    public void A_rubric_has_the_score_of_its_judge_or_none(double? score, string outcome) =>
        Comparison.Of(new Comparator(CompareKind.Rubric) { Rubric = "polite" }, Json("\"x\""), Json("\"y\""), score).Outcome.ToString().ShouldBe(outcome);

    private static JsonElement Json(string text) => JsonDocument.Parse(text).RootElement.Clone();
}
