namespace Muster;

/// <summary>
/// A file of ours that people open: until <see cref="Done"/> what was there before stands under its name, and then the whole new text. What a kill
/// leaves is a hidden file beside it, which the next one overwrites. A pipe or a device is written to and never replaced.
/// </summary>
internal sealed class WholeFile : IDisposable
{
    private readonly string path;
    private readonly string? partial;
    private readonly FileStream file;
    private readonly StreamWriter text;
    private bool isInPlace;

    /// <exception cref="IOException">It cannot be written there.</exception>
    public WholeFile(string path)
    {
        this.path = Followed(path);
        if ((IsDevice(this.path) ? OwnerOnly.Write(this.path) : Pipe(this.path)) is { } inPlace)
        {
            file = inPlace;
        }
        else
        {
            partial = Path.Combine(Path.GetDirectoryName(this.path)!, $".{Path.GetFileName(this.path)}.muster-partial");
            file = OwnerOnly.Open(partial, FileMode.Create, share: FileShare.None);
        }

        text = new StreamWriter(file);
    }

    public TextWriter Text => text;

    public void Done()
    {
        text.Flush();
        if (partial is null)
            return;
        if (!OperatingSystem.IsWindows() && File.Exists(path))
            File.SetUnixFileMode(partial, File.GetUnixFileMode(path));
        file.Flush(flushToDisk: true);
        // Windows moves no open file; elsewhere another writer is kept out until the name is free again.
        if (OperatingSystem.IsWindows())
            text.Dispose();
        File.Move(partial, path, overwrite: true);
        isInPlace = true;
        text.Dispose();
    }

    public void Dispose()
    {
        try
        {
            text.Dispose();
        }
        finally
        {
            if (partial is not null && !isInPlace)
                File.Delete(partial);
        }
    }

    /// <summary>The file that a path means: a link is followed, whether its end is there or not.</summary>
    public static string Followed(string path) =>
        new FileInfo(path).LinkTarget is null || IsDevice(path) ? Path.GetFullPath(path) : File.ResolveLinkTarget(path, returnFinalTarget: true)!.FullName;

    /// <summary>Without looking at it: what a terminal or another program's end is called has no name of its own to follow.</summary>
    private static bool IsDevice(string path) => path.StartsWith("/dev/", StringComparison.Ordinal) || path.StartsWith("/proc/", StringComparison.Ordinal);

    /// <summary>Opened when the path is a pipe: only then nothing can be sought in it. Null for a file, or none.</summary>
    private static FileStream? Pipe(string path)
    {
        if (!File.Exists(path) || new FileInfo(path).Length > 0)
            return null;
        var open = new FileStream(path, FileMode.Open, FileAccess.Write);
        if (!open.CanSeek)
            return open;
        open.Dispose();
        return null;
    }
}
