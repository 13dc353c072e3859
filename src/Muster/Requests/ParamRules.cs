using Muster.Claude;
using Muster.Jobs;

namespace Muster.Requests;

/// <summary>The request rules for a tier's <c>params</c>.</summary>
internal static class ParamRules
{
    private const string NotInBatches = "the Message Batches API does not support it: each request would end in an error";
    private const string Sampling = "API version 2026-10-21 has no sampling parameters and refuses the request, whatever the value";

    private static readonly Dictionary<string, Refusal> Refused = new()
    {
        ["model"] = new("the tier's own `model` says it", "Remove it."),
        ["messages"] = new("the prompt's `user` template makes the messages", "Remove it and write the text into `prompt.user`."),
        ["max_tokens"] = new("the tier's own `max_tokens` says it", "Remove it."),
        ["system"] = new("the prompt's `system` template makes it", "Remove it and write the text into `prompt.system`."),
        ["output_config"] = new("`effort` and `structured_output` make it", "Remove it and set those of the tier."),
        ["thinking"] = new("the tier's own `thinking` says it", "Remove it and set `thinking` of the tier."),
        ["speed"] = new(NotInBatches, "Remove it; fast mode is for single requests."),
        ["store"] = new(NotInBatches, "Remove it; Muster keeps the answers itself."),
        ["previous_thread_event_id"] = new(NotInBatches, "Remove it; each row is a conversation of its own."),
        ["cache_hint"] = new(NotInBatches, "Remove it."),
        ["context_hint"] = new(NotInBatches, "Remove it."),
        ["fallbacks"] = new(NotInBatches, "Remove it and add a further tier."),
        ["betas"] = new("betas go into a header of the whole batch, and as a field of a request they are an unknown one", "Remove it."),
        ["temperature"] = new(Sampling, "Remove it."),
        ["top_p"] = new(Sampling, "Remove it."),
        ["top_k"] = new(Sampling, "Remove it."),
    };

    private static readonly string[] Known =
    [
        "stream", "stop_sequences", "metadata", "service_tier", "tools", "tool_choice", "inference_geo", "container", "mcp_servers",
        "context_management", "cache_control", "user_profile_id", "research_preview_2026_02",
    ];

    public static IEnumerable<RuleFinding> Check(TierSpec tier, string where, ModelFacts? model)
    {
        foreach (var (name, json) in tier.Params.OrderBy(p => p.Key, StringComparer.Ordinal))
        {
            var at = $"{where}.params.{name}";
            if (Refused.TryGetValue(name, out var refusal))
            {
                yield return RequestRules.Fault(at, $"`{name}` is refused: {refusal.Why}", refusal.Hint);
            }
            else if (name == "stream" && json != "false")
            {
                yield return RequestRules.Fault(at, $"`stream` is refused: {NotInBatches}", "Remove it; results are read as a stream anyway.");
            }
            else if (name == "research_preview_2026_02" && json == "\"active\"")
            {
                yield return RequestRules.Fault(at, $"`{name}: active` is refused: {NotInBatches}", "Remove it.");
            }
            else if (!Known.Contains(name))
            {
                yield return RequestRules.Warning(at, $"`{name}` is not a request field that Muster knows; an unknown one fails every request.{Closest.Question(name, Known)}", "Check its name, and try one row with `muster pilot` first.");
            }
        }

        foreach (var finding in ToolRules.Check(tier, where, model))
        {
            yield return finding;
        }
    }

    private readonly record struct Refusal(string Why, string Hint);
}
