using System.Text.Json;
using Muster.Simulator.Batches;

namespace Muster.Simulator.Wire;

/// <summary>The MessageBatch object, fields in the order of the recordings.</summary>
internal static class BatchJson
{
    public static void Write(Utf8JsonWriter w, BatchRecord batch, DateTimeOffset now, Service service)
    {
        var wire = service.Options.Wire;
        var status = batch.StatusAt(now);
        var counts = batch.CountsAt(now, service.LiveCounts);
        w.WriteStartObject();
        w.WriteString("id", batch.Id);
        w.WriteString("type", "message_batch");
        w.WriteString("processing_status", status switch
        {
            BatchStatus.InProgress => "in_progress",
            BatchStatus.Canceling => "canceling",
            _ => "ended",
        });
        w.WriteStartObject("request_counts");
        w.WriteNumber("processing", counts.Processing);
        w.WriteNumber("succeeded", counts.Succeeded);
        w.WriteNumber("errored", counts.Errored);
        w.WriteNumber("canceled", counts.Canceled);
        w.WriteNumber("expired", counts.Expired);
        w.WriteEndObject();
        WriteTime(w, "ended_at", status == BatchStatus.Ended ? batch.EndedAt : null, wire);
        WriteTime(w, "created_at", batch.CreatedAt, wire);
        WriteTime(w, "expires_at", batch.ExpiresAt, wire);
        WriteTime(w, "archived_at", now >= batch.ArchivedAt ? batch.ArchivedAt : null, wire);
        WriteTime(w, "cancel_initiated_at", batch.CancelAt, wire);
        w.WriteString("results_url", status == BatchStatus.Ended ? $"{service.BaseUrl}/v1/messages/batches/{batch.Id}/results" : null);
        w.WriteEndObject();
    }

    private static void WriteTime(Utf8JsonWriter w, string name, DateTimeOffset? time, WireSwitches wire) =>
        w.WriteString(name, time?.ToString(!wire.ZuluTimestamps ? "yyyy-MM-ddTHH:mm:ss.ffffff+00:00"
            : wire.ZuluFraction ? "yyyy-MM-ddTHH:mm:ss.ffffffZ" : "yyyy-MM-ddTHH:mm:ssZ"));
}
