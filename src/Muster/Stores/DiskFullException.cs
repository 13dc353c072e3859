namespace Muster.Stores;

/// <summary>No room is left where the store lives. Nothing is half done: the run goes on from where it stands once there is room.</summary>
public sealed class DiskFullException(string folder, Exception? inner = null)
    : StoreException($"The disk is full at {folder}{(inner is null ? "" : $": {inner.Message}")}", "Free space there and run again; the run goes on from where it stands.", inner)
{
    public string Folder { get; } = folder;
}
