namespace Muster.Staging;

/// <summary>An accepted output, beside the target and never in it until a promotion.</summary>
/// <param name="Key">The row's key.</param>
/// <param name="Attempt">Which request of the row it answers.</param>
/// <param name="Output">The output as UTF-8 JSON, as the model gave it.</param>
/// <param name="SourceHash">First 16 bytes of the SHA-256 of the input that was asked about.</param>
public sealed record StagedRow(string Key, int Attempt, ReadOnlyMemory<byte> Output, ReadOnlyMemory<byte> SourceHash);
