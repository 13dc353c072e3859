using System.Text;

namespace Muster.Requests;

internal enum PartKind { Text, Insert, Section, Inverted, End }

/// <param name="Kind">What stands here.</param>
/// <param name="Text">Literal text, or the name inside the braces.</param>
/// <param name="Line">1-based; of a text, where it ends.</param>
/// <param name="Column">1-based; 0 for a text.</param>
internal sealed record TemplatePart(PartKind Kind, string Text, int Line, int Column);

internal sealed record ParsedTemplate(IReadOnlyList<TemplatePart> Parts, IReadOnlyList<TemplateFault> Faults);

/// <summary>
/// Splits a template into text and tags. The language: <c>{{name}}</c> inserts, <c>{{#name}}…{{/name}}</c> keeps its inside when the
/// value is not blank, <c>{{^name}}…{{/name}}</c> when it is; <c>\{{</c> is two literal braces and <c>\\{{</c> a backslash before
/// a tag. A section tag alone on its line takes the line with it. <c>{{{</c> is refused, because readers disagree on it.
/// </summary>
internal sealed class TemplateParser
{
    private const int MaxDepth = 32;
    private const int MaxTags = 2_000;
    private const string Refused = "!>&=<*$";

    private readonly string text;
    private readonly List<TemplatePart> parts = [];
    private readonly List<TemplateFault> faults = [];
    private readonly Stack<TemplatePart> open = new();
    private readonly StringBuilder literal = new();
    private int at;
    private int line = 1;
    private int lineStart;

    private TemplateParser(string text) => this.text = text;

    public static ParsedTemplate Parse(string text)
    {
        var parser = new TemplateParser(text);
        parser.Run();
        return new ParsedTemplate(parser.parts, parser.faults);
    }

    private void Run()
    {
        while (at < text.Length)
        {
            if (!StartsTag())
            {
                Literal();
            }
        }

        Flush();
        foreach (var section in open)
        {
            Fault(section, $"the section {{{{{Sigil(section)}{section.Text}}}}} is never closed", $"Add `{{{{/{section.Text}}}}}` where it ends.");
        }
    }

    // Handles what begins here when it is a tag or an escaped tag.
    private bool StartsTag()
    {
        var rest = text.AsSpan(at);
        if (rest.StartsWith("\\\\{{"))
        {
            literal.Append('\\');
            at += 2;
            Tag();
            return true;
        }

        if (rest.StartsWith("\\{{"))
        {
            literal.Append("{{");
            at += 3;
            return true;
        }

        if (!rest.StartsWith("{{"))
        {
            return false;
        }

        Tag();
        return true;
    }

    private void Literal()
    {
        literal.Append(text[at]);
        if (text[at++] == '\n')
        {
            line++;
            lineStart = at;
        }
    }

    private void Tag()
    {
        var start = at;
        var place = new TemplatePart(PartKind.Insert, "", line, at - lineStart + 1);
        if (text.AsSpan(at).StartsWith("{{{"))
        {
            Fault(place, "three braces in a row can be read in two ways", "Write `\\{{` for literal braces, or put a space after the first brace.");
            at += 3;
            return;
        }

        var end = text.IndexOf("}}", at, StringComparison.Ordinal);
        var lineEnd = text.IndexOf('\n', at);
        if (end < 0 || (lineEnd >= 0 && lineEnd < end))
        {
            Fault(place, "`{{` is not followed by `}}` on its line", "Close it with `}}`, or write `\\{{` for literal braces.");
            at += 2;
            return;
        }

        var inside = text[(start + 2)..end];
        at = end + 2;
        Read(inside.Trim(), place, start);
    }

    private void Read(string inside, TemplatePart place, int start)
    {
        var kind = inside.Length == 0 ? PartKind.Insert : inside[0] switch
        {
            '#' => PartKind.Section,
            '^' => PartKind.Inverted,
            '/' => PartKind.End,
            _ => PartKind.Insert,
        };
        var name = kind == PartKind.Insert ? inside : inside[1..].Trim();
        if (name.Length == 0 || name.Contains('{') || name.Contains('}'))
        {
            Fault(place, "a name is expected between `{{` and `}}`", "Write `{{column}}`, or `\\{{` for literal braces.");
            return;
        }

        if (kind == PartKind.Insert && Refused.Contains(name[0]))
        {
            Fault(place, $"`{{{{{name[0]}` is not part of the template language", "Only `{{name}}`, `{{#name}}`, `{{^name}}` and `{{/name}}` are.");
            return;
        }

        if (kind != PartKind.Insert)
        {
            TakeLine(start);
        }

        Flush();
        Place(place with { Kind = kind, Text = name });
    }

    private void Place(TemplatePart part)
    {
        if (parts.Count >= 2 * MaxTags || open.Count >= MaxDepth)
        {
            Fault(part, $"more than {MaxTags} tags, or sections nested deeper than {MaxDepth}", "Split the text, or prepare it in the source.");
            at = text.Length;
            open.Clear();
            return;
        }

        if (part.Kind == PartKind.End && !Closes(part))
        {
            return;
        }

        parts.Add(part);
        if (part.Kind is PartKind.Section or PartKind.Inverted)
        {
            open.Push(part);
        }
    }

    private bool Closes(TemplatePart end)
    {
        if (open.Count == 0)
        {
            Fault(end, $"`{{{{/{end.Text}}}}}` closes a section that is not open", $"Open it with `{{{{#{end.Text}}}}}`, or remove this tag.");
            return false;
        }

        var section = open.Pop();
        if (section.Text != end.Text)
        {
            Fault(end, $"`{{{{/{end.Text}}}}}` stands where the section {{{{{Sigil(section)}{section.Text}}}}} of line {section.Line} must be closed", $"Write `{{{{/{section.Text}}}}}` here.");
        }

        return true;
    }

    // A section tag alone on its line leaves no empty line behind.
    private void TakeLine(int start)
    {
        var before = literal.Length;
        while (before > 0 && literal[before - 1] is (' ' or '\t'))
        {
            before--;
        }

        var blankBefore = text.AsSpan(lineStart, start - lineStart).IsWhiteSpace();
        var lineEnd = text.IndexOf('\n', at);
        var after = lineEnd < 0 ? text.Length : lineEnd;
        if (!blankBefore || !text.AsSpan(at, after - at).IsWhiteSpace())
        {
            return;
        }

        literal.Length = before;
        at = lineEnd < 0 ? after : lineEnd + 1;
        if (lineEnd >= 0)
        {
            line++;
            lineStart = at;
        }
    }

    private void Flush()
    {
        if (literal.Length > 0)
        {
            parts.Add(new TemplatePart(PartKind.Text, literal.ToString(), line, 0));
            literal.Clear();
        }
    }

    private static string Sigil(TemplatePart section) => section.Kind == PartKind.Inverted ? "^" : "#";

    private void Fault(TemplatePart place, string message, string hint) => faults.Add(new TemplateFault(place.Line, place.Column, message, hint));
}
