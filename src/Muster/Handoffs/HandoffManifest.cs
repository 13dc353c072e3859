using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Muster.Handoffs;

/// <summary>The list of a handoff's files with their SHA-256, in the form that <c>sha256sum --check</c> reads.</summary>
internal static class HandoffManifest
{
    public const string FileName = "MANIFEST";

    /// <summary>Says of a folder that it is a handoff.</summary>
    public const string Label = "handoff.json";

    public const string Schema = "muster.handoff-folder/1";

    private const int MaxBytes = 1 << 20;

    /// <summary>Writes the manifest of everything that is in the folder.</summary>
    public static async Task<IReadOnlyList<HandoffFile>> WriteAsync(string folder, CancellationToken cancellationToken)
    {
        var files = new List<HandoffFile>();
        foreach (var path in Directory.EnumerateFiles(folder).Order(StringComparer.Ordinal))
            files.Add(await ReadAsync(path, cancellationToken));
        await using var manifest = OwnerOnly.Write(Path.Combine(folder, FileName));
        await manifest.WriteAsync(Encoding.UTF8.GetBytes(string.Concat(files.Select(file => $"{file.Sha256}  {file.Name}\n"))), cancellationToken);
        manifest.Flush(flushToDisk: true);
        return files;
    }

    /// <exception cref="HandoffException">The folder is not a handoff, or its manifest is not one.</exception>
    public static async Task<HandoffCheck> CheckAsync(string folder, CancellationToken cancellationToken)
    {
        if (!IsLabelled(folder))
            throw new HandoffException($"{folder} is not a handoff: it has no {Label} of the form {Schema}.", "Name the folder that `muster handoff --out` wrote.");
        var listed = Parse(folder);
        var changed = new List<string>();
        var missing = new List<string>();
        foreach (var (name, sha256) in listed)
        {
            var path = Path.Combine(folder, name);
            if (!File.Exists(path))
                missing.Add(name);
            else if (new FileInfo(path).LinkTarget is not null || (await ReadAsync(path, cancellationToken)).Sha256 != sha256)
                changed.Add(name);
        }

        var unlisted = Directory.EnumerateFileSystemEntries(folder).Select(path => Path.GetFileName(path)).Where(name => name != FileName && !listed.ContainsKey(name))
            .Order(StringComparer.Ordinal).ToList();
        return new HandoffCheck(folder, listed.Count, changed, missing, unlisted);
    }

    /// <summary>True of a folder that begins to look like a handoff.</summary>
    public static bool IsLabelled(string folder)
    {
        var label = Path.Combine(folder, Label);
        if (!File.Exists(Path.Combine(folder, FileName)) || new FileInfo(label) is not { Exists: true, Length: < MaxBytes })
            return false;
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(label));
            return document.RootElement.ValueKind == JsonValueKind.Object && document.RootElement.TryGetProperty("schema", out var schema) && schema.ValueEquals(Schema);
        }
        catch (Exception fault) when (fault is JsonException or InvalidOperationException)
        {
            // Somebody else's file of this name.
            return false;
        }
    }

    private static Dictionary<string, string> Parse(string folder)
    {
        var path = Path.Combine(folder, FileName);
        var listed = new Dictionary<string, string>(StringComparer.Ordinal);
        if (new FileInfo(path).Length > MaxBytes)
            throw new HandoffException($"{path} has more than {MaxBytes} bytes.", "Write the handoff again.");
        var number = 0;
        foreach (var line in File.ReadLines(path))
        {
            number++;
            var name = line.Length > 66 ? line[66..] : "";
            // A name with a separator could point out of the folder.
            if (line.Length < 67 || line[..64].AsSpan().IndexOfAnyExcept("0123456789abcdef") >= 0 || line[64..66] != "  " || name != Path.GetFileName(name) || name is "." or ".."
                || name.Contains('\\', StringComparison.Ordinal) || !listed.TryAdd(name, line[..64]))
                throw new HandoffException($"{path}, line {number}: {Excerpt.Quoted(line)} is not a checksum and the name of a file here.", "Write the handoff again.");
        }

        return listed.Count > 0 ? listed : throw new HandoffException($"{path} lists no file.", "Write the handoff again.");
    }

    private static async Task<HandoffFile> ReadAsync(string path, CancellationToken cancellationToken)
    {
        await using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
        var hash = await SHA256.HashDataAsync(file, cancellationToken);
        return new HandoffFile(Path.GetFileName(path), file.Length, Convert.ToHexStringLower(hash));
    }
}
