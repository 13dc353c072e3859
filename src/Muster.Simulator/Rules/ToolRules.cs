using System.Text.Json;

namespace Muster.Simulator.Rules;

/// <summary>
/// What refuses a list of tools. The text of an unknown member follows the captured one; a server tool (one with a type of its
/// own) is taken as it is.
/// </summary>
internal static class ToolRules
{
    private static readonly HashSet<string> CustomMembers = new(StringComparer.Ordinal)
    {
        "type", "name", "description", "input_schema", "cache_control", "strict", "defer_loading", "allowed_callers", "input_examples",
        "eager_input_streaming",
    };

    public static string? Judge(ReadOnlySpan<byte> raw)
    {
        using var tools = JsonDocument.Parse(raw.ToArray());
        if (tools.RootElement.ValueKind != JsonValueKind.Array)
        {
            return "tools: Input should be a valid list";
        }

        var index = 0;
        foreach (var tool in tools.RootElement.EnumerateArray())
        {
            if (JudgeOne(tool, $"tools.{index++}") is { } refused)
            {
                return refused;
            }
        }

        return null;
    }

    private static string? JudgeOne(JsonElement tool, string at)
    {
        if (tool.ValueKind != JsonValueKind.Object)
        {
            return $"{at}: {CreateRules.NotAnObject}";
        }

        if (tool.TryGetProperty("type"u8, out var type) && !type.ValueEquals("custom"u8) && type.ValueKind != JsonValueKind.Null)
        {
            return null;
        }

        foreach (var member in tool.EnumerateObject())
        {
            if (!CustomMembers.Contains(member.Name))
            {
                return CreateRules.Extra($"{at}.custom.{member.Name}");
            }
        }

        return !tool.TryGetProperty("name"u8, out _) ? $"{at}.custom.name: Field required"
            : !tool.TryGetProperty("input_schema"u8, out _) ? $"{at}.custom.input_schema: Field required"
            : null;
    }
}
