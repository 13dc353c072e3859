namespace Muster.Sources;
internal static class SourceHash { public static byte[] Of(ReadOnlySpan<byte> input) => System.Security.Cryptography.SHA256.HashData(input)[..16]; }
