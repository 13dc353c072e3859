using System.Text;
using System.Text.Json;

namespace Muster.Simulator.Rules;

/// <summary>The error of one request: what an item carries in a batch, and what the sync endpoint answers at once.</summary>
internal sealed record RowError(string Type, string Message, bool FromWorker = false);

internal enum Mode
{
    Batch,
    Sync,
}

/// <summary>What refuses the params of one request, in the service's words. Source of every text: section 2.3 of the API reference.</summary>
internal static class ParamsRules
{
    private const string Invalid = "invalid_request_error";
    private static readonly string[] DeadHosts = [".invalid", "unreachable", "does-not-exist"];

    public static RowError? Judge(ReadOnlySpan<byte> parameters, RequestFacts facts, ModelFacts? model, string version, Mode mode)
    {
        if (facts.Unknown is { } unknown)
        {
            return new RowError(Invalid, CreateRules.Extra(unknown));
        }

        if (mode == Mode.Batch && facts.Unsupported is { } unsupported)
        {
            return new RowError(Invalid, $"{unsupported}: not supported in the Message Batches API");
        }

        if (!facts.Model.Any)
        {
            return new RowError(Invalid, "model: Field required");
        }

        if (facts.MaxTokens is not { } maxTokens)
        {
            return new RowError(Invalid, "max_tokens: Field required");
        }

        if (!facts.HasMessages)
        {
            return new RowError(Invalid, "messages: Field required");
        }

        if (facts.MessagesEmpty)
        {
            return new RowError(Invalid, "messages: at least one message is required");
        }

        if (mode == Mode.Batch && facts.Streams)
        {
            return new RowError(Invalid, "\"stream=True\" is not supported in the Message Batches API");
        }

        if (model is null)
        {
            return new RowError("not_found_error", $"model: {Encoding.UTF8.GetString(facts.Model.Of(parameters))}");
        }

        return JudgeNumbers(maxTokens, model, mode)
            ?? JudgeSampling(facts, model, version)
            ?? JudgeTools(parameters, facts)
            ?? JudgeSources(parameters, facts);
    }

    public static RowError? JudgeSampling(RequestFacts facts, ModelFacts model, string version) =>
        facts.HasSampling && (version == HeaderRules.New || !model.TakesSampling)
            ? new RowError(Invalid, $"{facts.SamplingName}: this parameter is not supported for {model.Id}")
            : null;

    private static RowError? JudgeNumbers(long maxTokens, ModelFacts model, Mode mode) =>
        maxTokens < (mode == Mode.Batch ? 1 : 0) ? new RowError(Invalid, "max_tokens: must be greater than or equal to 1")
        : maxTokens > model.MaxOutput ? new RowError(Invalid, $"max_tokens: {maxTokens} > {model.MaxOutput}, "
            + $"which is the maximum allowed number of output tokens for {model.Id}")
        : null;

    private static RowError? JudgeTools(ReadOnlySpan<byte> parameters, RequestFacts facts)
    {
        if (!facts.ToolChoice.Any || ForcedTool(parameters, facts) is not { } name)
        {
            return null;
        }

        return ToolSchema(parameters, facts, name) is null
            ? new RowError(Invalid, $"Tool '{name}' not found in provided tools")
            : null;
    }

    /// <summary>The tool that the request must use: its name, the first one for <c>any</c>, null when none is forced.</summary>
    public static string? ForcedTool(ReadOnlySpan<byte> parameters, RequestFacts facts)
    {
        if (!facts.ToolChoice.Any)
        {
            return null;
        }

        using var choice = JsonDocument.Parse(facts.ToolChoice.Of(parameters).ToArray());
        return choice.RootElement.ValueKind != JsonValueKind.Object || !choice.RootElement.TryGetProperty("type"u8, out var type) ? null
            : type.ValueEquals("tool"u8) && choice.RootElement.TryGetProperty("name"u8, out var name) ? name.GetString()
            : type.ValueEquals("any"u8) ? FirstTool(parameters, facts)
            : null;
    }

    public static byte[]? ToolSchema(ReadOnlySpan<byte> parameters, RequestFacts facts, string name)
    {
        if (!facts.Tools.Any)
        {
            return null;
        }

        using var tools = JsonDocument.Parse(facts.Tools.Of(parameters).ToArray());
        foreach (var tool in tools.RootElement.ValueKind == JsonValueKind.Array ? tools.RootElement.EnumerateArray() : default)
        {
            if (tool.TryGetProperty("name"u8, out var known) && known.ValueEquals(name))
            {
                return tool.TryGetProperty("input_schema"u8, out var schema) ? Encoding.UTF8.GetBytes(schema.GetRawText()) : "{}"u8.ToArray();
            }
        }

        return null;
    }

    private static string? FirstTool(ReadOnlySpan<byte> parameters, RequestFacts facts)
    {
        if (!facts.Tools.Any)
        {
            return "any";
        }

        using var tools = JsonDocument.Parse(facts.Tools.Of(parameters).ToArray());
        return tools.RootElement.EnumerateArray().FirstOrDefault() is { ValueKind: JsonValueKind.Object } first
            && first.TryGetProperty("name"u8, out var name) ? name.GetString() : "any";
    }

    private static RowError? JudgeSources(ReadOnlySpan<byte> parameters, RequestFacts facts)
    {
        if (!facts.HasUrlSource)
        {
            return null;
        }

        using var messages = JsonDocument.Parse(facts.Messages.Of(parameters).ToArray());
        foreach (var url in Urls(messages.RootElement))
        {
            if (!Uri.TryCreate(url, UriKind.Absolute, out var address) || DeadHosts.Any(d => address.Host.Contains(d, StringComparison.Ordinal)))
            {
                return new RowError(Invalid, "Unable to download the file. Please verify the URL and try again.", FromWorker: true);
            }
        }

        return null;
    }

    private static IEnumerable<string> Urls(JsonElement messages) =>
        from message in messages.EnumerateArray()
        where message.ValueKind == JsonValueKind.Object
        from content in message.TryGetProperty("content"u8, out var c) && c.ValueKind == JsonValueKind.Array ? c.EnumerateArray() : default
        where content.ValueKind == JsonValueKind.Object && content.TryGetProperty("source"u8, out var s) && s.ValueKind == JsonValueKind.Object
        let source = content.GetProperty("source"u8)
        where source.TryGetProperty("url"u8, out var u) && u.ValueKind == JsonValueKind.String
        select source.GetProperty("url"u8).GetString();
}
