using System.Text;
using System.Text.Unicode;

namespace Muster.Promotion;

/// <summary>RFC 4180 in UTF-8. Fields that are not managed keep their bytes. Text that a spreadsheet takes for a formula is written as it
/// is: the file is for programs.</summary>
internal sealed class CsvForm : FileForm
{
    private readonly List<Range> _fields = [];
    private int _width;
    private int _key;
    private int[] _columns = [];
    private byte[] _newLine = "\r\n"u8.ToArray();
    private byte[] _newHeader = [];

    internal override RecordEnd End => RecordEnd.QuotedLine;
    internal override ValueForm Values => ValueForm.Text;
    internal override bool HasHeader => true;
    internal override ReadOnlySpan<byte> NewLine => _newLine;

    internal override IReadOnlyList<string> Start(ReadOnlySpan<byte> header, string keyColumn, IReadOnlyList<string> columns)
    {
        _newHeader = [];
        if (header.IsEmpty)
        {
            _newHeader = [.. Encoding.UTF8.GetBytes(string.Join(',', columns.Prepend(keyColumn).Select(Field))), .. _newLine];
            header = _newHeader;
        }

        if (header.StartsWith(Encoding.UTF8.Preamble)) header = header[Encoding.UTF8.Preamble.Length..];
        _newLine = header.EndsWith("\r\n"u8) || !header.EndsWith("\n"u8) ? "\r\n"u8.ToArray() : "\n"u8.ToArray();
        Split(header);
        var names = new List<string>();
        foreach (var field in _fields) names.Add(Encoding.UTF8.GetString(Decode(header[field])));
        _width = names.Count;
        _key = names.IndexOf(keyColumn);
        _columns = [.. columns.Select(c => names.IndexOf(c))];
        return [.. columns.Prepend(keyColumn).Except(names)];
    }

    internal override string? Read(ReadOnlySpan<byte> record, OutputValues values)
    {
        values.Clear();
        Split(record);
        if (_key >= _fields.Count) return null;
        for (var i = 0; i < _columns.Length; i++)
        {
            if (_columns[i] >= _fields.Count) continue;
            var value = Decode(record[_fields[_columns[i]]]);
            if (!value.IsEmpty) values.Text(i, Checked(value));
        }

        var key = Encoding.UTF8.GetString(Checked(Decode(record[_fields[_key]])));
        return key.Length == 0 ? null : key;
    }

    internal override void WriteHeader(Stream output) => output.Write(_newHeader);

    internal override void Write(Stream output, ReadOnlySpan<byte> record, string key, IReadOnlyList<string?> values)
    {
        Split(record);
        var isNew = record.IsEmpty;
        var have = isNew ? 0 : _fields.Count;
        for (var i = 0; i < Math.Max(_width, have); i++)
        {
            if (i > 0) output.Write(","u8);
            var managed = Array.IndexOf(_columns, i);
            if (managed >= 0) output.Write(Encoding.UTF8.GetBytes(Field(values[managed] ?? "")));
            else if (i < have) output.Write(record[_fields[i]]);
            else if (isNew && i == _key) output.Write(Encoding.UTF8.GetBytes(Field(key)));
        }

        output.Write(isNew || !record.EndsWith("\n"u8) ? _newLine : record.EndsWith("\r\n"u8) ? "\r\n"u8 : "\n"u8);
    }

    private static string Field(string text) =>
        text.AsSpan().IndexOfAny("\",\r\n") >= 0 || text is [' ', ..] or [.., ' '] ? "\"" + text.Replace("\"", "\"\"") + "\"" : text;

    private static ReadOnlySpan<byte> Checked(ReadOnlySpan<byte> value) =>
        Utf8.IsValid(value) ? value : throw new FormatException("a key or managed field is not UTF-8");

    private static ReadOnlySpan<byte> Decode(ReadOnlySpan<byte> field)
    {
        if (!field.StartsWith("\""u8)) return field;
        if (field.Length < 2 || field[^1] != '"') throw new FormatException("a quoted field has no end");
        field = field[1..^1];
        return field.Contains((byte)'"') ? Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(field).Replace("\"\"", "\"")) : field;
    }

    // Where the fields are, with their quotes, without the line end.
    private void Split(ReadOnlySpan<byte> record)
    {
        _fields.Clear();
        var length = record.Length;
        if (length > 0 && record[length - 1] == '\n') length--;
        if (length > 0 && record[length - 1] == '\r') length--;
        var from = 0;
        var quoted = false;
        for (var i = 0; i < length; i++)
        {
            if (record[i] == '"' && (quoted || i == from || record[i - 1] == '"')) quoted = !quoted;
            if (record[i] != ',' || quoted) continue;
            _fields.Add(from..i);
            from = i + 1;
        }

        _fields.Add(from..length);
    }
}
