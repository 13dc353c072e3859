using System.Buffers;

namespace Muster.Sources;

/// <summary>The fields of one whole record. Only a CSV record has quoted fields; theirs are copied where a doubled quote is inside.</summary>
internal ref struct FieldReader(ReadOnlySpan<byte> record, byte delimiter, ArrayBufferWriter<byte> unquoted)
{
    private readonly bool quotes = delimiter == ',';
    private ReadOnlySpan<byte> rest = record;
    private bool done;

    /// <summary>The field's bytes; valid until the next move.</summary>
    public ReadOnlySpan<byte> Current { get; private set; }

    public bool MoveNext()
    {
        if (done)
        {
            return false;
        }

        if (quotes && rest.Length > 0 && rest[0] == '"')
        {
            var after = CsvScan.AfterClosingQuote(rest, 1, out _);
            Current = Unquote(rest[1..(after - 1)]);
            Pass(after == rest.Length ? -1 : after);
        }
        else
        {
            var end = rest.IndexOf(delimiter);
            Current = end < 0 ? rest : rest[..end];
            Pass(end);
        }

        return true;
    }

    private void Pass(int delimiterAt)
    {
        done = delimiterAt < 0;
        rest = done ? default : rest[(delimiterAt + 1)..];
    }

    private readonly ReadOnlySpan<byte> Unquote(ReadOnlySpan<byte> inner)
    {
        if (!inner.Contains((byte)'"'))
        {
            return inner;
        }

        unquoted.ResetWrittenCount();
        while (inner.IndexOf((byte)'"') is >= 0 and var quote)
        {
            unquoted.Write(inner[..(quote + 1)]);
            inner = inner[(quote + 2)..];
        }

        unquoted.Write(inner);
        return unquoted.WrittenSpan;
    }
}
