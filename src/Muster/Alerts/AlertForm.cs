using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Muster.Claude;
using Muster.Jobs;

namespace Muster.Alerts;

/// <summary>How an alert is written for those who get it. Pure.</summary>
internal static class AlertForm
{
    private static readonly JsonSerializerOptions Form = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, Encoder = JavaScriptEncoder.Default,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower) },
    };

    /// <summary>A kind as the job file, the log and every receiver spell it.</summary>
    public static string Word(AlertKind kind) => kind.ToString().ToLowerInvariant();

    /// <summary>The body of the webhook: type, timestamp and data.</summary>
    public static byte[] Webhook(Alert alert) => JsonSerializer.SerializeToUtf8Bytes(new
    {
        Type = $"muster.{Word(alert.Kind)}",
        Timestamp = alert.At,
        Data = new
        {
            alert.Id, alert.Job, alert.Run, alert.Reason, Message = alert.Text, CostUsd = Usd.Of(alert.CostPicoUsd),
            Ledger = new
            {
                alert.Ledger.Rows, alert.Ledger.Succeeded, alert.Ledger.Errored, alert.Ledger.Expired, alert.Ledger.Canceled,
                alert.Ledger.Quarantined, alert.Ledger.HumanQueued, alert.Ledger.Open,
            },
            alert.Batches,
        },
    }, Form);

    /// <summary>The body that a Slack-compatible incoming webhook takes.</summary>
    public static byte[] Slack(Alert alert) => JsonSerializer.SerializeToUtf8Bytes(new
    {
        Text = $"*{Escaped(alert.Job)} {Escaped(alert.Run)}: {Word(alert.Kind)}*\n{Escaped(alert.Text)}\n{Escaped(alert.Ledger.ToString())}"
            + string.Concat(alert.Batches.Select(batch => $"\n• {Escaped(batch.Batch)}: results lost at {batch.LostAt.UtcDateTime:yyyy-MM-dd HH:mm}Z")),
    }, Form);

    /// <summary>The three characters that mean something to Slack: links and mentions stand in angle brackets.</summary>
    private static string Escaped(string text) => text.Replace("&", "&amp;").Replace("<", "&lt;").Replace(">", "&gt;");
}
