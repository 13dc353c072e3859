using System.Security.Cryptography;
using Muster.Jobs;

namespace Muster.Sources;

/// <summary>What the source's files were when they were read, to tell later whether they still are.</summary>
/// <param name="Files">One for each path of the source, in its order.</param>
public sealed record SourceFingerprint(IReadOnlyList<FileFingerprint> Files)
{
    /// <summary>Reads every file once; of a database only length and time are taken, because it may be large and in use.</summary>
    /// <exception cref="SourceException">A file is missing or unreadable.</exception>
    public static async Task<SourceFingerprint> ComputeAsync(SourceSpec spec, CancellationToken cancellationToken = default)
    {
        var files = new List<FileFingerprint>();
        foreach (var path in spec.Paths)
        {
            files.Add(await FileFingerprint.OfAsync(path, spec.Format != SourceFormat.Sqlite, cancellationToken));
        }

        return new(files);
    }

    /// <summary>What differs from <paramref name="earlier"/>, for a person; null when the source is the same.</summary>
    public string? ChangeSince(SourceFingerprint earlier) => Files.Count != earlier.Files.Count
        ? $"the source had {earlier.Files.Count} files and has {Files.Count}"
        : Files.Zip(earlier.Files, (now, then) => now.ChangeSince(then)).FirstOrDefault(change => change is not null);
}

/// <param name="Path">The path as the job names it; what is compared is content, of a database its file's name, length and time.</param>
/// <param name="Length">Bytes on disk; of a database with those of its write-ahead log.</param>
/// <param name="LastWrite">UTC; compared only where there is no <paramref name="Sha256"/>, since copying and touching change it.</param>
/// <param name="Sha256">Of the bytes on disk, in lower-case hex; null for a database.</param>
public sealed record FileFingerprint(string Path, long Length, DateTimeOffset LastWrite, string? Sha256)
{
    /// <summary>Below what goes to the heap of large objects.</summary>
    private const int BlockBytes = 64 * 1024;

    internal static async Task<FileFingerprint> OfAsync(string path, bool hash, CancellationToken cancellationToken)
    {
        try
        {
            await using var file = SourceFile.OpenStream(path);
            var lastWrite = File.GetLastWriteTimeUtc(file.SafeFileHandle);
            if (hash)
            {
                return new(path, file.Length, new(lastWrite, TimeSpan.Zero), HashOf(file, cancellationToken));
            }

            // What was committed since the last checkpoint lies in the log alone; an empty log is left by readers too.
            var log = new FileInfo(path + "-wal") is { Exists: true, Length: > 0 } wal ? wal : null;
            var latest = log?.LastWriteTimeUtc > lastWrite ? log.LastWriteTimeUtc : lastWrite;
            return new(path, file.Length + (log?.Length ?? 0), new(latest, TimeSpan.Zero), null);
        }
        catch (IOException broken)
        {
            throw new SourceException($"{path}: cannot be read: {Excerpt.Of(broken.Message, 200)}", "Check the disk or share it lies on.", broken);
        }
    }

    // Read where it is asked for: the asynchronous read of a local file would go on in a thread of the pool.
    private static string HashOf(FileStream file, CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var block = new byte[BlockBytes];
        while (file.Read(block) is > 0 and var read)
        {
            cancellationToken.ThrowIfCancellationRequested();
            hash.AppendData(block.AsSpan(0, read));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    internal string? ChangeSince(FileFingerprint earlier)
    {
        var shown = Excerpt.Of(Path, 200);
        // Content that was moved or copied is the same source; what is known of a database is too little to say so under another name.
        return Length != earlier.Length ? $"{shown} had {earlier.Length} bytes and has {Length}"
            : Sha256 != earlier.Sha256 ? $"{shown} has other content of the same length"
            : Sha256 is null && NameOf(Path) != NameOf(earlier.Path) ? $"{Excerpt.Of(earlier.Path, 200)} became {shown}"
            : Sha256 is null && LastWrite != earlier.LastWrite ? $"{shown} was written at {LastWrite:u}, after {earlier.LastWrite:u}"
            : null;
    }

    private static string NameOf(string path) => System.IO.Path.GetFileName(path);
}
