namespace Muster.Drift;

/// <summary>The single slices that a row belongs to, by the names that its run's profile has for them.</summary>
internal sealed class RowSlices(ProfileShape shape)
{
    private readonly Words words = new(Profiler.MaxInputWords);
    private readonly RowText text = new();

    /// <param name="input">As <see cref="RunRow.Input"/>.</param>
    public IReadOnlyList<string> Of(ReadOnlyMemory<byte> input, string? model)
    {
        words.Clear();
        var values = shape.Columns.Where(column => column.IsSlice).Select(column => $"{column.Name}=(none)").ToList();
        if (!input.IsEmpty)
            Read(input.Span, values);
        return [.. values, $"length={Profiler.LengthClass(words.Chars)}", $"script={words.Script}", $"model={model ?? "(none)"}"];
    }

    private void Read(ReadOnlySpan<byte> json, List<string> values)
    {
        var columns = new ColumnTexts(shape, text, json);
        while (columns.Next())
        {
            if (columns.Use.IsText)
                words.Add(columns.Value);
            if (columns.Use.IsSlice && !columns.Value.IsWhiteSpace())
                values[columns.Slice] = $"{columns.Use.Name}={columns.Value}";
        }
    }
}
