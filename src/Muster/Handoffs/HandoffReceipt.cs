namespace Muster.Handoffs;

/// <param name="Files">In the order of their names, the manifest left out.</param>
/// <param name="MovedAside">Where what was there before is now; null when there was nothing, or an unchanged handoff that is replaced.</param>
/// <param name="Redacted">Secrets that were taken out of the text.</param>
public sealed record HandoffReceipt(string Folder, string Run, IReadOnlyList<HandoffFile> Files, HandoffRows Rows, string? MovedAside, int Redacted);
