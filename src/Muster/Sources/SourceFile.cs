namespace Muster.Sources;

/// <summary>One file of a source as plain bytes: gzip is known by its first two bytes and unpacked, whatever the name says.</summary>
internal sealed class SourceFile : IAsyncDisposable
{
    private readonly FileStream file;
    private readonly Gunzip? gunzip;

    private SourceFile(string path, FileStream file, Gunzip? gunzip)
    {
        Path = path;
        this.file = file;
        this.gunzip = gunzip;
    }

    public string Path { get; }

    public static SourceFile Open(string path, ReadLimits limits)
    {
        FileStream? opened = null;
        try
        {
            opened = OpenStream(path);
            Span<byte> magic = stackalloc byte[2];
            var packed = opened.ReadAtLeast(magic, 2, throwOnEndOfStream: false) == 2 && magic is [0x1f, 0x8b];
            opened.Position = 0;
            return new(path, opened, packed ? new Gunzip(opened, path, limits) : null);
        }
        catch (IOException broken)
        {
            opened?.Dispose();
            throw Unreadable(path, broken);
        }
    }

    /// <summary>Fills <paramref name="into"/> unless the file ends before.</summary>
    public async ValueTask<int> FillAsync(Memory<byte> into, CancellationToken cancellationToken)
    {
        var filled = 0;
        try
        {
            while (filled < into.Length)
            {
                var rest = into[filled..];
                var count = gunzip is null ? await file.ReadAsync(rest, cancellationToken) : await gunzip.ReadAsync(rest, cancellationToken);
                if (count == 0)
                {
                    break;
                }

                filled += count;
            }
        }
        catch (IOException broken)
        {
            throw Unreadable(Path, broken);
        }

        return filled;
    }

    public ValueTask DisposeAsync() => gunzip?.DisposeAsync() ?? file.DisposeAsync();

    /// <summary>Opens for reading beside whoever else reads or writes.</summary>
    internal static FileStream OpenStream(string path)
    {
        if (Directory.Exists(path))
        {
            throw new SourceException($"{path}: is a directory.", "Name the file or files in it.");
        }

        try
        {
            var opened = new FileStream(path, new FileStreamOptions
            {
                Access = FileAccess.Read,
                Share = FileShare.ReadWrite | FileShare.Delete,
                BufferSize = 64 * 1024,
                Options = FileOptions.SequentialScan,
            });
            if (opened.CanSeek)
            {
                return opened;
            }

            opened.Dispose();
            throw new SourceException($"{path}: is a pipe or device.", "Write it to a file first: a source is read more than once.");
        }
        catch (Exception missing) when (missing is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new SourceException($"{path}: there is no such file.", "Check the path; a relative one starts at the job file's folder.", missing);
        }
        catch (UnauthorizedAccessException denied)
        {
            throw new SourceException($"{path}: may not be read by this user.", "Grant read permission on it and on its folder.", denied);
        }
    }

    private static SourceException Unreadable(string path, IOException broken) =>
        new($"{path}: cannot be read: {Excerpt.Of(broken.Message, 200)}", "Check the disk or share it lies on.", broken);
}
