using Muster.Jobs;

namespace Muster.Sources;

internal enum RecordFlaw
{
    None,
    TooLong,
    QuoteUnclosed,
    TextAfterQuote,
}

/// <summary>
/// Cuts one file into records without looking at what they say, and counts lines. After a broken quote reading goes on at the line
/// after the one the quote opened on, so a stray quote costs its own line and not the rest of the file.
/// </summary>
internal sealed class RecordReader(SourceFile file, SourceFormat format, ReadLimits limits) : IAsyncDisposable
{
    private byte[] buffer = new byte[limits.BufferBytes];
    private int next;
    private int filled;
    private int start;
    private int length;
    private long nextLine = 1;
    private bool ended;
    private bool begun;
    private bool passingLongLine;

    private enum Step { Found, Ended, NeedMore }

    /// <summary>The record's bytes without line end; valid until the next call.</summary>
    public ReadOnlySpan<byte> Record => buffer.AsSpan(start, length);

    /// <summary>The line that the record starts on; the first is 1.</summary>
    public long Line { get; private set; }

    public RecordFlaw Flaw { get; private set; }

    /// <summary>The line that the broken quote opened on; only with a flaw of quotes.</summary>
    public long QuoteLine { get; private set; }

    /// <summary>Moves to the next record that is not an empty line; false at the end.</summary>
    public ValueTask<bool> NextAsync(CancellationToken cancellationToken) => Advance() switch
    {
        Step.Found => new(true),
        Step.Ended => new(false),
        _ => FillAndAdvanceAsync(cancellationToken),
    };

    public ValueTask DisposeAsync() => file.DisposeAsync();

    private async ValueTask<bool> FillAndAdvanceAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            MakeRoom();
            var count = await file.FillAsync(buffer.AsMemory(filled), cancellationToken);
            filled += count;
            ended = filled < buffer.Length;
            if (!begun)
            {
                begun = true;
                next = FileHead.Check(buffer.AsSpan(0, filled), file.Path);
            }

            if (Advance() is var step && step != Step.NeedMore)
            {
                return step == Step.Found;
            }
        }
    }

    private void MakeRoom()
    {
        filled -= next;
        buffer.AsSpan(next, filled).CopyTo(buffer);
        next = 0;
        if (filled == buffer.Length)
        {
            Array.Resize(ref buffer, Math.Min(buffer.Length * 2, limits.MaxRecordBytes));
        }
    }

    private Step Advance()
    {
        while (true)
        {
            var data = buffer.AsSpan(next, filled - next);
            if (passingLongLine && !PassLongLine(data))
            {
                return ended ? Step.Ended : Step.NeedMore;
            }

            data = buffer.AsSpan(next, filled - next);
            if (data.IsEmpty)
            {
                return ended ? Step.Ended : Step.NeedMore;
            }

            var scan = format == SourceFormat.Csv ? CsvScan.Quoted(data, ended) : CsvScan.Line(data, ended);
            if (scan.Outcome == ScanOutcome.NeedMore && data.Length < limits.MaxRecordBytes)
            {
                return Step.NeedMore;
            }

            if (scan.Outcome != ScanOutcome.Complete)
            {
                SetAside(data, scan);
                return Step.Found;
            }

            (start, length) = (next, scan.Length);
            (Line, Flaw) = (nextLine, RecordFlaw.None);
            next += scan.Consumed;
            nextLine += format == SourceFormat.Csv ? data[..scan.Consumed].Count((byte)'\n') : 1;
            if (!IsBlank(data[..scan.Length]))
            {
                return Step.Found;
            }
        }
    }

    // JSON allows space around a value, so a line of nothing else holds none.
    private bool IsBlank(ReadOnlySpan<byte> record) =>
        record.IsEmpty || (format == SourceFormat.Jsonl && record.IndexOfAnyExcept(" \t\r"u8) < 0);

    private void SetAside(ReadOnlySpan<byte> data, Scan scan)
    {
        (start, length, Line) = (next, 0, nextLine);
        Flaw = scan.Outcome switch
        {
            ScanOutcome.TextAfterQuote => RecordFlaw.TextAfterQuote,
            _ when scan.QuoteAt >= 0 => RecordFlaw.QuoteUnclosed,
            _ => RecordFlaw.TooLong,
        };
        var quoteAt = Math.Max(scan.QuoteAt, 0);
        QuoteLine = nextLine + data[..quoteAt].Count((byte)'\n');
        var lineEnd = data[quoteAt..].IndexOf((byte)'\n');
        passingLongLine = lineEnd < 0;
        var passed = passingLongLine ? data.Length : quoteAt + lineEnd + 1;
        nextLine += data[..passed].Count((byte)'\n');
        next += passed;
    }

    private bool PassLongLine(ReadOnlySpan<byte> data)
    {
        var lineEnd = data.IndexOf((byte)'\n');
        next += lineEnd < 0 ? data.Length : lineEnd + 1;
        nextLine += lineEnd < 0 ? 0 : 1;
        passingLongLine = lineEnd < 0;
        return !passingLongLine;
    }
}
