using System.Text.Json;

namespace Muster.Stores;

/// <summary>Keeps two processes off one store: an operating-system lock that ends with its process, however that ends.</summary>
internal sealed class DirectoryLock : IDisposable
{
    private readonly FileStream locked;

    private DirectoryLock(FileStream locked) => this.locked = locked;

    public static DirectoryLock Take(string folder, string purpose, DateTimeOffset at)
    {
        var path = Path.Combine(folder, "lock");
        var owner = Path.Combine(folder, "owner.json");
        FileStream file;
        try
        {
            file = OwnerOnly.Open(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException) when (File.Exists(path))
        {
            throw new StoreHeldException(folder, Describe(owner));
        }
        catch (UnauthorizedAccessException problem)
        {
            throw new StoreException($"{folder} is not writable.", "Give your user write access to the folder, or use another one.", problem);
        }

        try
        {
            Note(owner, purpose, at);
        }
        catch
        {
            file.Dispose();
            throw;
        }

        return new DirectoryLock(file);
    }

    private static void Note(string owner, string purpose, DateTimeOffset at)
    {
        var note = JsonSerializer.Serialize(new { pid = Environment.ProcessId, since = at, purpose });
        OwnerOnly.Write(owner, note);
    }

    private static string Describe(string owner)
    {
        try
        {
            using var note = JsonDocument.Parse(File.ReadAllText(owner));
            return $"process {note.RootElement.GetProperty("pid")}, {note.RootElement.GetProperty("purpose")}, since "
                + $"{note.RootElement.GetProperty("since").GetDateTimeOffset():yyyy-MM-dd HH:mm:ss}Z";
        }
        catch (Exception problem) when (problem is IOException or JsonException or KeyNotFoundException or UnauthorizedAccessException)
        {
            // The note only makes the message better; the lock is what counts.
            return "";
        }
    }

    public void Dispose() => locked.Dispose();
}
