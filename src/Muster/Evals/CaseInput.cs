using System.Buffers;
using System.Text.Json;

namespace Muster.Evals;

/// <summary>A case's own input as a row of the source would have it.</summary>
internal static class CaseInput
{
    public static ReadOnlyMemory<byte> Of(IReadOnlyDictionary<string, string> input, IReadOnlyList<string> columns)
    {
        var bytes = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(bytes))
        {
            writer.WriteStartArray();
            foreach (var column in columns)
            {
                if (input.TryGetValue(column, out var value))
                    writer.WriteStringValue(value);
                else
                    writer.WriteNullValue();
            }

            writer.WriteEndArray();
        }

        return bytes.WrittenSpan.ToArray();
    }
}
