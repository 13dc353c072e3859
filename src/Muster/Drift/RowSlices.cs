using System.Text.Json;

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
        var reader = new Utf8JsonReader(json);
        reader.Read();
        var slice = 0;
        for (var column = 0; column < shape.Columns.Count && reader.Read() && reader.TokenType != JsonTokenType.EndArray; column++)
        {
            var use = shape.Columns[column];
            if (reader.TokenType is JsonTokenType.StartArray or JsonTokenType.StartObject)
                reader.Skip();
            else if (reader.TokenType != JsonTokenType.Null && (use.IsText || use.IsSlice))
            {
                var value = text.Of(ref reader);
                if (use.IsText)
                    words.Add(value);
                if (use.IsSlice && !value.IsWhiteSpace())
                    values[slice] = $"{use.Name}={value}";
            }

            slice += use.IsSlice ? 1 : 0;
        }
    }
}
