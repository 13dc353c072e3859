using System.Runtime.InteropServices;

namespace Muster;

/// <summary>Makes names durable: a rename is safe only when its folder has reached the disk.</summary>
internal static class Durable
{
    /// <summary>No-op on Windows, where a folder cannot be flushed and renames are journaled.</summary>
    /// <exception cref="IOException">The folder could not be flushed.</exception>
    public static void Folder(string folder)
    {
        if (OperatingSystem.IsWindows())
            return;
        // .NET refuses to open a folder.
        var descriptor = Open(folder, 0);
        if (descriptor < 0)
            throw new IOException($"The folder {folder} cannot be opened to flush it (error {Marshal.GetLastPInvokeError()}).");
        try
        {
            if (Flush(descriptor) != 0)
                throw new IOException($"The folder {folder} cannot be flushed to the disk (error {Marshal.GetLastPInvokeError()}).");
        }
        finally
        {
            _ = Close(descriptor);
        }
    }

    [DllImport("libc", EntryPoint = "open", SetLastError = true, BestFitMapping = false, ThrowOnUnmappableChar = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Open([MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags);

    [DllImport("libc", EntryPoint = "fsync", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Flush(int descriptor);

    [DllImport("libc", EntryPoint = "close", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Close(int descriptor);
}
