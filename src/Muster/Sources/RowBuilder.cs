using System.Buffers;
using System.Text;
using System.Text.Unicode;
using Muster.Jobs;
using Muster.Verdicts;

namespace Muster.Sources;

/// <summary>
/// Makes a row of one record's values, given in column order: checks each, writes them as JSON and works out the key. The first
/// fault is the row's; later values are still taken in, because the key may be among them.
/// </summary>
internal sealed class RowBuilder(IReadOnlyList<string> columns, KeySpec key, int maxFieldChars)
{
    public const int MaxKeyChars = 1_000;

    private const int Absent = -1;
    private const int Unusable = -2;

    // Row buffers above this are given back: one giant row does not keep its memory for the rest of the run.
    private const int KeepBytes = 1024 * 1024;

    private static readonly SearchValues<byte> Escaped = SearchValues.Create([.. Enumerable.Range(0, 32).Select(b => (byte)b), (byte)'"', (byte)'\\']);

    private readonly int[] keyPart = KeyParts(columns, key);
    private readonly (int Start, int Length)[] keyValues = new (int, int)[key.Columns.Count];
    private ArrayBufferWriter<byte> json = new(1024);
    private ArrayBufferWriter<byte> keyBytes = new(256);
    private string line = "";
    private SourceFault? fault;
    private int column;

    public void Begin(string atLine)
    {
        (line, fault, column) = (atLine, null, 0);
        json.ResetWrittenCount();
        keyBytes.ResetWrittenCount();
        json.Write("["u8);
    }

    /// <summary>A value that is text, in what should be UTF-8.</summary>
    public void AddText(ReadOnlySpan<byte> text)
    {
        var escape = text.IndexOfAny(Escaped);
        if (!Utf8.IsValid(text))
        {
            FailColumn(Reasons.BadRecord, "bytes", NotUtf8(text));
        }
        else if (escape >= 0 && text.IndexOf((byte)0) is >= 0 and var nul)
        {
            FailColumn(Reasons.BadRecord, "nul", $"a NUL at byte {nul + 1}");
        }
        else if (text.Length > maxFieldChars && Encoding.UTF8.GetCharCount(text) is var chars && chars > maxFieldChars)
        {
            FailColumn(Reasons.InputTooLarge, "field", $"{chars} characters, more than {maxFieldChars}");
        }
        else
        {
            Separate();
            WriteString(text, escape);
            TakeKey(text);
        }

        column++;
    }

    /// <summary>A value that is already JSON: a number, true or false, an object or an array.</summary>
    public void AddRaw(ReadOnlySpan<byte> value)
    {
        if (value.Length > maxFieldChars && Encoding.UTF8.GetCharCount(value) is var chars && chars > maxFieldChars)
        {
            FailColumn(Reasons.InputTooLarge, "field", $"{chars} characters, more than {maxFieldChars}");
        }
        else if (keyPart[column] >= 0 && !key.FromContent && value[0] is (byte)'{' or (byte)'[')
        {
            FailColumn(Reasons.BadRecord, "json", "an object or array cannot be a key");
        }
        else
        {
            Separate();
            json.Write(value);
            TakeKey(value);
        }

        column++;
    }

    public void AddNull()
    {
        Separate();
        json.Write("null"u8);
        if (keyPart[column] >= 0)
        {
            keyValues[keyPart[column]] = (0, Absent);
        }

        column++;
    }

    /// <summary>A value that cannot be used, for a reason only its reader knows.</summary>
    public void AddUnusable(string reason, string detail, string found)
    {
        FailColumn(reason, detail, found);
        column++;
    }

    public SourceRow End()
    {
        var rowKey = key.FromContent ? FromContent() : FromColumn();
        json.Write("]"u8);
        var row = new SourceRow(line, rowKey, fault is null ? json.WrittenSpan.ToArray() : default(ReadOnlyMemory<byte>), fault);
        if (json.Capacity > KeepBytes || keyBytes.Capacity > KeepBytes)
        {
            (json, keyBytes) = (new(1024), new(256));
        }

        return row;
    }

    /// <summary>A row of a record that could not be taken apart.</summary>
    public static SourceRow Unreadable(string line, string reason, string detail, string found) =>
        new(line, null, default, new($"{reason}.{detail}", found));

    public static string NotUtf8(ReadOnlySpan<byte> text)
    {
        Utf8.ToUtf16(text, new char[text.Length], out var good, out _, replaceInvalidSequences: false);
        return $"byte 0x{text[Math.Min(good, text.Length - 1)]:X2} at byte {good + 1} is not UTF-8, after \"{Excerpt.Of(text[Math.Max(0, good - 24)..good], 24)}\"";
    }

    private static int[] KeyParts(IReadOnlyList<string> columns, KeySpec key)
    {
        var parts = new int[columns.Count];
        for (var i = 0; i < parts.Length; i++)
        {
            parts[i] = key.Columns.ToList().IndexOf(columns[i]);
        }

        return parts;
    }

    private void FailColumn(string reason, string detail, string found)
    {
        fault ??= new($"{reason}.{detail}", $"column '{Excerpt.Of(columns[column])}': {found}");
        if (keyPart[column] >= 0)
        {
            keyValues[keyPart[column]] = (0, Unusable);
        }
    }

    private string? FromColumn()
    {
        var (start, length) = keyValues[0];
        if (length == Unusable)
        {
            return null;
        }

        var text = length == Absent ? "" : Encoding.UTF8.GetString(keyBytes.WrittenSpan.Slice(start, length));
        if (string.IsNullOrWhiteSpace(text))
        {
            fault ??= new($"{Reasons.BadRecord}.empty_key", $"the key column '{Excerpt.Of(key.Columns[0])}' is empty");
            return null;
        }

        if (text.Length > MaxKeyChars)
        {
            fault ??= new(
                $"{Reasons.BadRecord}.key_too_long",
                $"the key has {text.Length} characters, more than {MaxKeyChars}: {Excerpt.Of(text)}");
            return null;
        }

        return text;
    }

    private string? FromContent()
    {
        var framed = new ArrayBufferWriter<byte>(keyBytes.WrittenCount + (4 * keyValues.Length) + 1);
        foreach (var (start, length) in keyValues)
        {
            switch (length)
            {
                case Unusable:
                    return null;
                case Absent:
                    ContentKey.AddAbsent(framed);
                    break;
                default:
                    ContentKey.AddValue(framed, keyBytes.WrittenSpan.Slice(start, length));
                    break;
            }
        }

        if (keyBytes.WrittenCount > 0)
        {
            return ContentKey.Of(framed.WrittenSpan);
        }

        fault ??= new(
            $"{Reasons.BadRecord}.empty_key",
            $"every column that the key is made of is empty ({Excerpt.List(key.Columns)})");
        return null;
    }

    private void TakeKey(ReadOnlySpan<byte> value)
    {
        if (keyPart[column] is >= 0 and var part)
        {
            keyValues[part] = (keyBytes.WrittenCount, value.Length);
            keyBytes.Write(value);
        }
    }

    private void Separate()
    {
        if (column > 0)
        {
            json.Write(","u8);
        }
    }

    // Written by hand and not by a serializer: the source hash is over these bytes, and they stay the same over its releases.
    private void WriteString(ReadOnlySpan<byte> text, int escape)
    {
        if (escape < 0)
        {
            // Most fields of most rows: one reservation and one copy.
            var room = json.GetSpan(text.Length + 2);
            room[0] = (byte)'"';
            text.CopyTo(room[1..]);
            room[text.Length + 1] = (byte)'"';
            json.Advance(text.Length + 2);
            return;
        }

        json.Write("\""u8);
        while (escape >= 0)
        {
            json.Write(text[..escape]);
            WriteEscape(text[escape]);
            text = text[(escape + 1)..];
            escape = text.IndexOfAny(Escaped);
        }

        json.Write(text);
        json.Write("\""u8);
    }

    private void WriteEscape(byte b)
    {
        switch (b)
        {
            case (byte)'"':
                json.Write("\\\""u8);
                break;
            case (byte)'\\':
                json.Write("\\\\"u8);
                break;
            case (byte)'\n':
                json.Write("\\n"u8);
                break;
            case (byte)'\r':
                json.Write("\\r"u8);
                break;
            case (byte)'\t':
                json.Write("\\t"u8);
                break;
            default:
                json.Write([(byte)'\\', (byte)'u', (byte)'0', (byte)'0', Hex(b >> 4), Hex(b & 15)]);
                break;
        }
    }

    private static byte Hex(int digit) => (byte)"0123456789abcdef"[digit];
}
