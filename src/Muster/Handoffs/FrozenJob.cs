using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Muster.Jobs;

namespace Muster.Handoffs;

/// <summary>
/// The job as a run froze it, as a job file that can be run: JSON, which is YAML. Texts of files stand in it; alerts, whose addresses may be
/// secrets, and fields of <c>params</c> with a secret's name do not.
/// </summary>
internal static class FrozenJob
{
    private static readonly JsonWriterOptions Form = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <param name="schemaFile">The contract's file as the job file names it.</param>
    public static string ToYaml(Job job, string run, string schemaFile)
    {
        var bytes = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(bytes, Form))
        {
            json.WriteStartObject();
            json.WriteString("job", job.Name);
            Source(json, job.Source);
            Prompt(json, job.Prompt);
            json.WriteStartArray("tiers");
            foreach (var tier in job.Tiers)
                Tier(json, tier);
            json.WriteEndArray();
            Contract(json, job.Contract, schemaFile);
            if (job.Target is { } target)
                Target(json, target);
            Bounds(json, job);
            if (job.Fallback is { } fallback)
                Fallback(json, fallback);
            json.WriteEndObject();
        }

        return $"# {job.Name} as {run} was opened with. `muster check` reads it; alerts are left out.\n{Encoding.UTF8.GetString(bytes.WrittenSpan)}\n";
    }

    private static void Source(Utf8JsonWriter json, SourceSpec source)
    {
        json.WriteStartObject("source");
        var format = source.Format.ToString().ToLowerInvariant();
        if (source.Paths.Count == 1)
            json.WriteString(format, source.Paths[0]);
        else
            Texts(json, format, source.Paths);
        if (source.Query is not null)
            json.WriteString("query", source.Query);
        if (source.Key.FromContent)
        {
            json.WriteStartObject("key");
            Texts(json, "content", source.Key.Columns);
            json.WriteEndObject();
        }
        else
        {
            json.WriteString("key", source.Key.Columns[0]);
        }

        if (source.Key.Sensitive)
            json.WriteBoolean("sensitive_key", true);
        json.WriteNumber("max_field_chars", source.MaxFieldChars);
        json.WriteEndObject();
    }

    private static void Prompt(Utf8JsonWriter json, PromptSpec prompt)
    {
        json.WriteStartObject("prompt");
        if (prompt.System is not null)
            json.WriteString("system", prompt.System);
        json.WriteString("user", prompt.User);
        if (prompt.Values.Count > 0)
        {
            json.WriteStartObject("values");
            foreach (var (name, text) in prompt.Values)
                json.WriteString(name, text);
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    private static void Tier(Utf8JsonWriter json, TierSpec tier)
    {
        json.WriteStartObject();
        json.WriteString("model", tier.Model);
        json.WriteNumber("max_tokens", tier.MaxTokens);
        if (tier.Thinking is ThinkingKind.Disabled or ThinkingKind.Adaptive)
            json.WriteString("thinking", tier.Thinking == ThinkingKind.Disabled ? "off" : "adaptive");
        if (tier.ThinkingBudgetTokens is { } budget)
        {
            json.WriteStartObject("thinking");
            json.WriteNumber("budget", budget);
            json.WriteEndObject();
        }

        if (tier.Effort is not null)
            json.WriteString("effort", tier.Effort);
        if (!tier.StructuredOutput)
            json.WriteBoolean("structured_output", false);
        if (tier.ExpectedOutputTokens is { } expected)
            json.WriteNumber("expected_output_tokens", expected);
        if (tier.Params.Count > 0)
        {
            json.WriteStartObject("params");
            foreach (var (name, value) in tier.Params)
            {
                using var document = JsonDocument.Parse(value);
                json.WritePropertyName(name);
                Param(json, name, document.RootElement);
            }

            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    private static void Param(Utf8JsonWriter json, string name, JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.String when Redaction.IsSecretName(name):
                json.WriteStringValue("[redacted]");
                break;
            case JsonValueKind.Object:
                json.WriteStartObject();
                foreach (var property in value.EnumerateObject())
                {
                    json.WritePropertyName(property.Name);
                    Param(json, property.Name, property.Value);
                }

                json.WriteEndObject();
                break;
            case JsonValueKind.Array:
                json.WriteStartArray();
                foreach (var element in value.EnumerateArray())
                    Param(json, name, element);
                json.WriteEndArray();
                break;
            default:
                value.WriteTo(json);
                break;
        }
    }

    private static void Contract(Utf8JsonWriter json, ContractSpec contract, string schemaFile)
    {
        json.WriteStartObject("contract");
        json.WriteString("schema", schemaFile);
        if (contract.HumanQueueJson is { } human)
        {
            json.WritePropertyName("human_queue");
            json.WriteRawValue(human);
        }

        json.WriteString("on_violation", contract.OnViolation == OnViolation.Reask ? "reask" : "escalate");
        json.WriteEndObject();
    }

    private static void Target(Utf8JsonWriter json, TargetSpec target)
    {
        json.WriteStartObject("target");
        json.WriteString(target.Kind.ToString().ToLowerInvariant(), target.Path);
        if (target.Table is not null)
            json.WriteString("table", target.Table);
        json.WriteString("key", target.KeyColumn);
        json.WriteBoolean("insert", target.Insert);
        json.WriteStartObject("columns");
        foreach (var column in target.Columns)
            json.WriteString(column.Column, column.Pointer);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void Bounds(Utf8JsonWriter json, Job job)
    {
        if (job.Slices.Count > 0)
            Texts(json, "slices", job.Slices);
        json.WriteStartObject("pilot");
        json.WriteNumber("rows", job.Pilot.Rows);
        if (job.Pilot.Pass is { } pass)
            json.WriteNumber("pass", pass);
        json.WriteBoolean("required", job.Pilot.Required);
        json.WriteEndObject();
        if (job.Evals is { } evals)
        {
            json.WriteStartObject("evals");
            json.WriteString("set", evals.SetPath);
            if (evals.GoldRows is { } gold)
                json.WriteNumber("gold_rows", gold);
            if (evals.Judge is not null)
                json.WriteString("judge", evals.Judge);
            json.WriteEndObject();
        }

        if (job.Budget is { Usd: not null } or { Failures: not null } or { Batches: not null })
        {
            json.WriteStartObject("budget");
            if (job.Budget.Usd is { } usd)
                json.WriteNumber("usd", usd);
            if (job.Budget.Failures is { } failures)
                json.WriteNumber("failures", failures);
            if (job.Budget.Batches is { } batches)
                json.WriteNumber("batches", batches);
            json.WriteEndObject();
        }

        json.WriteStartObject("limits");
        json.WriteNumber("batch_rows", job.Limits.BatchRows);
        json.WriteNumber("batch_bytes", job.Limits.BatchBytes);
        json.WriteNumber("queued_requests", job.Limits.QueuedRequests);
        json.WriteNumber("attempts", job.Limits.Attempts);
        json.WriteEndObject();
    }

    private static void Fallback(Utf8JsonWriter json, FallbackSpec fallback)
    {
        json.WriteStartObject("fallback");
        json.WriteNumber("usd", fallback.Usd);
        json.WriteNumber("concurrent", fallback.Concurrent);
        json.WriteEndObject();
    }

    private static void Texts(Utf8JsonWriter json, string name, IReadOnlyList<string> texts)
    {
        json.WriteStartArray(name);
        foreach (var text in texts)
            json.WriteStringValue(text);
        json.WriteEndArray();
    }
}
