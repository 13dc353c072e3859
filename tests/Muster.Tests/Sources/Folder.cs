using System.IO.Compression;
using System.Text;
using System.Text.Json;
using Muster.Jobs;
using Muster.Sources;

namespace Muster.Tests.Sources;

/// <summary>A folder of its own for one test, and the short way from written bytes to read rows.</summary>
internal sealed class Folder : IDisposable
{
    /// <summary>Sixteen bytes: every record of a test crosses the buffer's end.</summary>
    public static readonly ReadLimits Tiny = new() { BufferBytes = 16 };

    private readonly string root = Directory.CreateTempSubdirectory("muster-sources-").FullName;

    public static KeySpec Key(params string[] columns) => new(columns);

    public static KeySpec ContentKey(params string[] columns) => new(columns, FromContent: true);

    public static SourceFormat FormatOf(string path) => Enum.Parse<SourceFormat>(Path.GetExtension(path)[1..], ignoreCase: true);

    public string PathOf(string name) => Path.Combine(root, name);

    public string Write(string name, string text) => Write(name, Encoding.UTF8.GetBytes(text));

    public string Write(string name, byte[] bytes)
    {
        File.WriteAllBytes(PathOf(name), bytes);
        return PathOf(name);
    }

    public static byte[] Gzip(byte[] bytes)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Optimal))
        {
            gzip.Write(bytes);
        }

        return packed.ToArray();
    }

    public static async Task<List<SourceRow>> ReadAsync(SourceSpec spec, ReadLimits? limits = null, long skip = 0)
    {
        await using var source = await Source.OpenAsync(spec, limits ?? Tiny, TestContext.Current.CancellationToken);
        var rows = new List<SourceRow>();
        await foreach (var row in source.ReadAsync(skip, TestContext.Current.CancellationToken))
        {
            rows.Add(row);
        }

        return rows;
    }

    /// <summary>Reads text as a file of the format that <paramref name="name"/> ends in; the key is its column id.</summary>
    public Task<List<SourceRow>> ReadAsync(string name, string text, ReadLimits? limits = null) => ReadAsync(name, Encoding.UTF8.GetBytes(text), limits);

    public Task<List<SourceRow>> ReadAsync(string name, byte[] bytes, ReadLimits? limits = null) =>
        ReadAsync(new SourceSpec(FormatOf(name), [Write(name, bytes)], Key("id")), limits);

    public Task<SourceException> RefusalAsync(string name, string text, ReadLimits? limits = null) => RefusalAsync(name, Encoding.UTF8.GetBytes(text), limits);

    public Task<SourceException> RefusalAsync(string name, byte[] bytes, ReadLimits? limits = null) =>
        Should.ThrowAsync<SourceException>(() => ReadAsync(name, bytes, limits));

    public static string Json(SourceRow row) => Encoding.UTF8.GetString(row.Input.Span);

    public static string?[] Texts(SourceRow row) => JsonSerializer.Deserialize<string?[]>(row.Input.Span)!;

    /// <summary>A row in a word: its key, or its line and reason.</summary>
    public static string Told(SourceRow row) => row.Fault is null ? row.Key! : $"{row.Line} {row.Fault.Reason}";

    /// <summary>A path in the shared data, or a visible skip.</summary>
    public static string Shared(string path)
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (directory is not null && !File.Exists(Path.Combine(directory.FullName, "Muster.slnx")))
        {
            directory = directory.Parent;
        }

        var full = directory?.Parent is { } beside ? Path.Combine(beside.FullName, "shared", "data", path) : path;
        Assert.SkipUnless(File.Exists(full), $"{path} is not in ../shared/data");
        return full;
    }

    public void Dispose() => Directory.Delete(root, recursive: true);
}
