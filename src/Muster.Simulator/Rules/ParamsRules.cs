using System.Text;
using System.Text.Json;

namespace Muster.Simulator.Rules;

/// <summary>The error of one request: what its result carries in a batch, and what the sync endpoint answers at once.</summary>
/// <param name="FromWorker">True when it comes from the work on the request, and so carries a request id of its own.</param>
internal sealed record RowError(string Type, string Message, bool FromWorker = false);

/// <summary>What refuses the params of one request, in the service's words. Source of every text: section 2.3 of the API reference.</summary>
internal static class ParamsRules
{
    /// <summary>Cache marks that one request may carry.</summary>
    public const int MaxMarks = 4;

    private const string Invalid = "invalid_request_error";

    public static RowError? Judge(ReadOnlySpan<byte> parameters, RequestFacts facts, ModelFacts? model, Terms terms)
    {
        if (facts.WrongKind is { } wrongKind)
        {
            return new RowError(Invalid, wrongKind);
        }

        if (facts.Unknown is { } unknown)
        {
            return new RowError(Invalid, CreateRules.Extra(unknown));
        }

        if (terms.Mode == Mode.Batch && facts.Unsupported is { } unsupported)
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

        if (terms.Mode == Mode.Batch && facts.Streams)
        {
            return new RowError(Invalid, "\"stream=True\" is not supported in the Message Batches API");
        }

        if (model is null)
        {
            return new RowError("not_found_error", $"model: {Encoding.UTF8.GetString(facts.Model.Of(parameters))}");
        }

        return JudgeNumbers(maxTokens, model, terms)
            ?? JudgeSampling(facts, model, terms)
            ?? JudgeMarks(parameters, facts)
            ?? JudgeTools(parameters, facts)
            ?? (facts.NeedsCloseLook ? BlockRules.Judge(parameters, facts, terms) : null);
    }

    /// <summary>What 2026-10-21 breaks: the one part that may be refused at create or per request, as a switch says.</summary>
    public static RowError? JudgeNewVersion(ReadOnlySpan<byte> parameters, RequestFacts facts, ModelFacts model, Terms terms) =>
        JudgeSampling(facts, model, terms) ?? (facts.NeedsCloseLook ? BlockRules.JudgeNewVersion(parameters, facts) : null);

    private static RowError? JudgeSampling(RequestFacts facts, ModelFacts model, Terms terms) =>
        facts.HasSampling && (terms.IsNew || !model.TakesSampling)
            ? new RowError(Invalid, $"{facts.SamplingName}: this parameter is not supported for {model.Id}")
            : null;

    private static RowError? JudgeNumbers(long maxTokens, ModelFacts model, Terms terms)
    {
        var most = terms.LongOutput && model.LongOutput ? ModelFacts.LongestOutput : model.MaxOutput;
        return maxTokens < (terms.Mode == Mode.Batch ? 1 : 0) ? new RowError(Invalid, "max_tokens: must be greater than or equal to 1")
            : maxTokens > most ? new RowError(Invalid, $"max_tokens: {maxTokens} > {most}, "
                + $"which is the maximum allowed number of output tokens for {model.Id}")
            : null;
    }

    private static RowError? JudgeMarks(ReadOnlySpan<byte> parameters, RequestFacts facts)
    {
        var count = facts.MessageMarks.Count + (facts.WholeMark is null ? 0 : 1)
            + MarksIn(facts.System.Of(parameters)) + MarksIn(facts.Tools.Of(parameters));
        return count > MaxMarks
            ? new RowError(Invalid, $"A maximum of {MaxMarks} blocks with cache_control may be provided. Found {count}.")
            : null;
    }

    /// <summary>At least as many as there are; only a prompt that talks about marks could count too many.</summary>
    private static int MarksIn(ReadOnlySpan<byte> part) => part.IsEmpty || part[0] != (byte)'[' ? 0 : part.Count("\"cache_control\""u8);

    private static RowError? JudgeTools(ReadOnlySpan<byte> parameters, RequestFacts facts)
    {
        if (facts.Tools.Any && ToolRules.Judge(facts.Tools.Of(parameters)) is { } refused)
        {
            return new RowError(Invalid, refused);
        }

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
}
