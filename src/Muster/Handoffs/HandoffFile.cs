namespace Muster.Handoffs;

/// <param name="Sha256">In lower-case hex.</param>
public sealed record HandoffFile(string Name, long Bytes, string Sha256);
