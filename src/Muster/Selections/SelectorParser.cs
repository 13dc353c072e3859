using System.Text;
using Muster.Jobs;

namespace Muster.Selections;

/// <summary>Reads a selector from left to right, once.</summary>
internal sealed class SelectorParser(string text)
{
    /// <summary>A selector is typed by a person; longer lists belong into a file, <c>key:@file</c>.</summary>
    public const int MaxChars = 10_000;

    private int at;

    public Selector Parse()
    {
        if (text.Length > MaxChars)
            throw Refused(MaxChars, $"The selector has {text.Length} characters, more than {MaxChars}.", "Write the keys into a file, one a line, and say `key:@file`.");
        if (text.Trim() == Selector.Everything)
            return new Selector([]);
        var terms = new List<SelectorTerm>();
        for (SkipSpace(); at < text.Length; SkipSpace())
            terms.Add(Term());
        if (terms.Count == 0)
            throw Refused(0, "The selector is empty, and an empty one would mean every row.", $"Name what is meant, as `state:quarantined`, or write `{Selector.Everything}`.");
        return new Selector(terms);
    }

    private SelectorTerm Term()
    {
        var negated = text[at] == '-';
        at += negated ? 1 : 0;
        var start = at;
        var name = at < text.Length && text[at] == '"' ? Quoted() : Until(SelectorWords.EndsField);
        if (at >= text.Length || text[at] != ':')
            throw Unfinished(name, start);
        at++;
        if (name.StartsWith('/'))
            return Pointer(name, start, negated);
        if (SelectorWords.FieldOf(name) is not { } field)
            throw Refused(start, $"A selector knows no `{Excerpt.Of(name)}:`.", $"Known are {string.Join(", ", SelectorWords.FieldNames.Select(known => known + ":"))}.{Closest.Question(name, SelectorWords.FieldNames)}");
        return new SelectorTerm(field, null, negated, Values(field));
    }

    private SelectorTerm Pointer(string name, int start, bool negated)
    {
        if (!JsonPointer.IsValid(name))
            throw Refused(start, $"`{Excerpt.Of(name)}` is not a JSON pointer: a `~` stands before 0 or 1 only.", "Write `~0` for `~` and `~1` for `/` inside a name.");
        return new SelectorTerm(SelectorField.Pointer, name, negated, Values(SelectorField.Pointer));
    }

    private SelectorException Unfinished(string name, int start) => name == Selector.Everything
        ? Refused(start, $"`{name}` stands alone: with other terms it adds nothing.", "Leave it out.")
        : Refused(start, $"`{Excerpt.Of(name)}` is not followed by a colon and a value.", $"A term is `field:value`. Known fields are {string.Join(", ", SelectorWords.FieldNames)}.{Closest.Question(name, SelectorWords.FieldNames)}");

    private List<SelectorValue> Values(SelectorField field)
    {
        var values = new List<SelectorValue>();
        while (true)
        {
            var start = at;
            var value = Value(field);
            values.Add(SelectorValueRules.Check(field, value) is { } fault ? throw Refused(start, fault.Message, fault.Hint) : value);
            if (at >= text.Length || char.IsWhiteSpace(text[at]))
                break;
            if (text[at] != ',')
                throw Refused(at, $"After a quoted value comes a comma or a space, not {Excerpt.Quoted(text[at].ToString())}.", "Quote the whole value, or none of it.");
            at++;
        }

        if (field == SelectorField.Since && values.Count > 1)
            throw Refused(at, "`since:` takes one time.", "Keep the earlier one.");
        return values;
    }

    private SelectorValue Value(SelectorField field)
    {
        var start = at;
        var isFile = field == SelectorField.Key && at < text.Length && text[at] == '@';
        at += isFile ? 1 : 0;
        if (at < text.Length && text[at] == '"')
        {
            var quoted = Quoted();
            if (!isFile && at < text.Length && text[at] == '*')
            {
                at++;
                return new SelectorValue(quoted, SelectorMatch.Prefix, IsQuoted: true);
            }

            return new SelectorValue(quoted, isFile ? SelectorMatch.File : SelectorMatch.Exact, IsQuoted: true);
        }

        var plain = Until(SelectorWords.EndsValue);
        if (plain.Length == 0)
            throw Refused(start, isFile ? "`@` is not followed by the name of a file." : "A value is missing here.", "Write one, or `\"\"` for empty text.");
        if (isFile)
            return new SelectorValue(plain, SelectorMatch.File);
        return plain.EndsWith('*') ? new SelectorValue(plain[..^1], SelectorMatch.Prefix) : new SelectorValue(plain);
    }

    private string Until(Func<char, bool> ends)
    {
        var start = at;
        while (at < text.Length && !ends(text[at]))
            at++;
        return text[start..at];
    }

    private string Quoted()
    {
        var (start, inside) = (at, new StringBuilder());
        for (at++; at < text.Length; at++)
        {
            if (text[at] == '"')
            {
                at++;
                return inside.ToString();
            }

            if (text[at] == '\\' && ++at == text.Length)
                break;
            inside.Append(text[at]);
        }

        throw Refused(start, "A quotation mark is opened and not closed.", "Close it; inside, `\\\"` is a quotation mark and `\\\\` a backslash.");
    }

    private void SkipSpace()
    {
        while (at < text.Length && char.IsWhiteSpace(text[at]))
            at++;
    }

    private SelectorException Refused(int position, string message, string hint) =>
        new($"{message} (character {position + 1} of {Excerpt.Quoted(text)})", hint, position);
}
