namespace Muster;

/// <summary>Files and folders that nobody but their owner can read: they hold rows.</summary>
internal static class OwnerOnly
{
    private const UnixFileMode ReadWrite = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Makes an empty file, and its folder, unless it is there.</summary>
    internal static void Create(string path)
    {
        CreateFolder(Path.GetDirectoryName(Path.GetFullPath(path))!);
        if (!File.Exists(path)) Open(path, FileMode.OpenOrCreate).Dispose();
    }

    // A folder's mode is not that of the folders above, which would be made for all to read.
    private static void CreateFolder(string folder)
    {
        if (Directory.Exists(folder)) return;
        if (Path.GetDirectoryName(folder) is { } above) CreateFolder(above);
        if (OperatingSystem.IsWindows()) Directory.CreateDirectory(folder);
        else Directory.CreateDirectory(folder, ReadWrite | UnixFileMode.UserExecute);
    }

    /// <summary>Opens a file of ours for writing from its start, emptied.</summary>
    internal static FileStream Write(string path) => Open(path, FileMode.Create);

    /// <summary>Writes a small file of ours whole.</summary>
    internal static void Write(string path, string text)
    {
        using var file = Write(path);
        file.Write(System.Text.Encoding.UTF8.GetBytes(text));
    }

    internal static FileStream Open(string path, FileMode mode, FileAccess access = FileAccess.Write, FileShare share = FileShare.Read)
    {
        var options = new FileStreamOptions { Mode = mode, Access = access, Share = share, BufferSize = 1 << 16 };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = ReadWrite;
        return new FileStream(path, options);
    }
}
