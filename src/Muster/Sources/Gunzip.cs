using System.IO.Compression;

namespace Muster.Sources;

/// <summary>
/// Unpacks gzip and proves that it was whole. The framework's stream ends quietly where a file is cut short, and also where
/// something else follows it; so a known member is fed after the file's last byte, and only a file that ends well lets it through.
/// </summary>
internal sealed class Gunzip : IAsyncDisposable
{
    // Holds no line feed, comma or quote, and no text file ends in it.
    private static readonly byte[] Seal = [0x01, .. "muster-gzip-end"u8, 0x02];

    private readonly FileWithSeal packed;
    private readonly GZipStream unpacked;
    private readonly byte[] chunk = new byte[64 * 1024];
    private readonly string path;
    private readonly ReadLimits limits;
    private int from;
    private int ready;
    private int held;
    private long total;

    public Gunzip(FileStream file, string path, ReadLimits limits)
    {
        this.path = path;
        this.limits = limits;
        packed = new FileWithSeal(file);
        unpacked = new GZipStream(packed, CompressionMode.Decompress, leaveOpen: true);
    }

    public async ValueTask<int> ReadAsync(Memory<byte> into, CancellationToken cancellationToken)
    {
        while (from == ready)
        {
            if (!await UnpackAsync(cancellationToken))
            {
                return 0;
            }
        }

        var count = Math.Min(into.Length, ready - from);
        chunk.AsMemory(from, count).CopyTo(into);
        from += count;
        return count;
    }

    public async ValueTask DisposeAsync()
    {
        await unpacked.DisposeAsync();
        await packed.DisposeAsync();
    }

    // The last bytes unpacked so far are held back: they are the seal once the end is reached.
    private async ValueTask<bool> UnpackAsync(CancellationToken cancellationToken)
    {
        chunk.AsSpan(ready, held).CopyTo(chunk);
        from = 0;
        ready = 0;
        int count;
        try
        {
            count = await unpacked.ReadAsync(chunk.AsMemory(held), cancellationToken);
        }
        catch (InvalidDataException broken)
        {
            throw Broken(broken);
        }

        if (count == 0)
        {
            return chunk.AsSpan(0, held).SequenceEqual(Seal) ? false : throw Broken(null);
        }

        total += count;
        if (total > limits.GzipRatioFrom && total / Math.Max(1, packed.Taken) > limits.MaxGzipRatio)
        {
            throw new SourceException(
                $"{path}: unpacks to more than {limits.MaxGzipRatio} times its size; stopped after {total} bytes.",
                "Unpack it yourself and look at what it holds; a plain file is read whatever its size.");
        }

        var present = held + count;
        held = Math.Min(present, Seal.Length);
        ready = present - held;
        return true;
    }

    private SourceException Broken(Exception? inner) => new(
        $"{path}: the gzip file is cut short, corrupt, or followed by something else, after {Math.Max(0, total - held)} good bytes.",
        $"Check it with 'gzip -t', then fetch or pack it again.",
        inner);

    /// <summary>The file's bytes, then a gzip member that holds the seal.</summary>
    private sealed class FileWithSeal(FileStream file) : Stream
    {
        private static readonly byte[] Member = Pack(Seal);
        private int sealTaken;

        public long Taken { get; private set; }

        public override bool CanRead => true;
        public override bool CanSeek => false;
        public override bool CanWrite => false;
        public override long Length => throw new NotSupportedException();
        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var count = sealTaken == 0 ? await file.ReadAsync(buffer, cancellationToken) : 0;
            Taken += count;
            return count > 0 || buffer.IsEmpty ? count : TakeSeal(buffer.Span);
        }

        public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
            ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();
        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
        public override void SetLength(long value) => throw new NotSupportedException();
        public override void Flush() => throw new NotSupportedException();
        public override ValueTask DisposeAsync() => file.DisposeAsync();

        private int TakeSeal(Span<byte> into)
        {
            var count = Math.Min(into.Length, Member.Length - sealTaken);
            Member.AsSpan(sealTaken, count).CopyTo(into);
            sealTaken += count;
            return count;
        }

        private static byte[] Pack(byte[] content)
        {
            using var member = new MemoryStream();
            using (var gzip = new GZipStream(member, CompressionLevel.Fastest, leaveOpen: true))
            {
                gzip.Write(content);
            }

            return member.ToArray();
        }
    }
}
