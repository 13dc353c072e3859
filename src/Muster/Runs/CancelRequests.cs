namespace Muster.Runs;

/// <summary>Requests to cancel, left as files beside the store: the process that works on the run holds the store's lock.</summary>
internal sealed class CancelRequests(string folder)
{
    public void Request(string run) => OwnerOnly.Write(PathOf(run), "");

    public bool IsRequested(string run) => File.Exists(PathOf(run));

    public void Clear(string run) => File.Delete(PathOf(run));

    private string PathOf(string run) => Path.Combine(folder, $"cancel-{run}");
}
