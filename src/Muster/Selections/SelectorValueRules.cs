using System.Globalization;

namespace Muster.Selections;

internal sealed record SelectorFault(string Message, string Hint);

/// <summary>Which values each field takes.</summary>
internal static class SelectorValueRules
{
    private const int MaxDays = 3_650;

    /// <summary>What is wrong with a value, or null.</summary>
    public static SelectorFault? Check(SelectorField field, SelectorValue value) => field switch
    {
        SelectorField.State when !IsState(value) =>
            new($"No row is ever `{Excerpt.Of(value.Text)}`.", $"States are {string.Join(", ", SelectorWords.StateNames)}.{Closest.Question(value.Text, SelectorWords.StateNames)}"),
        SelectorField.Tier when value.Match != SelectorMatch.Exact || !int.TryParse(value.Text, NumberStyles.None, CultureInfo.InvariantCulture, out var tier) || tier < 1 =>
            new($"`{Excerpt.Of(value.Text)}` is not a tier.", "Tiers are numbered from 1, the smallest model."),
        SelectorField.Since when value.Match != SelectorMatch.Exact || !IsTime(value.Text) =>
            new($"`{Excerpt.Of(value.Text)}` is not a time.", "Write a span as `30m`, `12h`, `2d` or `1w`, a day as `2026-11-20`, or a moment as `2026-11-20T10:00:00Z`."),
        SelectorField.Reason or SelectorField.Issue or SelectorField.Batch or SelectorField.Run or SelectorField.Slice when value.Text.Length == 0 && value.Match == SelectorMatch.Exact =>
            new("An empty value matches nothing here.", "Name one, or write `*` for any."),
        SelectorField.Slice when !value.Text.Contains('=', StringComparison.Ordinal) =>
            new($"`{Excerpt.Of(value.Text)}` is not a slice.", "Write it as `muster drift` names it, `slice:script=Latin`; quote it where it has spaces."),
        SelectorField.Key when value is { Match: SelectorMatch.File, Text.Length: 0 } => new("The file's name is empty.", "Write `key:@keys.txt`."),
        _ => null,
    };

    /// <summary>The moment that a value of <c>since:</c> means; spans count back from <paramref name="now"/>.</summary>
    public static DateTimeOffset Since(string text, DateTimeOffset now) =>
        SpanOf(text) is { } span ? now - span : DateTimeOffset.Parse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);

    private static bool IsState(SelectorValue value) => value.Match == SelectorMatch.Prefix
        ? SelectorWords.StateNames.Any(name => name.StartsWith(value.Text, StringComparison.Ordinal))
        : SelectorWords.StatesOf(value.Text).Count > 0;

    private static bool IsTime(string text) => SpanOf(text) is not null
        || DateTimeOffset.TryParseExact(text, ["yyyy-MM-dd", "yyyy-MM-ddTHH:mmK", "yyyy-MM-ddTHH:mm:ssK"], CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out _);

    private static TimeSpan? SpanOf(string text)
    {
        if (text.Length < 2 || !int.TryParse(text[..^1], NumberStyles.None, CultureInfo.InvariantCulture, out var count))
            return null;
        var minutes = text[^1] switch { 'm' => 1L, 'h' => 60, 'd' => 60 * 24, 'w' => 60 * 24 * 7, _ => 0 } * count;
        return minutes is > 0 and <= MaxDays * 24L * 60 ? TimeSpan.FromMinutes(minutes) : null;
    }
}
