using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Muster.Jobs;

namespace Muster.Promotion;

/// <summary>One JSON object a line. Managed columns are its top-level properties; everything else keeps its bytes.</summary>
internal sealed class JsonlForm : FileForm
{
    private readonly OutputValues _keyValue = new(1);
    private IReadOnlyList<string> _columns = [];
    private string _keyColumn = "";
    private OutputReader? _key;
    private OutputReader? _values;

    internal override RecordEnd End => RecordEnd.Line;
    internal override ValueForm Values => ValueForm.Json;
    internal override bool HasHeader => false;
    internal override ReadOnlySpan<byte> NewLine => "\n"u8;

    internal override IReadOnlyList<string> Start(ReadOnlySpan<byte> header, string keyColumn, IReadOnlyList<string> columns)
    {
        _columns = columns;
        _keyColumn = keyColumn;
        _key = new OutputReader([Property(keyColumn)], ValueForm.Text);
        _values = new OutputReader([.. columns.Select(Property)], ValueForm.Json);
        return [];
    }

    internal override string? Read(ReadOnlySpan<byte> record, OutputValues values)
    {
        values.Clear();
        if (record.Trim(" \t\r\n"u8).IsEmpty) return null;
        if (record.TrimStart(" \t"u8)[0] != '{') throw new FormatException("the line is not a JSON object");
        _key!.Read(record, _keyValue);
        _values!.Read(record, values);
        return _keyValue.Kind(0) == ValueKind.Null ? null : Encoding.UTF8.GetString(_keyValue.Text(0));
    }

    internal override void WriteHeader(Stream output)
    {
    }

    internal override void Write(Stream output, ReadOnlySpan<byte> record, string key, IReadOnlyList<string?> values)
    {
        if (record.IsEmpty)
        {
            output.Write(Encoding.UTF8.GetBytes($"{{{Text(_keyColumn)}:{Text(key)}"));
            for (var i = 0; i < values.Count; i++) WriteProperty(output, i, values);
            output.Write("}\n"u8);
            return;
        }

        var reader = new Utf8JsonReader(record);
        var written = new bool[values.Count];
        var from = 0;
        var any = false;
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            any = true;
            var column = Column(ref reader);
            reader.Read();
            var start = (int)reader.TokenStartIndex;
            reader.Skip();
            if (column < 0) continue;
            output.Write(record[from..start]);
            output.Write(Encoding.UTF8.GetBytes(values[column] ?? "null"));
            written[column] = true;
            from = (int)reader.BytesConsumed;
        }

        var end = (int)reader.TokenStartIndex;
        output.Write(record[from..end]);
        for (var i = 0; i < values.Count; i++)
        {
            if (written[i] || values[i] is null) continue;
            if (any) WriteProperty(output, i, values);
            else output.Write(Encoding.UTF8.GetBytes($"{Text(_columns[i])}:{values[i]}"));
            any = true;
        }

        output.Write(record[end..]);
        if (!record.EndsWith("\n"u8)) output.Write("\n"u8);
    }

    private static ColumnSpec Property(string name) => new(name, "/" + name.Replace("~", "~0").Replace("/", "~1"));

    private static string Text(string text) => "\"" + JavaScriptEncoder.UnsafeRelaxedJsonEscaping.Encode(text) + "\"";

    private void WriteProperty(Stream output, int column, IReadOnlyList<string?> values) =>
        output.Write(Encoding.UTF8.GetBytes($",{Text(_columns[column])}:{values[column] ?? "null"}"));

    private int Column(ref Utf8JsonReader reader)
    {
        for (var i = 0; i < _columns.Count; i++)
        {
            if (reader.ValueTextEquals(_columns[i])) return i;
        }

        return -1;
    }
}
