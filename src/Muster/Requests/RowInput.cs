using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Muster.Sources;
using Muster.Verdicts;

namespace Muster.Requests;

internal enum ValueForm : byte { Absent, Plain, Escaped, Raw }

/// <param name="Start">First byte of the value in the input: after the quote of a string, else at the value.</param>
/// <param name="Length">In bytes.</param>
/// <param name="Form">String without escapes, string with escapes, or another JSON value as it stands.</param>
/// <param name="IsBlank">Absent, or a string of white space only.</param>
internal readonly record struct RowValue(int Start, int Length, ValueForm Form, bool IsBlank);

/// <summary>
/// The values of one row that the templates name, as places in the source's own bytes: nothing is decoded or copied. One instance
/// serves one worker and is read into again for each row; it also owns the worker's buffer.
/// </summary>
internal sealed class RowInput
{
    private const int MaxDepth = 64;
    private static readonly RowValue Absent = new(0, 0, ValueForm.Absent, IsBlank: true);

    private readonly bool[] used;
    private readonly int usedCount;
    private readonly RowValue[] values;
    private ReadOnlyMemory<byte> json;

    /// <param name="used">For each column whether a template names it.</param>
    public RowInput(IReadOnlyList<bool> used)
    {
        this.used = [.. used];
        usedCount = Array.LastIndexOf(this.used, true) + 1;
        values = new RowValue[usedCount];
    }

    /// <summary>Where this worker renders, before a request is known to be good.</summary>
    public RequestBuffer Buffer { get; } = new();

    public RowValue this[int column] => values[column];

    public ReadOnlySpan<byte> Bytes(in RowValue value) => json.Span.Slice(value.Start, value.Length);

    /// <summary>Reads a <see cref="SourceRow.Input"/>. The bytes must not change until the next read.</summary>
    /// <returns>Why the row cannot be rendered, or null.</returns>
    public SourceFault? Read(ReadOnlyMemory<byte> input)
    {
        json = input;
        Array.Fill(values, Absent);
        try
        {
            return ReadValues(input.Span);
        }
        catch (JsonException fault)
        {
            return new SourceFault($"{Reasons.RenderFailed}.input_unreadable", $"the row's input is not a JSON array: {fault.Message}");
        }
    }

    private SourceFault? ReadValues(ReadOnlySpan<byte> input)
    {
        var reader = new Utf8JsonReader(input, new JsonReaderOptions { MaxDepth = MaxDepth });
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartArray)
        {
            throw new JsonException("it does not begin with [");
        }

        for (var column = 0; column < usedCount && reader.Read() && reader.TokenType != JsonTokenType.EndArray; column++)
        {
            if (!used[column])
            {
                reader.Skip();
            }
            else if (ReadValue(ref reader, input, column) is { } fault)
            {
                return fault;
            }
        }

        return null;
    }

    private SourceFault? ReadValue(ref Utf8JsonReader reader, ReadOnlySpan<byte> input, int column)
    {
        var start = (int)reader.TokenStartIndex;
        if (reader.TokenType == JsonTokenType.Null)
        {
            return null;
        }

        if (reader.TokenType != JsonTokenType.String)
        {
            reader.Skip();
            values[column] = new RowValue(start, (int)reader.BytesConsumed - start, ValueForm.Raw, IsBlank: false);
            return CheckBytes(Bytes(values[column]), column);
        }

        var inside = input.Slice(start + 1, reader.ValueSpan.Length);
        var form = reader.ValueIsEscaped ? ValueForm.Escaped : ValueForm.Plain;
        values[column] = new RowValue(start + 1, inside.Length, form, IsBlankText(inside));
        if (form == ValueForm.Escaped && JsonText.HasLoneSurrogate(inside))
        {
            return new SourceFault($"{Reasons.RenderFailed}.lone_surrogate", $"column {column + 1} holds half of a surrogate pair");
        }

        return CheckBytes(inside, column);
    }

    private static SourceFault? CheckBytes(ReadOnlySpan<byte> bytes, int column) => Utf8.IsValid(bytes)
        ? null
        : new SourceFault($"{Reasons.RenderFailed}.not_utf8", $"column {column + 1} holds bytes that are not UTF-8");

    private static bool IsBlankText(ReadOnlySpan<byte> inside)
    {
        while (inside.Length > 0)
        {
            if (inside[0] == (byte)'\\')
            {
                var isUnit = inside[1] == (byte)'u';
                if (isUnit ? !char.IsWhiteSpace(JsonText.Unit(inside)) : !"nrtf"u8.Contains(inside[1]))
                {
                    return false;
                }

                inside = inside[(isUnit ? 6 : 2)..];
                continue;
            }

            _ = Rune.DecodeFromUtf8(inside, out var rune, out var length);
            if (!Rune.IsWhiteSpace(rune))
            {
                return false;
            }

            inside = inside[length..];
        }

        return true;
    }
}
