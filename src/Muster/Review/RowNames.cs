using Muster.Selections;

namespace Muster.Review;

/// <summary>Quarantined rows as a command names them: one issue, one selector, or keys and reasons of which all are meant. Pure.</summary>
/// <param name="Issue">Number or fingerprint of the one issue that is named; then the other two are empty.</param>
/// <param name="Keys">Keys, or lines as <c>products.csv:17</c>.</param>
/// <param name="Selectors">Rows of any of them.</param>
internal sealed record RowNames(string? Issue, IReadOnlyList<string> Keys, IReadOnlyList<Selector> Selectors)
{
    /// <exception cref="SelectorException">One begins as a selector and is none, or several are given that are not reasons alone.</exception>
    public static RowNames Parse(IReadOnlyList<string> names)
    {
        if (names is [var only] && IsIssue(only))
            return new RowNames(only, [], []);
        List<Selector> selectors = [.. names.Where(IsSelector).Select(Selector.Parse)];
        if (names.Count == 1 && selectors is [{ Terms: [{ Field: SelectorField.Issue, Negated: false, Values: [{ Match: SelectorMatch.Exact, Text: var issue }] }] }])
            return new RowNames(issue, [], []);
        // Terms of one selector must all hold, and names beside each other are all meant: which of the two is wanted must be said.
        if (names.Count > 1 && selectors.Exists(selector => !IsReason(selector)))
        {
            throw new SelectorException($"{string.Join(" and ", names.Select(name => Excerpt.Quoted(name)))} are several selectors, or keys beside one.",
                $"A selector stands alone, in quotes where it has spaces: {Shell.Quoted(string.Join(' ', names))} means rows for which every term holds.", 0);
        }

        return new RowNames(null, [.. names.Where(name => !IsSelector(name))], selectors);
    }

    /// <summary>One selector that means the same of the rows in quarantine; null where keys stand beside reasons, which none joins.</summary>
    public Selector? ToSelector()
    {
        if (Issue is not null)
            return Of(SelectorField.Issue, [new SelectorValue(Issue)]);
        if (Keys.Count > 0)
            return Selectors.Count == 0 ? Of(SelectorField.Key, Keys.Select(key => new SelectorValue(key))) : null;
        var joined = Selectors.Count == 1 ? Selectors[0] : Of(SelectorField.Reason, Selectors.SelectMany(selector => selector.Terms[0].Values));
        return joined.Terms.Any(term => term.Field == SelectorField.State) ? joined : joined.InQuarantine();

        static Selector Of(SelectorField field, IEnumerable<SelectorValue> values) => new([new SelectorTerm(field, null, Negated: false, [.. values])]);
    }

    private static bool IsIssue(string name) => name.StartsWith(Fingerprint.Prefix, StringComparison.Ordinal)
        || (name.StartsWith("Q-", StringComparison.OrdinalIgnoreCase) && name.AsSpan(2).IndexOfAnyExceptInRange('0', '9') < 0 && name.Length > 2);

    /// <summary>A key may hold a colon: only what begins with a field that is known, or with a pointer, is a selector.</summary>
    private static bool IsSelector(string name)
    {
        var text = name.TrimStart();
        if (text.Trim() == Selector.Everything)
            return true;
        text = text.StartsWith('-') ? text[1..] : text;
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        return colon > 0 && (text.StartsWith('/') || text.StartsWith("\"/", StringComparison.Ordinal) || SelectorWords.FieldOf(text[..colon]) is not null);
    }

    private static bool IsReason(Selector selector) => selector.Terms is [{ Field: SelectorField.Reason, Negated: false }];
}
