using System.Buffers;
using System.Security.Cryptography;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Muster.Evals;

/// <summary>Writes an eval set as lines in one stable form, so that a change of one case is a change of one line.</summary>
internal static class EvalSetWriter
{
    private static readonly JsonWriterOptions Form = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The file of a closed version, with its hash in the header. Cases keep their order.</summary>
    public static byte[] Write(EvalSet set)
    {
        var text = new ArrayBufferWriter<byte>();
        Line(text, writer => Header(writer, set.Id, set.Version, Hash(set.Fields, set.Cases), set.Fields));
        foreach (var one in set.Cases)
            Line(text, writer => Case(writer, one));
        return text.WrittenSpan.ToArray();
    }

    /// <summary>Over comparators and cases, in the order of their keys.</summary>
    public static string Hash(IReadOnlyDictionary<string, Comparator> fields, IEnumerable<EvalCase> cases)
    {
        var text = new ArrayBufferWriter<byte>();
        Line(text, writer => Comparators(writer, fields));
        foreach (var one in cases.OrderBy(one => one.Key, StringComparer.Ordinal))
            Line(text, writer => Case(writer, one));
        return "sha256:" + Convert.ToHexStringLower(SHA256.HashData(text.WrittenSpan))[..32];
    }

    private static void Header(Utf8JsonWriter writer, string id, int version, string hash, IReadOnlyDictionary<string, Comparator> fields)
    {
        writer.WriteStartObject();
        writer.WriteString("evalset", id);
        writer.WriteNumber("version", version);
        writer.WriteString("hash", hash);
        writer.WritePropertyName("fields");
        Comparators(writer, fields);
        writer.WriteEndObject();
    }

    private static void Comparators(Utf8JsonWriter writer, IReadOnlyDictionary<string, Comparator> fields)
    {
        writer.WriteStartObject();
        foreach (var (pointer, by) in fields.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            writer.WriteStartObject(pointer);
            foreach (var (name, value) in ComparatorReader.Written(by))
            {
                if (value is double number)
                    writer.WriteNumber(name, number);
                else if (value is string text)
                    writer.WriteString(name, text);
                else
                    Texts(writer, name, (IReadOnlyList<string>)value);
            }

            writer.WriteEndObject();
        }

        writer.WriteEndObject();
    }

    private static void Case(Utf8JsonWriter writer, EvalCase one)
    {
        writer.WriteStartObject();
        writer.WriteString("key", one.Key);
        writer.WriteStartObject("expect");
        foreach (var (pointer, value) in one.Expect.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            writer.WritePropertyName(pointer);
            value.WriteTo(writer);
        }

        writer.WriteEndObject();
        if (one.MustPass)
            writer.WriteBoolean("must_pass", true);
        if (one.Weight is not 1.0)
            writer.WriteNumber("weight", one.Weight);
        if (one.Cluster is not null)
            writer.WriteString("cluster", one.Cluster);
        if (one.Slices.Count > 0)
            Texts(writer, "slice", one.Slices);
        if (one.Origin is not null)
            writer.WriteString("origin", one.Origin);
        if (one.Input is not null)
        {
            writer.WriteStartObject("input");
            foreach (var (column, value) in one.Input.OrderBy(pair => pair.Key, StringComparer.Ordinal))
                writer.WriteString(column, value);
            writer.WriteEndObject();
        }

        if (one.InputHash is not null)
            writer.WriteString("input_hash", one.InputHash);
        writer.WriteEndObject();
    }

    private static void Texts(Utf8JsonWriter writer, string name, IEnumerable<string> texts)
    {
        writer.WriteStartArray(name);
        foreach (var text in texts)
            writer.WriteStringValue(text);
        writer.WriteEndArray();
    }

    private static void Line(ArrayBufferWriter<byte> text, Action<Utf8JsonWriter> write)
    {
        using (var writer = new Utf8JsonWriter(text, Form))
            write(writer);
        text.Write("\n"u8);
    }
}
