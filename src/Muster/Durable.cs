namespace Muster;

/// <summary>Makes names durable: a rename is safe only when its folder has reached the disk.</summary>
internal static class Durable
{
    public static void Folder(string folder)
    {
        if (OperatingSystem.IsWindows())
            return;
        using var handle = File.OpenHandle(folder, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, FileOptions.None);
        RandomAccess.FlushToDisk(handle);
    }
}
