using System.IO.Compression;
using System.Security.Cryptography;
using Muster.Stores;

namespace Muster.Results;

/// <summary>
/// Writes result lines as concatenated gzip members of about 1 MB, each readable alone and all together by <c>zcat</c>. The file
/// bears its name only when it is whole and on the disk.
/// </summary>
internal sealed class ArchiveWriter : IDisposable
{
    private const int MemberBytes = 1 << 20;

    private readonly string path;
    private readonly FileStream file;
    private readonly HashingStream hashing;
    private GZipStream? member;
    private long memberBytes;
    private bool complete;

    public ArchiveWriter(string path)
    {
        this.path = path;
        var options = new FileStreamOptions
        {
            Mode = FileMode.Create, Access = FileAccess.Write, BufferSize = 1 << 16,
        };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        file = new FileStream(PartPath(path), options);
        hashing = new HashingStream(file);
    }

    public int Lines { get; private set; }

    public long RawBytes { get; private set; }

    public static string PartPath(string path) => path + ".part";

    /// <summary>Where the last download that did not account for its batch is kept: <c>b-1.jsonl.gz</c> → <c>b-1.jsonl.damaged.gz</c>.</summary>
    public static string DamagedPath(string path) => Path.ChangeExtension(path, ".damaged.gz");

    /// <exception cref="DiskFullException">There is no room; the download is not at fault.</exception>
    /// <exception cref="StoreException">The disk refuses it otherwise.</exception>
    public void Write(ReadOnlySpan<byte> line)
    {
        try
        {
            Append(line);
        }
        catch (IOException problem)
        {
            throw Refusal(problem);
        }
    }

    /// <summary>Makes the file durable and gives it its name.</summary>
    /// <exception cref="DiskFullException">There is no room.</exception>
    /// <exception cref="StoreException">The disk refuses it otherwise.</exception>
    public Archive Complete()
    {
        try
        {
            var whole = Finish(path);
            File.Delete(DamagedPath(path));
            return whole;
        }
        catch (IOException problem)
        {
            throw Refusal(problem);
        }
    }

    /// <summary>Keeps what was written beside the archive that it is not, in place of what was kept before.</summary>
    /// <returns>The path of the file.</returns>
    /// <exception cref="DiskFullException">There is no room.</exception>
    /// <exception cref="StoreException">The disk refuses it otherwise.</exception>
    public string KeepDamaged()
    {
        try
        {
            Finish(DamagedPath(path));
        }
        catch (IOException problem)
        {
            throw Refusal(problem);
        }

        return DamagedPath(path);
    }

    public void Dispose()
    {
        if (complete)
            return;
        // What is not whole is thrown away, and the bytes that find no room on the way out with it.
        try
        {
            member?.Dispose();
            file.Dispose();
        }
        catch (IOException)
        {
            file.SafeFileHandle.Dispose();
        }

        hashing.Dispose();
        File.Delete(PartPath(path));
    }

    private StoreException Refusal(IOException problem) =>
        DiskFull.Of(problem, Path.GetDirectoryName(path)!) ?? new StoreException(
            $"The archive {path} cannot be written: {problem.Message}", "Check the disk and run again; the results are downloaded anew.", problem);

    private void Append(ReadOnlySpan<byte> line)
    {
        member ??= new GZipStream(hashing, CompressionLevel.Fastest, leaveOpen: true);
        member.Write(line);
        member.WriteByte((byte)'\n');
        Lines++;
        RawBytes += line.Length + 1;
        memberBytes += line.Length + 1;
        if (memberBytes >= MemberBytes)
            CloseMember();
    }

    private Archive Finish(string to)
    {
        CloseMember();
        hashing.Flush();
        file.Flush(flushToDisk: true);
        var bytes = file.Length;
        file.Dispose();
        File.Move(PartPath(path), to, overwrite: true);
        Durable.Folder(Path.GetDirectoryName(path)!);
        complete = true;
        var sha256 = hashing.Sha256();
        hashing.Dispose();
        return new Archive(Path.GetFileName(to), bytes, sha256, Lines, RawBytes);
    }

    private void CloseMember()
    {
        member?.Dispose();
        member = null;
        memberBytes = 0;
    }

    private sealed class HashingStream(Stream inner) : Stream
    {
        private readonly IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

        public override bool CanRead => false;
        public override bool CanSeek => false;
        public override bool CanWrite => true;
        public override long Length => throw new NotSupportedException();
        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public string Sha256() => Convert.ToHexStringLower(hash.GetHashAndReset());

        public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            hash.AppendData(buffer);
            inner.Write(buffer);
        }

        public override void Flush() => inner.Flush();
        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();
        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
        public override void SetLength(long value) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            hash.Dispose();
            base.Dispose(disposing);
        }
    }
}
