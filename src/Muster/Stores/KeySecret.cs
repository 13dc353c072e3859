namespace Muster.Stores;

/// <summary>The store's secret, with which sensitive keys are hashed; made once, readable by its owner alone.</summary>
internal static class KeySecret
{
    private const int Bytes = 32;

    public static byte[] Of(string folder, Chance chance)
    {
        var path = Path.Combine(folder, "key-secret");
        if (File.Exists(path))
        {
            var kept = File.ReadAllBytes(path);
            return kept.Length == Bytes
                ? kept
                : throw new StoreException($"The key secret {path} has {kept.Length} bytes instead of {Bytes}.",
                    "Restore it from a backup: without it, results of sensitive keys cannot be joined to their rows.");
        }

        var secret = new byte[Bytes];
        chance.Fill(secret);
        var part = path + ".part";
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using (var file = new FileStream(part, options))
        {
            file.Write(secret);
            file.Flush(flushToDisk: true);
        }

        // Under its name only when whole: a shorter one would hash sensitive keys as plain ones.
        File.Move(part, path);
        Durable.Folder(folder);
        return secret;
    }
}
