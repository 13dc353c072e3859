using System.Text;
using Muster.Jobs;

namespace Muster.Requests;

/// <summary>Binds a parsed template to columns and constant values. Sections on a constant are decided here, once.</summary>
internal sealed class TemplateCompiler(IReadOnlyList<string> columns, IReadOnlyDictionary<string, string> values)
{
    private const int NoStep = -1;

    private readonly List<TemplateStep> steps = [];
    private readonly StringBuilder literal = new();

    public Template Compile(string name, string text)
    {
        var parsed = TemplateParser.Parse(text);
        var faults = parsed.Faults.Concat(UnknownNames(parsed)).OrderBy(fault => fault.Line).ThenBy(fault => fault.Column).ToList();
        if (faults.Count > 0)
        {
            throw new TemplateException(name, faults);
        }

        Bind(parsed.Parts);
        return new Template([.. steps]);
    }

    private void Bind(IReadOnlyList<TemplatePart> parts)
    {
        var sections = new Stack<int>();
        for (var i = 0; i < parts.Count; i++)
        {
            var part = parts[i];
            if (part.Kind == PartKind.Text)
            {
                literal.Append(part.Text);
            }
            else if (part.Kind == PartKind.End)
            {
                Close(sections.Pop());
            }
            else if (!values.TryGetValue(part.Text, out var value))
            {
                BindColumn(part, sections);
            }
            else if (part.Kind == PartKind.Insert)
            {
                literal.Append(value);
            }
            else if (string.IsNullOrWhiteSpace(value) == (part.Kind == PartKind.Inverted))
            {
                sections.Push(NoStep);
            }
            else
            {
                i = EndOf(parts, i);
            }
        }

        FlushLiteral();
    }

    private void BindColumn(TemplatePart part, Stack<int> sections)
    {
        FlushLiteral();
        var kind = part.Kind switch
        {
            PartKind.Section => StepKind.SkipIfBlank,
            PartKind.Inverted => StepKind.SkipUnlessBlank,
            _ => StepKind.Insert,
        };
        if (kind != StepKind.Insert)
        {
            sections.Push(steps.Count);
        }

        steps.Add(TemplateStep.OfColumn(kind, IndexOf(part.Text)));
    }

    private void Close(int section)
    {
        if (section == NoStep)
        {
            return;
        }

        FlushLiteral();
        steps[section] = steps[section] with { SkipTo = steps.Count };
    }

    private static int EndOf(IReadOnlyList<TemplatePart> parts, int start)
    {
        var depth = 1;
        var i = start;
        while (depth > 0)
        {
            depth += parts[++i].Kind switch
            {
                PartKind.Section or PartKind.Inverted => 1,
                PartKind.End => -1,
                _ => 0,
            };
        }

        return i;
    }

    private void FlushLiteral()
    {
        if (literal.Length > 0)
        {
            steps.Add(TemplateStep.Literal(literal.ToString()));
            literal.Clear();
        }
    }

    private int IndexOf(string column)
    {
        for (var i = 0; i < columns.Count; i++)
        {
            if (columns[i] == column)
            {
                return i;
            }
        }

        throw new InvalidOperationException($"The column {column} passed the check of names and is not there.");
    }

    private IEnumerable<TemplateFault> UnknownNames(ParsedTemplate parsed)
    {
        foreach (var part in parsed.Parts.Where(part => part.Kind is not (PartKind.Text or PartKind.End)))
        {
            var isColumn = columns.Contains(part.Text);
            if (isColumn && values.ContainsKey(part.Text))
            {
                yield return new TemplateFault(part.Line, part.Column, $"{Excerpt.Quoted(part.Text)} is both a column and a value of the prompt", "Rename the one under `prompt.values`.");
            }
            else if (!isColumn && !values.ContainsKey(part.Text))
            {
                var question = Closest.Question(part.Text, columns.Concat(values.Keys));
                yield return new TemplateFault(part.Line, part.Column, $"{Excerpt.Quoted(part.Text)} is neither a column nor a value.{question}", Known());
            }
        }
    }

    private string Known()
    {
        const int maxShown = 40;
        var names = columns.Take(maxShown).ToList();
        var columnList = string.Join(", ", names) + (columns.Count > maxShown ? $" and {columns.Count - maxShown} more" : "");
        return values.Count == 0 ? $"Columns: {columnList}." : $"Columns: {columnList}. Values: {string.Join(", ", values.Keys)}.";
    }
}
