using System.Text.Json;
using Muster.Jobs;

namespace Muster.Alerts;

/// <summary>Append-only lines beside the database: each alert before it is sent, and what became of it after.</summary>
internal sealed class AlertLog(string folder)
{
    public const string FileName = "alerts.log";

    private readonly string path = Path.Combine(folder, FileName);

    public void Raised(Alert alert) => Append(new
    {
        at = alert.At, alert = alert.Id, kind = AlertForm.Word(alert.Kind), run = alert.Run, reason = alert.Reason, text = alert.Text,
    });

    public void Delivered(Alert alert, AlertDelivery delivery, DateTimeOffset at) => Append(new
    {
        at, alert = alert.Id, host = delivery.Host, attempts = delivery.Attempts, status = delivery.Status, failed = delivery.Why,
    });

    /// <summary>When a run last raised an alert of a kind; null when it never did.</summary>
    public DateTimeOffset? Last(string run, AlertKind kind)
    {
        if (!File.Exists(path))
            return null;
        DateTimeOffset? last = null;
        foreach (var text in File.ReadLines(path))
        {
            try
            {
                using var line = JsonDocument.Parse(text);
                if (line.RootElement.TryGetProperty("kind", out var of) && of.GetString() == AlertForm.Word(kind) && line.RootElement.GetProperty("run").GetString() == run)
                    last = line.RootElement.GetProperty("at").GetDateTimeOffset();
            }
            catch (Exception problem) when (problem is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
            {
                // A line cut by a machine that lost power: at worst one alert more.
                continue;
            }
        }

        return last;
    }

    private void Append(object line)
    {
        using var file = OwnerOnly.Open(path, FileMode.Append, share: FileShare.ReadWrite);
        file.Write(JsonSerializer.SerializeToUtf8Bytes(line));
        file.WriteByte((byte)'\n');
        file.Flush(flushToDisk: true);
    }
}
