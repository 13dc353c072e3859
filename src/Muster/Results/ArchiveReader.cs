using System.IO.Compression;
using System.Security.Cryptography;

namespace Muster.Results;

/// <summary>Reads an archive back, after making sure that it is the file that was written.</summary>
internal static class ArchiveReader
{
    /// <summary>Null when the file is whole and unchanged; otherwise what is wrong with it.</summary>
    public static string? Verify(string folder, Archive archive)
    {
        var path = Path.Combine(folder, archive.File);
        if (!File.Exists(path))
            return $"the archive {path} is missing";
        using var file = Open(path);
        if (file.Length != archive.Bytes)
            return $"the archive {path} has {file.Length} bytes instead of {archive.Bytes}";
        var hash = Convert.ToHexStringLower(SHA256.HashData(file));
        return string.Equals(hash, archive.Sha256, StringComparison.Ordinal)
            ? null
            : $"the archive {path} has the checksum {hash} instead of {archive.Sha256}";
    }

    public static Utf8Lines Lines(Stream archive) => new(archive, ResultDefaults.MaxLineBytes);

    public static Stream Decompress(string folder, Archive archive) =>
        new LocalGunzip(Open(Path.Combine(folder, archive.File)));

    private static FileStream Open(string path) =>
        new(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16, FileOptions.SequentialScan);

    /// <summary>Reads where it is asked: the system reads ahead, and a hop to another thread for each block gains nothing.</summary>
    private sealed class LocalGunzip(Stream file) : GZipStream(file, CompressionMode.Decompress)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            cancellationToken.ThrowIfCancellationRequested();
            return new ValueTask<int>(Read(buffer.Span));
        }
    }
}
