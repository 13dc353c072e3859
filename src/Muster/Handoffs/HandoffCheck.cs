namespace Muster.Handoffs;

/// <param name="Files">Files that the manifest lists.</param>
/// <param name="Unlisted">Files and folders that it does not.</param>
public sealed record HandoffCheck(string Folder, int Files, IReadOnlyList<string> Changed, IReadOnlyList<string> Missing, IReadOnlyList<string> Unlisted)
{
    public bool IsWhole => Changed.Count == 0 && Missing.Count == 0 && Unlisted.Count == 0;
}
