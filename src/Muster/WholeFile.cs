namespace Muster;

/// <summary>
/// A file of ours that people open: until <see cref="Done"/> what was there before stands under its name, and then the whole new text. What a kill
/// leaves is beside it, under <c>.new</c>, and the next one overwrites it.
/// </summary>
internal sealed class WholeFile : IDisposable
{
    private readonly string path;
    private readonly string written;
    private bool isDone;

    /// <exception cref="IOException">It cannot be written there.</exception>
    public WholeFile(string path)
    {
        this.path = File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path;
        // A pipe or a device, which has no length, is written to and never replaced.
        written = File.Exists(this.path) && new FileInfo(this.path).Length == 0 ? this.path : this.path + ".new";
        Text = new StreamWriter(OwnerOnly.Write(written));
    }

    public TextWriter Text { get; }

    public void Done()
    {
        Text.Dispose();
        if (written != path)
            File.Move(written, path, overwrite: true);
        isDone = true;
    }

    public void Dispose()
    {
        Text.Dispose();
        if (!isDone && written != path)
            File.Delete(written);
    }
}
