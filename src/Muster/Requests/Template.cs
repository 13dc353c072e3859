using System.Text.Json;

namespace Muster.Requests;

/// <summary>
/// A template bound to the columns of a source. Rendering writes the inside of a JSON string as UTF-8: literal text is escaped
/// once, values are copied from the row's JSON. Values are inserted verbatim and never read as template. Immutable.
/// </summary>
internal sealed class Template
{
    private readonly TemplateStep[] steps;

    public Template(TemplateStep[] steps) => this.steps = steps;

    /// <summary>The columns it reads, by index.</summary>
    public IEnumerable<int> Columns => steps.Where(step => step.Kind != StepKind.Text).Select(step => step.Column).Distinct();

    /// <summary>Its text when no column takes part in it, else null.</summary>
    public byte[]? Constant => steps.All(step => step.Kind == StepKind.Text) ? [.. steps.SelectMany(step => step.Text)] : null;

    /// <summary>The faults a template has whatever the columns are.</summary>
    public static IReadOnlyList<TemplateFault> CheckSyntax(string text) => TemplateParser.Parse(text).Faults;

    /// <exception cref="TemplateException">The syntax is wrong, or a name is neither a column nor a value, or both.</exception>
    public static Template Compile(string name, string text, IReadOnlyList<string> columns, IReadOnlyDictionary<string, string> values) =>
        new TemplateCompiler(columns, values).Compile(name, text);

    /// <summary>Writes the inside of a JSON string, without the quotes around it.</summary>
    public void Render(RowInput row, RequestBuffer to)
    {
        for (var i = 0; i < steps.Length; i++)
        {
            ref readonly var step = ref steps[i];
            if (step.Kind == StepKind.Text)
            {
                to.Write(step.Text);
                continue;
            }

            var value = row[step.Column];
            if (step.Kind == StepKind.Insert)
            {
                Insert(row, value, to);
            }
            else if (value.IsBlank == (step.Kind == StepKind.SkipIfBlank))
            {
                i = step.SkipTo - 1;
            }
        }
    }

    /// <summary>True when rendering gives nothing but white space, which the API refuses as a message.</summary>
    public bool IsBlank(RowInput row)
    {
        for (var i = 0; i < steps.Length; i++)
        {
            ref readonly var step = ref steps[i];
            switch (step.Kind)
            {
                case StepKind.Text when !step.IsBlank:
                case StepKind.Insert when !row[step.Column].IsBlank:
                    return false;
                case StepKind.SkipIfBlank or StepKind.SkipUnlessBlank when row[step.Column].IsBlank == (step.Kind == StepKind.SkipIfBlank):
                    i = step.SkipTo - 1;
                    break;
            }
        }

        return true;
    }

    /// <summary>The text as the model reads it, for previews; decoded from the very bytes that would be sent.</summary>
    public string RenderText(RowInput row)
    {
        var bytes = new RequestBuffer();
        bytes.Write("\""u8);
        Render(row, bytes);
        bytes.Write("\""u8);
        var reader = new Utf8JsonReader(bytes.Written);
        reader.Read();
        return reader.GetString()!;
    }

    private static void Insert(RowInput row, in RowValue value, RequestBuffer to)
    {
        switch (value.Form)
        {
            case ValueForm.Plain or ValueForm.Escaped:
                JsonText.WriteJsonText(to, row.Bytes(value), value.Form == ValueForm.Escaped);
                break;
            case ValueForm.Raw:
                JsonText.WriteEscaped(to, row.Bytes(value));
                break;
        }
    }
}
