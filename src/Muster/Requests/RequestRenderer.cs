using System.Buffers;
using System.Globalization;
using System.Text;
using Muster.Jobs;
using Muster.Sources;
using Muster.Verdicts;

namespace Muster.Requests;

/// <summary>
/// Writes the requests of one tier as they stand in a create body: <c>{"custom_id":…,"params":{…}}</c>. The same row and variant give
/// the same bytes. What does not depend on the row is rendered once. Immutable; each worker brings its own <see cref="RowInput"/>.
/// </summary>
internal sealed class RequestRenderer
{
    /// <summary>The API's cap on a single message, 32 MB, read as the smaller of its two meanings.</summary>
    public const int DefaultMaxBytes = 32_000_000;

    private const int MaxRejectionChars = 2_000;

    private readonly PromptTemplates prompt;
    private readonly byte[] start;
    private readonly byte[] startWithLargerCap;
    private readonly byte[]? constantSystem;
    private readonly byte[] end;
    private readonly int maxBytes;

    /// <param name="prompt">The templates, bound to the source's columns.</param>
    /// <param name="tier">Model and parameters.</param>
    /// <param name="apiSchemaJson">What <c>output_config.format</c> carries when the tier wants structured output; null for none.</param>
    /// <param name="modelMaxOutput">The model's cap on output tokens, null when unknown.</param>
    /// <param name="maxBytes">A request with more bytes than this is refused.</param>
    public RequestRenderer(PromptTemplates prompt, TierSpec tier, string? apiSchemaJson, int? modelMaxOutput = null, int maxBytes = DefaultMaxBytes)
    {
        this.prompt = prompt;
        this.maxBytes = maxBytes;
        LargerCap = Math.Max(tier.MaxTokens, (int)Math.Min(2L * tier.MaxTokens, modelMaxOutput ?? int.MaxValue));
        start = Start(tier, tier.MaxTokens);
        startWithLargerCap = Start(tier, LargerCap);
        constantSystem = prompt.System?.Constant;
        end = Encoding.UTF8.GetBytes(End(tier, apiSchemaJson));
    }

    /// <summary>The <c>max_tokens</c> of <see cref="RequestVariant.LargerCap"/>; the tier's own when the model allows no more.</summary>
    public int LargerCap { get; }

    /// <summary>Writes one request, or nothing when the row cannot be asked.</summary>
    public Rendered Render(ReadOnlySpan<byte> customId, RowInput row, RequestVariant variant, IBufferWriter<byte> to)
    {
        if (prompt.User.IsBlank(row))
        {
            return Refused($"{Reasons.RenderFailed}.input_missing", "the user message is empty: the columns it is made of hold nothing in this row");
        }

        var buffer = row.Buffer;
        buffer.CutTo(0);
        buffer.Write("{\"custom_id\":\""u8);
        buffer.Write(customId);
        buffer.Write(variant.Kind == VariantKind.LargerCap ? startWithLargerCap : start);
        WriteSystem(row, buffer);
        buffer.Write(",\"messages\":[{\"role\":\"user\",\"content\":\""u8);
        prompt.User.Render(row, buffer);
        if (variant.Rejection is { } rejection)
        {
            buffer.Write("\\n\\nYour previous answer was rejected: "u8);
            JsonText.WriteEscaped(buffer, Encoding.UTF8.GetBytes(Cut(rejection)));
        }

        buffer.Write(end);
        if (buffer.Length > maxBytes)
        {
            return Refused(Reasons.InputTooLarge, string.Create(CultureInfo.InvariantCulture, $"the request has {buffer.Length:N0} bytes; at most {maxBytes:N0} are sent"));
        }

        to.Write(buffer.Written);
        return new Rendered(buffer.Length, Fault: null);
    }

    private void WriteSystem(RowInput row, RequestBuffer buffer)
    {
        // A blank system prompt is left out: the API refuses blank text.
        if (prompt.System is not { } system || system.IsBlank(row))
        {
            return;
        }

        buffer.Write(",\"system\":\""u8);
        if (constantSystem is not null)
        {
            buffer.Write(constantSystem);
        }
        else
        {
            system.Render(row, buffer);
        }

        buffer.Write("\""u8);
    }

    private static byte[] Start(TierSpec tier, int maxTokens) =>
        Encoding.UTF8.GetBytes($"\",\"params\":{{\"model\":{Quoted(tier.Model)},\"max_tokens\":{maxTokens}");

    private static string End(TierSpec tier, string? apiSchemaJson)
    {
        var json = new StringBuilder("\"}]");
        switch (tier.Thinking)
        {
            case ThinkingKind.Disabled:
                json.Append(",\"thinking\":{\"type\":\"disabled\"}");
                break;
            case ThinkingKind.Adaptive:
                json.Append(",\"thinking\":{\"type\":\"adaptive\"}");
                break;
            case ThinkingKind.Enabled:
                json.Append(CultureInfo.InvariantCulture, $",\"thinking\":{{\"type\":\"enabled\",\"budget_tokens\":{tier.ThinkingBudgetTokens}}}");
                break;
        }

        AppendOutputConfig(json, tier, tier.StructuredOutput ? apiSchemaJson : null);
        foreach (var (name, value) in tier.Params.OrderBy(p => p.Key, StringComparer.Ordinal))
        {
            json.Append(',').Append(Quoted(name)).Append(':').Append(YamlJson.Compacted(value));
        }

        return json.Append("}}").ToString();
    }

    private static void AppendOutputConfig(StringBuilder json, TierSpec tier, string? schema)
    {
        if (tier.Effort is null && schema is null)
        {
            return;
        }

        json.Append(",\"output_config\":{");
        if (tier.Effort is not null)
        {
            json.Append("\"effort\":").Append(Quoted(tier.Effort)).Append(schema is null ? "" : ",");
        }

        if (schema is not null)
        {
            json.Append("\"format\":{\"type\":\"json_schema\",\"schema\":").Append(YamlJson.Compacted(schema)).Append('}');
        }

        json.Append('}');
    }

    private static string Quoted(string text) => $"\"{Encoding.UTF8.GetString(JsonText.Escaped(text))}\"";

    private static string Cut(string text)
    {
        if (text.Length <= MaxRejectionChars)
        {
            return text;
        }

        var length = char.IsHighSurrogate(text[MaxRejectionChars - 1]) ? MaxRejectionChars - 1 : MaxRejectionChars;
        return text[..length] + "…";
    }

    private static Rendered Refused(string reason, string detail) => new(0, new SourceFault(reason, detail));
}
