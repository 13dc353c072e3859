namespace Muster.Sources;

/// <summary>Looks at a file's first bytes for what is plainly no UTF-8 text.</summary>
internal static class FileHead
{
    private static readonly (byte[] Magic, string Name, string Hint)[] Foreign =
    [
        ([0xff, 0xfe], "UTF-16", "Convert it: iconv -f UTF-16 -t UTF-8 IN > OUT."),
        ([0xfe, 0xff], "UTF-16", "Convert it: iconv -f UTF-16 -t UTF-8 IN > OUT."),
        ([.. "PK\x03\x04"u8], "a ZIP archive or an Excel workbook", "Unzip it, or export the sheet as CSV."),
        ([.. "PAR1"u8], "a Parquet file", "Export it as CSV or JSONL."),
        ([.. "SQLite format 3\0"u8], "a SQLite database", "Name it as 'sqlite:' with a query."),
        ([0x28, 0xb5, 0x2f, 0xfd], "packed with zstd", "Unpack it with zstd -d, or pack it with gzip."),
        ([.. "BZh"u8, 0x39, 0x31, 0x41, 0x59], "packed with bzip2", "Unpack it with bunzip2, or pack it with gzip."),
        ([0xfd, .. "7zXZ"u8], "packed with xz", "Unpack it with unxz, or pack it with gzip."),
        ([0x1f, 0x8b], "packed with gzip twice", "Unpack it once with gunzip."),
    ];

    /// <summary>The bytes of a UTF-8 byte order mark to pass over: 3 or 0.</summary>
    /// <exception cref="SourceException">It is empty, UTF-16, packed, or binary.</exception>
    public static int Check(ReadOnlySpan<byte> head, string path)
    {
        var mark = head.StartsWith("\uFEFF"u8) ? 3 : 0;
        if (head.Length == mark)
        {
            throw new SourceException($"{path}: is empty.", "Check what wrote it: not even a header came out.");
        }

        foreach (var (magic, name, hint) in Foreign)
        {
            if (head.StartsWith(magic))
            {
                throw new SourceException($"{path}: is {name}.", hint);
            }
        }

        var sample = head[..Math.Min(head.Length, 4096)];
        var nuls = sample.Count((byte)0);

        // A few NULs are faults of their rows; a tenth of all bytes is another encoding or no text at all.
        return nuls >= 4 && nuls * 10 > sample.Length
            ? throw new SourceException(
                $"{path}: is binary or UTF-16 without a mark ({nuls} of its first {sample.Length} bytes are NUL).",
                "Convert it to UTF-8 text: iconv -f UTF-16LE -t UTF-8 IN > OUT.")
            : mark;
    }
}
