using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Muster.Jobs;

/// <summary>Writes a part of the job file as JSON, for fields that hold JSON: <c>params</c> and <c>human_queue</c>.</summary>
internal static class YamlJson
{
    private static readonly JsonWriterOptions Compact = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>JSON without white space; a scalar that two YAML readers may read differently adds a fault.</summary>
    public static string Write(YamlNode node, string field, FaultList faults)
    {
        var bytes = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(bytes, Compact))
        {
            Write(json, node, field, faults);
        }

        return Encoding.UTF8.GetString(bytes.WrittenSpan);
    }

    /// <summary>The same JSON without white space.</summary>
    public static string Compacted(string json)
    {
        var bytes = new ArrayBufferWriter<byte>();
        using (var document = JsonDocument.Parse(json))
        using (var writer = new Utf8JsonWriter(bytes, Compact))
        {
            document.WriteTo(writer);
        }

        return Encoding.UTF8.GetString(bytes.WrittenSpan);
    }

    private static void Write(Utf8JsonWriter json, YamlNode node, string field, FaultList faults)
    {
        switch (node)
        {
            case YamlMap map:
                json.WriteStartObject();
                foreach (var entry in map.Entries)
                {
                    json.WritePropertyName(entry.Name);
                    Write(json, entry.Value, $"{field}.{entry.Name}", faults);
                }

                json.WriteEndObject();
                break;
            case YamlList list:
                json.WriteStartArray();
                for (var i = 0; i < list.Elements.Count; i++)
                {
                    Write(json, list.Elements[i], $"{field}[{i}]", faults);
                }

                json.WriteEndArray();
                break;
            default:
                Write(json, (YamlScalar)node, field, faults);
                break;
        }
    }

    private static void Write(Utf8JsonWriter json, YamlScalar scalar, string field, FaultList faults)
    {
        if (scalar.IsDoubtfulNumber)
        {
            faults.Add(scalar.Place, field, $"{Excerpt.Quoted(scalar.Text)} is not a number or word that JSON knows", "Write the number as JSON does, or put it in quotes to make it text.");
        }

        switch (scalar.Resolved)
        {
            case ScalarKind.Null:
                json.WriteNullValue();
                break;
            case ScalarKind.Flag or ScalarKind.Number:
                json.WriteRawValue(scalar.Text);
                break;
            default:
                json.WriteStringValue(scalar.Text);
                break;
        }
    }
}
