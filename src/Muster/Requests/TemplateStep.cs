namespace Muster.Requests;

internal enum StepKind : byte { Text, Insert, SkipIfBlank, SkipUnlessBlank }

/// <summary>One instruction of a compiled template.</summary>
/// <param name="Kind">What to do.</param>
/// <param name="Text">Literal text, escaped for the inside of a JSON string; only for <see cref="StepKind.Text"/>.</param>
/// <param name="IsBlank">True when the literal is white space only.</param>
/// <param name="Column">The column that is inserted or decides.</param>
/// <param name="SkipTo">Where a skipped section ends.</param>
internal readonly record struct TemplateStep(StepKind Kind, byte[] Text, bool IsBlank, int Column, int SkipTo = 0)
{
    public static TemplateStep Literal(string text) => new(StepKind.Text, JsonText.Escaped(text), string.IsNullOrWhiteSpace(text), -1);

    public static TemplateStep OfColumn(StepKind kind, int column) => new(kind, [], IsBlank: false, column);
}
