using System.Security.Cryptography;

namespace Muster.Promotion;

internal enum RecordEnd
{
    /// <summary>A line feed ends a record.</summary>
    Line,

    /// <summary>A line feed outside of quotes ends a record.</summary>
    QuotedLine,
}

/// <summary>Cuts a file into its records, byte for byte with their line ends, and hashes what it reads.</summary>
internal sealed class RecordStream(Stream stream, RecordEnd end) : IDisposable
{
    /// <summary>A record longer than this is a file that was cut wrongly, not a row.</summary>
    internal const int MaxRecordBytes = 64 << 20;

    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private byte[] _buffer = new byte[1 << 16];
    private int _from;
    private int _to;
    private bool _done;

    /// <summary>The line on which the record last read begins, from 1.</summary>
    internal long Line { get; private set; }

    private long _nextLine = 1;

    /// <summary>SHA-256 of the whole file, in hex, once it is read to its end.</summary>
    internal string Hash() => Convert.ToHexStringLower(_hash.GetHashAndReset());

    /// <summary>The next record, valid until the next call; false at the end of the file.</summary>
    internal bool Next(out ReadOnlySpan<byte> record)
    {
        var scanned = 0;
        var quoted = false;
        var start = true;
        var lines = 0;
        while (true)
        {
            for (var i = _from + scanned; i < _to; i++)
            {
                var b = _buffer[i];
                if (b == '\n') lines++;
                if (end == RecordEnd.QuotedLine && b == '"' && (quoted || start)) quoted = !quoted;
                // After a closing quote another one makes it an escaped quote: "start" lets it open again.
                start = b == ',' || (b == '"' && !quoted);
                if (b != '\n' || quoted) continue;
                return Take(i + 1, lines, out record);
            }

            scanned = _to - _from;
            if (_done) return scanned > 0 ? Take(_to, lines + 1, out record) : Nothing(out record);
            Fill();
        }
    }

    public void Dispose()
    {
        _hash.Dispose();
        stream.Dispose();
    }

    private static bool Nothing(out ReadOnlySpan<byte> record)
    {
        record = default;
        return false;
    }

    private bool Take(int to, int lines, out ReadOnlySpan<byte> record)
    {
        record = _buffer.AsSpan(_from..to);
        _from = to;
        Line = _nextLine;
        _nextLine += lines;
        return true;
    }

    private void Fill()
    {
        if (_from > 0)
        {
            _buffer.AsSpan(_from.._to).CopyTo(_buffer);
            _to -= _from;
            _from = 0;
        }

        if (_to == _buffer.Length)
        {
            if (_buffer.Length >= MaxRecordBytes)
            {
                throw new TargetException(
                    $"The record on line {_nextLine} is longer than {MaxRecordBytes:N0} bytes.", "Look for a quote that is not closed.");
            }

            Array.Resize(ref _buffer, _buffer.Length * 2);
        }

        var read = stream.Read(_buffer, _to, _buffer.Length - _to);
        _hash.AppendData(_buffer, _to, read);
        _to += read;
        _done = read == 0;
    }
}
