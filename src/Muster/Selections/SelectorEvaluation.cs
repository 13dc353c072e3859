using System.Globalization;
using System.Text.Json;
using Muster.Jobs;

namespace Muster.Selections;

/// <summary>Whether a row is meant. The meaning that SQL must agree with.</summary>
internal static class SelectorEvaluation
{
    public static bool Matches(this Selector selector, RowFacts row, SelectorContext context) =>
        selector.Terms.All(term => term.Values.Any(value => Holds(term, value, row, context)) != term.Negated);

    private static bool Holds(SelectorTerm term, SelectorValue value, RowFacts row, SelectorContext context) => term.Field switch
    {
        SelectorField.State => value.Match == SelectorMatch.Prefix
            ? SelectorWords.StateNames.Any(name => Is(name, value) && SelectorWords.StatesOf(name).Contains(row.State))
            : SelectorWords.StatesOf(value.Text).Contains(row.State),
        SelectorField.Reason => row.Reason is { } reason && IsReason(reason, value),
        SelectorField.Pointer => row.Output is { } output && JsonPointer.Find(output, term.Pointer!) is { } found && IsJson(found, value),
        SelectorField.Key => value.Match == SelectorMatch.File ? context.KeyFiles[value.Text].Contains(row.Key) : Is(row.Key, value),
        SelectorField.Issue => row.Issue is { } issue && (Is(issue, value) || (context.IssueNames.TryGetValue(issue, out var name) && Is(name, value))),
        SelectorField.Batch => row.Batches.Any(batch => Is(batch, value)),
        SelectorField.Run => row.Run is { } run && Is(run, value),
        SelectorField.Slice => row.Slices.Any(slice => Is(slice, value)),
        SelectorField.Tier => row.Tier.ToString(CultureInfo.InvariantCulture) == value.Text,
        _ => row.ChangedAt >= SelectorValueRules.Since(value.Text, context.Now),
    };

    /// <summary>A code means itself with any detail: <c>SHP.SCHEMA</c> is <c>SHP.SCHEMA./category</c> too.</summary>
    private static bool IsReason(string reason, SelectorValue value) => Is(reason, value)
        || (value.Match == SelectorMatch.Exact && reason.StartsWith(value.Text, StringComparison.Ordinal) && reason[value.Text.Length] == '.');

    private static bool Is(string text, SelectorValue value) =>
        value.Match == SelectorMatch.Prefix ? text.StartsWith(value.Text, StringComparison.Ordinal) : text == value.Text;

    /// <summary>
    /// Text is compared as text, other values as written in JSON; an array matches when one of its values does. Unquoted <c>null</c> is
    /// JSON's null, which no star matches.
    /// </summary>
    private static bool IsJson(JsonElement found, SelectorValue value) => found.ValueKind switch
    {
        JsonValueKind.String => (value.IsQuoted || value.Match == SelectorMatch.Prefix || value.Text != "null") && Is(found.GetString()!, value),
        JsonValueKind.Null => value is { Match: SelectorMatch.Exact, IsQuoted: false, Text: "null" },
        JsonValueKind.Array => found.EnumerateArray().Any(item => IsJson(item, value)),
        _ => Is(found.GetRawText(), value),
    };
}
