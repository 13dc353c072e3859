using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Muster.Simulator.Wire;

/// <summary>A whole small reply as a value, so that a fault can drop, cut or delay it after the work is done.</summary>
internal sealed record Reply(int Status, byte[] Body)
{
    private static readonly JsonWriterOptions Relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public string ContentType { get; init; } = "application/json";

    public string? RetryAfter { get; init; }

    public bool? ShouldRetry { get; init; }

    public static Reply Json(Action<Utf8JsonWriter> write, int status = 200)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using (var writer = new Utf8JsonWriter(buffer, Relaxed))
        {
            write(writer);
        }

        return new Reply(status, buffer.WrittenSpan.ToArray());
    }

    public static Reply Error(int status, string type, string message, string requestId, string? errorCode = null) =>
        Json(
            w =>
            {
                w.WriteStartObject();
                w.WriteString("type", "error");
                w.WriteStartObject("error");
                if (errorCode is not null)
                {
                    w.WriteStartObject("details");
                    w.WriteString("error_code", errorCode);
                    w.WriteEndObject();
                }

                w.WriteString("type", type);
                w.WriteString("message", message);
                w.WriteEndObject();
                w.WriteString("request_id", requestId);
                w.WriteEndObject();
            },
            status);

    public static Reply Refused(string message, string requestId) => Error(400, "invalid_request_error", message, requestId);

    public static Reply NotFound(string message, string requestId) =>
        Error(404, "not_found_error", message, requestId) with { ShouldRetry = false };

    public static Reply NoResults(string id, string requestId) => NotFound($"Message Batch {id} has no available results.", requestId);

    /// <summary>The edge's page: what comes when a call does not reach the API.</summary>
    public static Reply Html(int status) => new(status, Encoding.UTF8.GetBytes(
        $"<html>\r\n<head><title>{status}</title></head>\r\n<body>\r\n<center><h1>{status}</h1></center>\r\n<hr><center>cloudflare</center>\r\n</body>\r\n</html>\r\n"))
    {
        ContentType = "text/html",
    };
}
