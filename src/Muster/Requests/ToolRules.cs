using System.Text.Json;
using Muster.Claude;
using Muster.Jobs;

namespace Muster.Requests;

/// <summary>
/// The request rules for <c>tools</c> and <c>tool_choice</c>. Only tools that the API runs itself can work in a batch: for any other
/// the answer is a call that somebody must answer in a second request.
/// </summary>
internal static class ToolRules
{
    private static readonly string[] ServerTools =
        ["web_search", "web_fetch", "code_execution", "tool_search_tool", "advisor", "mcp_toolset"];

    public static IEnumerable<RuleFinding> Check(TierSpec tier, string where, ModelFacts? model)
    {
        var names = new List<string>();
        if (tier.Params.TryGetValue("tools", out var json))
        {
            using var tools = JsonDocument.Parse(json);
            foreach (var finding in CheckTools(tools.RootElement, $"{where}.params.tools", names))
            {
                yield return finding;
            }
        }

        if (tier.Params.TryGetValue("tool_choice", out var choiceJson))
        {
            using var choice = JsonDocument.Parse(choiceJson);
            foreach (var finding in CheckChoice(choice.RootElement, tier, $"{where}.params.tool_choice", names, model))
            {
                yield return finding;
            }
        }
    }

    private static IEnumerable<RuleFinding> CheckTools(JsonElement tools, string at, List<string> names)
    {
        if (tools.ValueKind != JsonValueKind.Array)
        {
            yield return RequestRules.Fault(at, $"expected a list of tools, found {Excerpt.Quoted(tools.GetRawText())}", "Write each tool as a map in a list.");
            yield break;
        }

        for (var i = 0; i < tools.GetArrayLength(); i++)
        {
            var type = TextOf(tools[i], "type");
            var name = TextOf(tools[i], "name") ?? type ?? "";
            names.Add(name);
            if (type is null || !ServerTools.Any(known => IsVersionOf(type, known)))
            {
                yield return RequestRules.Fault(
                    $"{at}[{i}]",
                    $"the tool {Excerpt.Quoted(name)} expects a result from you: the model would stop at its call, and a batch has no second turn",
                    "Remove it. For answers in a fixed form, set `structured_output: true`; only tools that the API runs itself, such as web_search, work in a batch.");
            }
        }
    }

    private static IEnumerable<RuleFinding> CheckChoice(JsonElement choice, TierSpec tier, string at, List<string> names, ModelFacts? model)
    {
        var type = TextOf(choice, "type");
        if (type is not ("auto" or "none" or "any" or "tool"))
        {
            yield return RequestRules.Fault(at, $"expected type auto, none, any or tool, found {Excerpt.Quoted(choice.GetRawText())}", "Write it as `tool_choice: { type: auto }`.");
            yield break;
        }

        if (type is "any" or "tool" && model is { TakesForcedTools: false })
        {
            yield return RequestRules.Fault(at, $"{tier.Model} refuses a forced tool", "Remove it; `structured_output: true` gives answers in a fixed form.");
        }

        var name = TextOf(choice, "name");
        if (type == "tool" && (name is null || !names.Contains(name)))
        {
            yield return RequestRules.Fault(at, $"names the tool {Excerpt.Quoted(name ?? "")}, which `tools` does not list.{Closest.Question(name ?? "", names)}", "Name a tool of the list.");
        }
        else if (type == "any" && names.Count == 0)
        {
            yield return RequestRules.Fault(at, "asks for a tool, and `tools` lists none", "Remove it.");
        }
    }

    // web_search_20250305 is a version of web_search; web_searcher is another tool.
    private static bool IsVersionOf(string type, string known) =>
        type == known || (type.StartsWith(known + "_", StringComparison.Ordinal) && type.AsSpan(known.Length + 1).IndexOfAnyExcept("0123456789abcdefghijklmnopqrstuvwxyz_") < 0);

    private static string? TextOf(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : null;
}
