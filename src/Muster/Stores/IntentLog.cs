using System.Text.Json;
using Muster.Batches;

namespace Muster.Stores;

/// <summary>
/// Append-only, fsynced lines beside the database, one per seal: losing the database loses no batch, because run, nonce and count
/// are enough to find it again.
/// </summary>
internal sealed class IntentLog(string path)
{
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
}
