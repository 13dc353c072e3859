using System.Globalization;
using System.Text.Json;
using Muster.Batches;

namespace Muster.Stores;

/// <summary>
/// Append-only, fsynced lines beside the database, two per seal: before its commit and after it. A database that was lost or is older than
/// the log is noticed by them and refused; run, nonce and count tell a person which batch of the remote's list was ours.
/// </summary>
internal sealed class IntentLog(string path)
{
    public const string FileName = "intents.log";

    /// <summary>Before the commit.</summary>
    public void Append(string runTag, string batch, BatchIntent intent) => Append(JsonSerializer.SerializeToUtf8Bytes(new
    {
        batch, run = runTag, nonce = intent.Nonce, requests = intent.Requests, body_bytes = intent.BodyBytes,
        body_sha256 = intent.BodySha256, api_version = intent.ApiVersion, sealed_at = intent.At,
    }));

    /// <summary>After the commit and before anything is sent: from now on a database without the batch has lost it.</summary>
    public void AppendSealed(string batch, string nonce) => Append(JsonSerializer.SerializeToUtf8Bytes(new { @sealed = batch, nonce }));

    private void Append(byte[] line)
    {
        var fresh = !File.Exists(path);
        using var file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read);
        if (fresh && !OperatingSystem.IsWindows())
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        // A line that was cut, by a full disk perhaps, must not take the next one with it.
        if (file.Length > 0)
        {
            file.Seek(-1, SeekOrigin.End);
            if (file.ReadByte() != '\n')
                file.WriteByte((byte)'\n');
        }

        file.Write(line);
        file.WriteByte((byte)'\n');
        file.Flush(flushToDisk: true);
        if (fresh)
            Durable.Folder(Path.GetDirectoryName(path)!);
    }

    /// <summary>Every intent that can be read, oldest first; none when there is no log.</summary>
    /// <param name="path">The log.</param>
    /// <param name="unreadable">Lines that are cut or not ours.</param>
    public static IReadOnlyList<LoggedIntent> Read(string path, out int unreadable)
    {
        unreadable = 0;
        if (!File.Exists(path))
            return [];
        var lines = new List<LoggedIntent>();
        var committed = new HashSet<string>(StringComparer.Ordinal);
        using var file = new StreamReader(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        while (file.ReadLine() is { } text)
        {
            try
            {
                using var line = JsonDocument.Parse(text);
                var root = line.RootElement;
                if (root.TryGetProperty("sealed", out _))
                    committed.Add(root.GetProperty("nonce").GetString()!);
                else
                    lines.Add(new LoggedIntent(root.GetProperty("batch").GetString()!, root.GetProperty("run").GetString()!,
                    root.GetProperty("nonce").GetString()!, root.GetProperty("requests").GetInt32()));
            }
            catch (Exception problem) when (problem is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
            {
                unreadable++;
            }
        }

        return [.. lines.Select(line => line with { IsSealed = committed.Contains(line.Nonce) })];
    }
}

/// <param name="Run">The run's tag.</param>
internal sealed record LoggedIntent(string Batch, string Run, string Nonce, int Requests)
{
    /// <summary>Its commit returned.</summary>
    public bool IsSealed { get; init; }

    /// <summary>17 of <c>b-17</c>; 0 when it is called otherwise.</summary>
    public long Number => long.TryParse(Batch.AsSpan(Math.Min(2, Batch.Length)), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;
}
