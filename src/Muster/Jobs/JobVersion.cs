using System.Buffers;
using System.Security.Cryptography;
using System.Text.Json;

namespace Muster.Jobs;

/// <summary>The hash of everything in a job that changes answers.</summary>
internal static class JobVersion
{
    private const int HexChars = 12;

    /// <summary>
    /// 12 hexadecimal characters over prompt, values, tiers, contract, human queue and what follows a violation. Source, target,
    /// budget, limits, fallback, pilot and white space in JSON do not take part. Order within JSON does: a model answers in it.
    /// </summary>
    public static string Of(Job job)
    {
        var bytes = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(bytes))
        {
            json.WriteStartArray();
            json.WriteNumberValue(1);
            json.WriteStringValue(job.Prompt.System);
            json.WriteStringValue(job.Prompt.User);
            WriteTexts(json, job.Prompt.Values);
            foreach (var tier in job.Tiers)
            {
                WriteTier(json, tier);
            }

            json.WriteStringValue(YamlJson.Compacted(job.Contract.SchemaJson));
            json.WriteStringValue(job.Contract.HumanQueueJson is { } queue ? YamlJson.Compacted(queue) : null);
            json.WriteStringValue(job.Contract.OnViolation.ToString());
            json.WriteEndArray();
        }

        return Convert.ToHexStringLower(SHA256.HashData(bytes.WrittenSpan))[..HexChars];
    }

    private static void WriteTier(Utf8JsonWriter json, TierSpec tier)
    {
        json.WriteStartArray();
        json.WriteStringValue(tier.Model);
        json.WriteNumberValue(tier.MaxTokens);
        json.WriteStringValue(tier.Thinking.ToString());
        json.WriteNumberValue(tier.ThinkingBudgetTokens ?? 0);
        json.WriteStringValue(tier.Effort);
        json.WriteBooleanValue(tier.StructuredOutput);
        WriteTexts(json, tier.Params.ToDictionary(p => p.Key, p => YamlJson.Compacted(p.Value)));
        json.WriteEndArray();
    }

    private static void WriteTexts(Utf8JsonWriter json, IReadOnlyDictionary<string, string> texts)
    {
        json.WriteStartObject();
        foreach (var (name, text) in texts.OrderBy(t => t.Key, StringComparer.Ordinal))
        {
            json.WriteString(name, text);
        }

        json.WriteEndObject();
    }
}
