namespace Muster.Results;

/// <summary>
/// Lines of a byte stream, split on 0x0A alone: U+2028, U+2029 and U+0085 are text. A line longer than the limit is cut there and
/// the rest passed over while streaming. Memory is one block, or the longest line.
/// </summary>
internal sealed class Utf8Lines(Stream stream, int maxLineBytes, Func<CancellationToken, CancellationToken>? beforeRead = null)
{
    private byte[] buffer = new byte[Math.Min(BlockBytes, Math.Max(maxLineBytes, 16))];
    private int start;
    private int end;
    private bool atEnd;

    // Small enough not to be a large object: those are collected last, and a run opens an archive several times per batch.
    private const int BlockBytes = 1 << 16;

    /// <summary>What is shown of a line that is too long.</summary>
    private const int CutBytes = 256;

    /// <summary>The current line without its terminator; valid until the next call.</summary>
    public ReadOnlyMemory<byte> Line { get; private set; }

    /// <summary>False when the stream ended before the line did.</summary>
    public bool Terminated { get; private set; }

    /// <summary>True when the line was longer than the limit and is shown cut.</summary>
    public bool TooLong { get; private set; }

    public async ValueTask<bool> NextAsync(CancellationToken cancellationToken = default)
    {
        TooLong = false;
        var searched = start;
        while (true)
        {
            var newline = buffer.AsSpan(searched, end - searched).IndexOf((byte)'\n');
            if (newline >= 0)
            {
                Take(searched + newline, terminated: true);
                return true;
            }

            searched = end;
            if (atEnd)
            {
                if (start == end)
                    return false;
                Take(end, terminated: false);
                return true;
            }

            if (end - start > maxLineBytes)
                return await SkipRestAsync(cancellationToken);
            searched -= MakeRoom();
            await FillAsync(cancellationToken);
        }
    }

    private void Take(int lineEnd, bool terminated)
    {
        TooLong = lineEnd - start > maxLineBytes;
        Line = buffer.AsMemory(start, TooLong ? Math.Min(CutBytes, maxLineBytes) : lineEnd - start);
        Terminated = terminated;
        start = Math.Min(lineEnd + 1, end);
    }

    private async ValueTask<bool> SkipRestAsync(CancellationToken cancellationToken)
    {
        TooLong = true;
        var cut = buffer.AsSpan(start, Math.Min(CutBytes, maxLineBytes)).ToArray();
        while (true)
        {
            (start, end) = (0, 0);
            await FillAsync(cancellationToken);
            if (atEnd && end == 0)
            {
                Terminated = false;
                break;
            }

            var newline = buffer.AsSpan(0, end).IndexOf((byte)'\n');
            if (newline >= 0)
            {
                start = newline + 1;
                Terminated = true;
                break;
            }
        }

        Line = cut;
        return true;
    }

    /// <summary>Moves what is held to the front, or grows; returns by how much it moved.</summary>
    private int MakeRoom()
    {
        var moved = start;
        if (end == buffer.Length)
        {
            var target = start > 0 ? buffer : new byte[Math.Min((long)buffer.Length * 2, (long)maxLineBytes + BlockBytes)];
            buffer.AsSpan(start, end - start).CopyTo(target);
            buffer = target;
            (end, start) = (end - start, 0);
            return moved;
        }

        return 0;
    }

    private async ValueTask FillAsync(CancellationToken cancellationToken)
    {
        var token = beforeRead?.Invoke(cancellationToken) ?? cancellationToken;
        var read = await stream.ReadAsync(buffer.AsMemory(end), token);
        if (read == 0)
            atEnd = true;
        end += read;
    }
}
