using System.Globalization;
using System.Text;
using System.Text.Json;
using Muster.Contracts;

namespace Muster.Evals;

/// <summary>Compares one answer with what is expected. Pure, and never throws, whatever the values.</summary>
internal static class Comparison
{
    // Without ICU the runtime normalizes no Unicode form, so none is offered: a step that does nothing would pass for one that does.
    public static readonly IReadOnlyList<string> Normalizations = ["trim", "collapse_ws", "lower", "strip_punctuation"];

    /// <param name="actual">Null when the answer lacks the field.</param>
    /// <param name="score">The judge's score from 0 to 1; null when there is none.</param>
    public static FieldScore Of(Comparator by, JsonElement expected, JsonElement? actual, double? score)
    {
        if (by.Kind == CompareKind.Ignore)
            return FieldScore.Of(isEqual: true, 0);
        if (actual is not { } found)
            return FieldScore.Of(isEqual: false, 1);
        return by.Kind switch
        {
            CompareKind.Set => Set(by, expected, found),
            CompareKind.Number => Number(by, expected, found),
            CompareKind.Date => Date(by, expected, found),
            CompareKind.List => List(by, expected, found),
            CompareKind.Text => Text(by, expected, found),
            CompareKind.Rubric when score is { } value && double.IsFinite(value) => FieldScore.Of(value >= by.MinScore, 1 - Math.Clamp(value, 0, 1)),
            CompareKind.Rubric => new FieldScore(FieldOutcome.Unscored, 0),
            _ => Exact(expected, found),
        };
    }

    private static FieldScore Exact(JsonElement expected, JsonElement actual)
    {
        var isSame = Canonical(expected) == Canonical(actual);
        return FieldScore.Of(isSame, isSame ? 0 : 1);
    }

    private static FieldScore Set(Comparator by, JsonElement expected, JsonElement actual)
    {
        if (expected.ValueKind != JsonValueKind.Array || actual.ValueKind != JsonValueKind.Array)
            return Exact(expected, actual);
        var wanted = expected.EnumerateArray().Select(Canonical).ToHashSet();
        var found = actual.EnumerateArray().Select(Canonical).ToHashSet();
        var all = wanted.Union(found).Count();
        var jaccard = all == 0 ? 1 : (double)wanted.Intersect(found).Count() / all;
        return FieldScore.Of(jaccard >= by.MinJaccard, 1 - jaccard);
    }

    private static FieldScore Number(Comparator by, JsonElement expected, JsonElement actual)
    {
        if (Value(expected) is not { } wanted || Value(actual) is not { } found)
            return Exact(expected, actual);
        var error = Math.Abs(found - wanted);
        var relative = error == 0 ? 0 : error / Math.Abs(wanted);
        return FieldScore.Of(relative <= by.Rel || error <= by.Abs, Math.Min(1, relative));
    }

    private static FieldScore Date(Comparator by, JsonElement expected, JsonElement actual)
    {
        if (Day(expected) is not { } wanted || Day(actual) is not { } found)
            return Exact(expected, actual);
        var isNear = Math.Abs(found.DayNumber - wanted.DayNumber) <= by.Days;
        return FieldScore.Of(isNear, isNear ? 0 : 1);
    }

    private static FieldScore List(Comparator by, JsonElement expected, JsonElement actual)
    {
        if (expected.ValueKind != JsonValueKind.Array || actual.ValueKind != JsonValueKind.Array)
            return Exact(expected, actual);
        var wanted = expected.EnumerateArray().Select(element => Identity(by, element)).ToList();
        var found = actual.EnumerateArray().Select(element => Identity(by, element)).ToList();
        var matched = by.IgnoreOrder ? Common(wanted, found) : wanted.Zip(found).Count(pair => pair.First == pair.Second);
        var longest = Math.Max(wanted.Count, found.Count);
        return FieldScore.Of(matched == longest, longest == 0 ? 0 : 1 - (double)matched / longest);
    }

    private static int Common(IEnumerable<string> wanted, List<string> found)
    {
        var left = found.GroupBy(text => text).ToDictionary(group => group.Key, group => group.Count());
        var matched = 0;
        foreach (var text in wanted.Where(text => left.GetValueOrDefault(text) > 0))
        {
            left[text]--;
            matched++;
        }

        return matched;
    }

    private static string Identity(Comparator by, JsonElement element) =>
        by.Key is { } key && element.ValueKind == JsonValueKind.Object && element.TryGetProperty(key, out var value) ? Canonical(value) : Canonical(element);

    private static FieldScore Text(Comparator by, JsonElement expected, JsonElement actual)
    {
        if (expected.ValueKind != JsonValueKind.String || actual.ValueKind != JsonValueKind.String)
            return Exact(expected, actual);
        var isSame = Normalized(by, Decode(expected)) == Normalized(by, Decode(actual));
        return FieldScore.Of(isSame, isSame ? 0 : 1);
    }

    private static string Normalized(Comparator by, string text) => by.Normalize.Aggregate(text, (current, step) => step switch
    {
        "trim" => current.Trim(),
        "collapse_ws" => string.Join(' ', current.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)),
        "lower" => current.ToLowerInvariant(),
        _ => string.Concat(current.Where(c => !char.IsPunctuation(c))),
    });

    // A lone surrogate becomes U+FFFD, so that reading it cannot throw.
    private static string Decode(JsonElement text) => JsonText.Decode(Raw(text)[1..^1], isEscaped: text.GetRawText().Contains('\\'));

    private static ReadOnlySpan<byte> Raw(JsonElement element) => Encoding.UTF8.GetBytes(element.GetRawText());

    private static string Canonical(JsonElement element) => Convert.ToHexString(CanonicalJson.Of(Raw(element)));

    private static double? Value(JsonElement element) =>
        element.ValueKind == JsonValueKind.Number && element.TryGetDouble(out var value) && double.IsFinite(value) ? value : null;

    private static DateOnly? Day(JsonElement element)
    {
        if (element.ValueKind != JsonValueKind.String)
            return null;
        var text = Decode(element);
        return text.Length >= 10 && DateOnly.TryParseExact(text[..10], "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) ? day : null;
    }
}
