namespace Muster.Sources;

internal enum ScanOutcome
{
    Complete,

    /// <summary>The record goes on past the bytes at hand.</summary>
    NeedMore,

    /// <summary>A quoted field is still open where the file ends.</summary>
    QuoteUnclosed,

    /// <summary>A closing quote is followed by neither a comma nor the line's end.</summary>
    TextAfterQuote,
}

/// <param name="Outcome">Whether a record was found.</param>
/// <param name="Length">Bytes of the record without its line end; only when complete.</param>
/// <param name="Consumed">Bytes of the record with its line end; only when complete.</param>
/// <param name="QuoteAt">Where the quoted field that is open or broken opened, or -1.</param>
internal readonly record struct Scan(ScanOutcome Outcome, int Length = 0, int Consumed = 0, int QuoteAt = -1);

/// <summary>Finds where a record ends. Bytes suffice: no byte of a longer UTF-8 sequence, and no invalid one, equals a comma, quote or LF.</summary>
internal static class CsvScan
{
    /// <summary>RFC 4180: a quote opens a field only as its first byte, is doubled inside, and a quoted field may hold line ends.</summary>
    public static Scan Quoted(ReadOnlySpan<byte> data, bool final)
    {
        var first = data.IndexOfAny((byte)'\n', (byte)'"');
        if (first < 0 || data[first] == '\n')
        {
            return ToLineEnd(data, first, final);
        }

        var at = 0;
        while (true)
        {
            if (at < data.Length && data[at] == '"')
            {
                var opened = at;
                at = AfterClosingQuote(data, opened + 1, out var closed);
                if (!closed || (at == data.Length && !final))
                {
                    return new(closed || !final ? ScanOutcome.NeedMore : ScanOutcome.QuoteUnclosed, QuoteAt: opened);
                }

                if (at == data.Length || data[at] == '\n')
                {
                    return ToLineEnd(data, at == data.Length ? -1 : at, final);
                }

                if (data[at] == '\r' && (at + 1 == data.Length || data[at + 1] == '\n'))
                {
                    return at + 1 == data.Length && !final
                        ? new(ScanOutcome.NeedMore, QuoteAt: opened)
                        : ToLineEnd(data, at + 1 == data.Length ? -1 : at + 1, final);
                }

                if (data[at] != ',')
                {
                    return new(ScanOutcome.TextAfterQuote, QuoteAt: opened);
                }
            }
            else
            {
                var end = data[at..].IndexOfAny((byte)',', (byte)'\n');
                at += Math.Max(end, 0);
                if (end < 0 || data[at] == '\n')
                {
                    return ToLineEnd(data, end < 0 ? -1 : at, final);
                }
            }

            at++;
        }
    }

    /// <summary>A record is a line; quotes are ordinary text.</summary>
    public static Scan Line(ReadOnlySpan<byte> data, bool final) => ToLineEnd(data, data.IndexOf((byte)'\n'), final);

    /// <summary>The place after the quote that closes the field whose text starts at <paramref name="at"/>.</summary>
    public static int AfterClosingQuote(ReadOnlySpan<byte> data, int at, out bool closed)
    {
        while (true)
        {
            var quote = data[at..].IndexOf((byte)'"');
            closed = quote >= 0;
            if (!closed)
            {
                return data.Length;
            }

            at += quote + 1;
            if (at == data.Length || data[at] != '"')
            {
                return at;
            }

            at++;
        }
    }

    private static Scan ToLineEnd(ReadOnlySpan<byte> data, int lineFeed, bool final)
    {
        if (lineFeed < 0 && !final)
        {
            return new(ScanOutcome.NeedMore);
        }

        var end = lineFeed < 0 ? data.Length : lineFeed;
        var length = end > 0 && data[end - 1] == '\r' ? end - 1 : end;
        return new(ScanOutcome.Complete, length, lineFeed < 0 ? data.Length : lineFeed + 1);
    }
}
