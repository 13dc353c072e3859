namespace Muster.Stores;

/// <summary>The store's secret, with which sensitive keys are hashed; made once, readable by its owner alone.</summary>
internal static class KeySecret
{
    private const int Bytes = 32;

    public static byte[] Of(string folder, Chance chance)
    {
        var path = Path.Combine(folder, "key-secret");
        if (File.Exists(path))
            return File.ReadAllBytes(path);
        var secret = new byte[Bytes];
        chance.Fill(secret);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using (var file = new FileStream(path, options))
        {
            file.Write(secret);
            file.Flush(flushToDisk: true);
        }

        Durable.Folder(folder);
        return secret;
    }
}
