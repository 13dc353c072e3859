using System.Text.Json;

namespace Muster.Drift;

/// <summary>Goes over a row's input, column by column, and stops at the texts that the prompt shows or the job slices by.</summary>
internal ref struct ColumnTexts
{
    private readonly ProfileShape shape;
    private readonly RowText text;
    private Utf8JsonReader reader;
    private int column = -1;
    private int sliced;

    /// <param name="json">As <see cref="RunRow.Input"/>; not empty.</param>
    public ColumnTexts(ProfileShape shape, RowText text, ReadOnlySpan<byte> json)
    {
        this.shape = shape;
        this.text = text;
        reader = new Utf8JsonReader(json);
        reader.Read();
    }

    public ShapeColumn Use { get; private set; } = new("");

    /// <summary>The column's place among those that the job slices by, where it is one.</summary>
    public int Slice { get; private set; }

    /// <summary>Good until the next call.</summary>
    public ReadOnlySpan<char> Value { get; private set; }

    public bool Next()
    {
        while (++column < shape.Columns.Count && reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            Use = shape.Columns[column];
            Slice = sliced;
            sliced += Use.IsSlice ? 1 : 0;
            if (reader.TokenType is JsonTokenType.StartArray or JsonTokenType.StartObject)
            {
                reader.Skip();
            }
            else if (reader.TokenType != JsonTokenType.Null && (Use.IsText || Use.IsSlice))
            {
                Value = text.Of(ref reader);
                return true;
            }
        }

        return false;
    }
}
