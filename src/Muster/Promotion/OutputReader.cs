using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Muster.Promotion;

/// <summary>In which form a value of an output is written into the target.</summary>
internal enum ValueForm
{
    /// <summary>SQL values: text, 64-bit integers, reals, true and false as 1 and 0; arrays and objects as compact JSON text.</summary>
    Sql,

    /// <summary>Text as a CSV field has it: numbers as written, true and false as words, empty as absent.</summary>
    Text,

    /// <summary>Compact JSON text of any value.</summary>
    Json,
}

/// <summary>
/// Takes the values at several JSON pointers out of an output in one pass, without a document tree. What is null or absent is
/// <see cref="ValueKind.Null"/>; of a property that occurs twice the last one counts.
/// </summary>
internal sealed class OutputReader
{
    private readonly Node _root = new([]);
    private readonly ValueForm _form;
    private readonly ArrayBufferWriter<byte> _buffer = new(1024);
    private readonly Utf8JsonWriter _writer;
    private byte[] _text = new byte[1024];

    internal OutputReader(IReadOnlyList<Jobs.ColumnSpec> columns, ValueForm form)
    {
        _form = form;
        _writer = new Utf8JsonWriter(_buffer, new JsonWriterOptions
        {
            Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
            SkipValidation = true,
        });
        for (var i = 0; i < columns.Count; i++) Add(columns[i].Pointer, i);
    }

    /// <param name="sink">Is cleared first.</param>
    /// <exception cref="JsonException">The output is not JSON.</exception>
    /// <exception cref="InvalidOperationException">A text is not Unicode.</exception>
    internal void Read(ReadOnlySpan<byte> output, OutputValues sink)
    {
        sink.Clear();
        var reader = new Utf8JsonReader(output);
        reader.Read();
        Visit(ref reader, _root, sink);
        if (reader.Read()) throw new JsonException("There is more after the JSON value.");
    }

    private void Add(string pointer, int column)
    {
        var node = _root;
        if (pointer.Length > 0)
        {
            foreach (var token in pointer[1..].Split('/'))
            {
                var name = Encoding.UTF8.GetBytes(token.Replace("~1", "/").Replace("~0", "~"));
                var next = node.Children.Find(c => c.Name.AsSpan().SequenceEqual(name));
                if (next is null) node.Children.Add(next = new Node(name));
                node = next;
            }
        }

        node.Columns.Add(column);
    }

    // Leaves the reader on the last token of the value.
    private void Visit(ref Utf8JsonReader reader, Node node, OutputValues sink)
    {
        if (node.Columns.Count > 0)
        {
            var value = reader;
            foreach (var column in node.Columns)
            {
                value = reader;
                Report(ref value, column, sink);
            }

            if (node.Children.Count == 0)
            {
                reader = value;
                return;
            }
        }

        if (reader.TokenType == JsonTokenType.StartObject && node.Children.Count > 0)
        {
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var child = Named(ref reader, node);
                reader.Read();
                if (child is null) reader.Skip();
                else Visit(ref reader, child, sink);
            }
        }
        else if (reader.TokenType == JsonTokenType.StartArray && node.Children.Count > 0)
        {
            for (var i = 0; reader.Read() && reader.TokenType != JsonTokenType.EndArray; i++)
            {
                var child = node.Children.Find(c => c.Index == i);
                if (child is null) reader.Skip();
                else Visit(ref reader, child, sink);
            }
        }
        else
        {
            reader.Skip();
        }
    }

    private static Node? Named(ref Utf8JsonReader reader, Node node)
    {
        foreach (var child in node.Children)
        {
            if (reader.ValueTextEquals(child.Name)) return child;
        }

        return null;
    }

    private void Report(ref Utf8JsonReader reader, int column, OutputValues sink)
    {
        if (reader.TokenType == JsonTokenType.Null)
        {
            sink.Null(column);
            return;
        }

        if (_form == ValueForm.Json || reader.TokenType is JsonTokenType.StartArray or JsonTokenType.StartObject)
        {
            sink.Text(column, Compact(ref reader));
            return;
        }

        switch (reader.TokenType)
        {
            case JsonTokenType.String:
                if (_text.Length < reader.ValueSpan.Length) _text = new byte[reader.ValueSpan.Length * 2];
                var text = _text.AsSpan(0, reader.CopyString(_text));
                if (_form == ValueForm.Sql || !text.IsEmpty) sink.Text(column, text);
                else sink.Null(column);
                break;
            case JsonTokenType.True or JsonTokenType.False when _form == ValueForm.Sql:
                sink.Integer(column, reader.TokenType == JsonTokenType.True ? 1 : 0);
                break;
            case JsonTokenType.Number when _form == ValueForm.Sql:
                Number(ref reader, column, sink);
                break;
            default:
                sink.Text(column, reader.ValueSpan);
                break;
        }
    }

    // A number that neither a 64-bit integer nor a double holds keeps its digits as text.
    private static void Number(ref Utf8JsonReader reader, int column, OutputValues sink)
    {
        var fraction = reader.ValueSpan.IndexOfAny((byte)'.', (byte)'e', (byte)'E') >= 0;
        if (!fraction && reader.TryGetInt64(out var whole)) sink.Integer(column, whole);
        else if (fraction && reader.TryGetDouble(out var real) && double.IsFinite(real)) sink.Real(column, real);
        else sink.Text(column, reader.ValueSpan);
    }

    /// <summary>The value under the reader without white space, texts escaped in one way, numbers as they are written.</summary>
    internal ReadOnlySpan<byte> Compact(ref Utf8JsonReader reader)
    {
        _buffer.ResetWrittenCount();
        _writer.Reset();
        var depth = reader.CurrentDepth;
        Copy(ref reader);
        if (reader.TokenType is JsonTokenType.StartArray or JsonTokenType.StartObject)
        {
            do
            {
                reader.Read();
                Copy(ref reader);
            }
            while (reader.CurrentDepth > depth);
        }

        _writer.Flush();
        return _buffer.WrittenSpan;
    }

    private void Copy(ref Utf8JsonReader reader)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject:
                _writer.WriteStartObject();
                break;
            case JsonTokenType.EndObject:
                _writer.WriteEndObject();
                break;
            case JsonTokenType.StartArray:
                _writer.WriteStartArray();
                break;
            case JsonTokenType.EndArray:
                _writer.WriteEndArray();
                break;
            case JsonTokenType.PropertyName:
                _writer.WritePropertyName(Unescaped(ref reader));
                break;
            case JsonTokenType.String:
                _writer.WriteStringValue(Unescaped(ref reader));
                break;
            default:
                _writer.WriteRawValue(reader.ValueSpan, skipInputValidation: true);
                break;
        }
    }

    private ReadOnlySpan<byte> Unescaped(ref Utf8JsonReader reader)
    {
        if (!reader.ValueIsEscaped) return reader.ValueSpan;
        if (_text.Length < reader.ValueSpan.Length) _text = new byte[reader.ValueSpan.Length * 2];
        return _text.AsSpan(0, reader.CopyString(_text));
    }

    private sealed class Node(byte[] name)
    {
        internal byte[] Name { get; } = name;
        internal int Index { get; } = int.TryParse(name, out var index) ? index : -1;
        internal List<Node> Children { get; } = [];
        internal List<int> Columns { get; } = [];
    }
}
