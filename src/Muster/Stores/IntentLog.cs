using System.Text.Json;
using Muster.Batches;

namespace Muster.Stores;

/// <summary>
/// Append-only, fsynced lines beside the database, one per seal: losing the database loses no batch, because run, nonce and count
/// are enough to find it again.
/// </summary>
internal sealed class IntentLog(string path)
{
    public const string FileName = "intents.log";

    public void Append(string runTag, string batch, BatchIntent intent)
    {
        var line = JsonSerializer.SerializeToUtf8Bytes(new
        {
            batch, run = runTag, nonce = intent.Nonce, requests = intent.Requests, body_bytes = intent.BodyBytes,
            body_sha256 = intent.BodySha256, api_version = intent.ApiVersion, sealed_at = intent.At,
        });
        var fresh = !File.Exists(path);
        using var file = new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.Read);
        if (fresh && !OperatingSystem.IsWindows())
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        file.Write(line);
        file.WriteByte((byte)'\n');
        file.Flush(flushToDisk: true);
        if (fresh)
            Durable.Folder(Path.GetDirectoryName(path)!);
    }

    /// <summary>Every line that can be read, oldest first; none when there is no log.</summary>
    /// <param name="path">The log.</param>
    /// <param name="unreadable">Lines that are cut or not ours.</param>
    public static IReadOnlyList<LoggedIntent> Read(string path, out int unreadable)
    {
        unreadable = 0;
        if (!File.Exists(path))
            return [];
        var lines = new List<LoggedIntent>();
        using var file = new StreamReader(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        while (file.ReadLine() is { } text)
        {
            try
            {
                using var line = JsonDocument.Parse(text);
                var root = line.RootElement;
                lines.Add(new LoggedIntent(root.GetProperty("batch").GetString()!, root.GetProperty("run").GetString()!,
                    root.GetProperty("nonce").GetString()!, root.GetProperty("requests").GetInt32()));
            }
            catch (Exception problem) when (problem is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
            {
                unreadable++;
            }
        }

        return lines;
    }
}

/// <param name="Run">The run's tag.</param>
internal sealed record LoggedIntent(string Batch, string Run, string Nonce, int Requests);
