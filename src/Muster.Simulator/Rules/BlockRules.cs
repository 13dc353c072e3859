using System.Text.Json;

namespace Muster.Simulator.Rules;

/// <summary>
/// What refuses messages that are more than turns of plain text. Texts for unreachable URLs and wrong media are captured; the
/// others are the simulator's own, in the service's form.
/// </summary>
internal static class BlockRules
{
    private const string Invalid = "invalid_request_error";
    private static readonly string[] DeadHosts = [".invalid", "unreachable", "does-not-exist"];

    private static readonly HashSet<string> Known = new(StringComparer.Ordinal)
    {
        "text", "image", "document", "search_result", "tool_use", "tool_result", "thinking", "redacted_thinking", "server_tool_use",
        "web_search_tool_result", "web_fetch_tool_result", "code_execution_tool_result", "bash_code_execution_tool_result",
        "text_editor_code_execution_tool_result", "mcp_tool_use", "mcp_tool_result", "container_upload", "tool_search_tool_result",
    };

    private static readonly HashSet<string> MessageMembers = new(StringComparer.Ordinal) { "role", "content" };
    private static readonly HashSet<string> TextMembers = new(StringComparer.Ordinal) { "type", "text", "cache_control", "citations" };

    public static RowError? Judge(ReadOnlySpan<byte> parameters, RequestFacts facts, Terms terms)
    {
        using var messages = JsonDocument.Parse(facts.Messages.Of(parameters).ToArray());
        var index = 0;
        foreach (var message in messages.RootElement.EnumerateArray())
        {
            if (JudgeMessage(message, $"messages.{index++}") is { } error)
            {
                return error;
            }
        }

        return terms.IsNew ? NewVersion(messages.RootElement) : null;
    }

    public static RowError? JudgeNewVersion(ReadOnlySpan<byte> parameters, RequestFacts facts)
    {
        using var messages = JsonDocument.Parse(facts.Messages.Of(parameters).ToArray());
        return NewVersion(messages.RootElement);
    }

    private static RowError? JudgeMessage(JsonElement message, string at)
    {
        if (message.ValueKind != JsonValueKind.Object)
        {
            return Refuse($"{at}: {CreateRules.NotAnObject}");
        }

        if (Extra(message, MessageMembers) is { } extra)
        {
            return Refuse(CreateRules.Extra($"{at}.{extra}"));
        }

        if (!message.TryGetProperty("role"u8, out var role))
        {
            return Refuse($"{at}.role: Field required");
        }

        if (role.ValueKind != JsonValueKind.String || !(role.ValueEquals("user"u8) || role.ValueEquals("assistant"u8)))
        {
            return Refuse($"{at}.role: Input should be 'user' or 'assistant'");
        }

        return !message.TryGetProperty("content"u8, out var content) ? Refuse($"{at}.content: Field required") : JudgeContent(content, at);
    }

    private static RowError? JudgeContent(JsonElement content, string at)
    {
        if (content.ValueKind is not (JsonValueKind.String or JsonValueKind.Array))
        {
            return Refuse($"{at}.content: Input should be a valid string or list");
        }

        if (content.ValueKind == JsonValueKind.String ? content.ValueEquals(""u8) : content.GetArrayLength() == 0)
        {
            return Refuse($"{at}: messages must have non-empty content");
        }

        if (content.ValueKind == JsonValueKind.Array)
        {
            var index = 0;
            foreach (var block in content.EnumerateArray())
            {
                if (JudgeBlock(block, $"{at}.content.{index++}") is { } error)
                {
                    return error;
                }
            }
        }

        return null;
    }

    private static RowError? JudgeBlock(JsonElement block, string at)
    {
        if (block.ValueKind != JsonValueKind.Object)
        {
            return Refuse($"{at}: {CreateRules.NotAnObject}");
        }

        if (Text(block, "type"u8) is not { } type)
        {
            return Refuse($"{at}.type: Field required");
        }

        if (!Known.Contains(type))
        {
            return Refuse($"{at}: Input tag '{type}' found using 'type' does not match any of the expected tags: {string.Join(", ", Known.Select(k => $"'{k}'"))}");
        }

        return type switch
        {
            "text" => JudgeText(block, at),
            "image" or "document" => JudgeSource(block, type, at),
            _ => null,
        };
    }

    private static RowError? JudgeText(JsonElement block, string at) =>
        Extra(block, TextMembers) is { } extra ? Refuse(CreateRules.Extra($"{at}.text.{extra}"))
        : !block.TryGetProperty("text"u8, out var text) ? Refuse($"{at}.text.text: Field required")
        : text.ValueKind != JsonValueKind.String ? Refuse($"{at}.text.text: Input should be a valid string")
        : text.ValueEquals(""u8) ? Refuse("messages: text content blocks must be non-empty")
        : null;

    private static RowError? JudgeSource(JsonElement block, string type, string at)
    {
        if (!block.TryGetProperty("source"u8, out var source) || source.ValueKind != JsonValueKind.Object)
        {
            return Refuse($"{at}.{type}.source: Field required");
        }

        return Text(source, "type"u8) switch
        {
            "url" => JudgeUrl(source, $"{at}.{type}.source.url"),
            "base64" => JudgeData(source, type, $"{at}.{type}.source.base64"),
            "file" => Text(source, "file_id"u8) is null ? Refuse($"{at}.{type}.source.file.file_id: Field required") : null,
            "text" or "content" when type == "document" => null,
            null => Refuse($"{at}.{type}.source.type: Field required"),
            var other => Refuse($"{at}.{type}.source: Input tag '{other}' found using 'type' does not match any of the expected tags: 'base64', 'file', 'url'"),
        };
    }

    /// <summary>No network is asked: a host is dead when its name says so.</summary>
    private static RowError? JudgeUrl(JsonElement source, string at) =>
        Text(source, "url"u8) is not { } url ? Refuse($"{at}.url: Field required")
        : !Uri.TryCreate(url, UriKind.Absolute, out var address) || DeadHosts.Any(d => address.Host.Contains(d, StringComparison.Ordinal))
            ? new RowError(Invalid, "Unable to download the file. Please verify the URL and try again.", FromWorker: true)
        : null;

    private static RowError? JudgeData(JsonElement source, string type, string at)
    {
        if (Text(source, "media_type"u8) is not { } media)
        {
            return Refuse($"{at}.media_type: Field required");
        }

        if (!source.TryGetProperty("data"u8, out var data))
        {
            return Refuse($"{at}.data: Field required");
        }

        return data.ValueKind == JsonValueKind.String && data.TryGetBytesFromBase64(out var bytes) && IsMedia(bytes, media, type)
            ? null
            : Refuse($"{at}.data: The file format is invalid or unsupported");
    }

    private static bool IsMedia(ReadOnlySpan<byte> bytes, string media, string type) => (type, media) switch
    {
        ("image", "image/png") => bytes is [0x89, (byte)'P', (byte)'N', (byte)'G', ..],
        ("image", "image/jpeg") => bytes is [0xFF, 0xD8, 0xFF, ..],
        ("image", "image/gif") => bytes.StartsWith("GIF8"u8),
        ("image", "image/webp") => bytes.StartsWith("RIFF"u8),
        ("document", "application/pdf") => bytes.StartsWith("%PDF"u8),
        _ => false,
    };

    private static RowError? NewVersion(JsonElement messages)
    {
        var index = 0;
        foreach (var message in messages.EnumerateArray())
        {
            var at = $"messages.{index++}.content";
            if (message.ValueKind != JsonValueKind.Object || !message.TryGetProperty("content"u8, out var content) || content.ValueKind != JsonValueKind.Array)
            {
                continue;
            }

            var fromUser = Text(message, "role"u8) == "user";
            var block = content.EnumerateArray().Where(b => b.ValueKind == JsonValueKind.Object).FirstOrDefault(b => fromUser ? HasCitations(b) : Text(b, "type"u8) == "document");
            if (block.ValueKind == JsonValueKind.Object)
            {
                return Refuse(fromUser
                    ? $"{at}: citations are not allowed in a user message from version {HeaderRules.New} on"
                    : $"{at}: a document is not allowed in an assistant message from version {HeaderRules.New} on");
            }
        }

        return null;
    }

    private static bool HasCitations(JsonElement block) =>
        Text(block, "type"u8) == "search_result" && block.TryGetProperty("content"u8, out var inner) && inner.ValueKind == JsonValueKind.Array
            ? inner.EnumerateArray().Any(HasCitations)
            : block.ValueKind == JsonValueKind.Object && Text(block, "type"u8) == "text" && block.TryGetProperty("citations"u8, out var citations)
                && citations.ValueKind == JsonValueKind.Array && citations.GetArrayLength() > 0;

    private static string? Extra(JsonElement element, HashSet<string> known) =>
        element.EnumerateObject().Select(m => m.Name).FirstOrDefault(n => !known.Contains(n));

    private static string? Text(JsonElement element, ReadOnlySpan<byte> name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static RowError Refuse(string message) => new(Invalid, message);
}
