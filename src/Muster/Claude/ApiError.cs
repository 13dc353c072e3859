using System.Text.Json;

namespace Muster.Claude;

/// <summary>Whose fault an error is, which decides what is done about it.</summary>
public enum ErrorCause
{
    /// <summary>The request as sent is wrong; sending it again gives the same.</summary>
    Request,
    NotFound,

    /// <summary>Key, permission, credit, billing or a spend limit: nothing will work until a person acts.</summary>
    Account,
    RateLimited,
    TooLarge,

    /// <summary>The platform's own trouble; passes.</summary>
    Transient,
}

/// <summary>An error as the API tells it, at the top level or inside a result line.</summary>
/// <param name="Status">HTTP status, or 0 inside a result line.</param>
/// <param name="Type">For example <c>invalid_request_error</c>; empty when the body was not the API's.</param>
/// <param name="Code"><c>error.details.error_code</c>, or null.</param>
public sealed record ApiError(int Status, string Type, string? Code, string Message, string? RequestId)
{
    // Wording can change, so everything else goes by status, type and code; these have no code of their own.
    private static readonly string[] AccountPrefixes =
    [
        "You have reached your specified API usage limits",
        "You have reached your specified workspace API usage limits",
        "Your credit balance is too low",
    ];

    private static readonly string[] AccountCodes =
    [
        "enforced_spend_limit_reached", "contract_spend_limit_reached", "organization_on_hold",
    ];

    /// <summary>False when the reply had a status and a body that is not the API's: a proxy's page, another service.</summary>
    internal bool IsTheApis => Type.Length > 0;

    public ErrorCause Cause => this switch
    {
        _ when IsAccount => ErrorCause.Account,
        { Status: 429 } or { Type: "rate_limit_error" } => ErrorCause.RateLimited,
        { Status: 413 } or { Type: "request_too_large" } => ErrorCause.TooLarge,
        { Status: 404 } or { Type: "not_found_error" } => ErrorCause.NotFound,
        { Type: "invalid_request_error" } => ErrorCause.Request,
        { Status: 408 or 409 or >= 500 } => ErrorCause.Transient,
        { Status: >= 400 } => ErrorCause.Request,
        _ => ErrorCause.Transient,
    };

    private bool IsAccount =>
        Status is 401 or 402 or 403
        || Type is "authentication_error" or "billing_error" or "permission_error"
        || (Code is not null && Array.IndexOf(AccountCodes, Code) >= 0)
        || Array.Exists(AccountPrefixes, prefix => Message.StartsWith(prefix, StringComparison.OrdinalIgnoreCase));

    /// <summary>Reads an error body; one that is not the API's JSON (a proxy's HTML) gives its status alone.</summary>
    public static ApiError Parse(int status, ReadOnlySpan<byte> body, string? requestId)
    {
        try
        {
            var reader = new Utf8JsonReader(body);
            using var document = JsonDocument.ParseValue(ref reader);
            if (document.RootElement is { ValueKind: JsonValueKind.Object } root && root.TryGetProperty("error", out _))
                return Of(status, root, requestId);
        }
        catch (Exception problem) when (problem is JsonException or InvalidOperationException)
        {
            // Not JSON, or text that is not Unicode: the status is all there is.
        }

        return new ApiError(status, "", null, $"HTTP {status} with a body that is not the API's", requestId);
    }

    /// <summary>Reads an error envelope; one without its inner error is taken for the error itself.</summary>
    internal static ApiError Of(int status, JsonElement envelope, string? requestId)
    {
        var error = envelope.TryGetProperty("error", out var inner) && inner.ValueKind == JsonValueKind.Object ? inner : envelope;
        var code = error.TryGetProperty("details", out var details) && details.ValueKind == JsonValueKind.Object ? Text(details, "error_code") : null;
        return new ApiError(status, Text(error, "type") ?? "", code, Text(error, "message") ?? "", requestId ?? Text(envelope, "request_id"));
    }

    private static string? Text(JsonElement of, string name) =>
        of.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    public override string ToString() =>
        $"{(Status > 0 ? $"HTTP {Status} " : "")}{Type}{(Code is null ? "" : $" ({Code})")}: {Excerpt.Quoted(Message)}"
        + (RequestId is null ? "" : $" [{RequestId}]");
}
