namespace Muster.Jobs;

internal sealed partial class JobReader
{
    private static readonly string[] Efforts = ["low", "medium", "high", "xhigh", "max"];

    private List<TierSpec>? Tiers(MapReader map)
    {
        if (map.Take("tiers") is not { } node)
        {
            return null;
        }

        if (node is not YamlList list)
        {
            return map.Wrong<List<TierSpec>>(node, "tiers", "a list of models, smallest first");
        }

        if (list.Elements.Count is 0 or > JobBounds.MaxTiers)
        {
            return map.Wrong<List<TierSpec>>(node, "tiers", $"1 to {JobBounds.MaxTiers} models, found {list.Elements.Count}");
        }

        var tiers = new List<TierSpec>();
        for (var i = 0; i < list.Elements.Count; i++)
        {
            if (map.AsMap(list.Elements[i], $"tiers[{i}]", JobFields.Tier) is { } tier && Tier(tier) is { } read)
            {
                tiers.Add(read);
            }
        }

        return tiers;
    }

    private TierSpec? Tier(MapReader map)
    {
        var model = map.Text("model");
        var maxTokens = map.Whole("max_tokens", 1, JobBounds.MaxOutputTokens);
        var (thinking, budget) = Thinking(map);
        var effort = map.Word("effort", Efforts);
        var isStructured = map.Flag("structured_output") ?? true;
        var expected = map.Whole("expected_output_tokens", 1, JobBounds.MaxOutputTokens);
        var parameters = Params(map);
        map.Done();
        return model is null || maxTokens is null
            ? null
            : new TierSpec(model, maxTokens.Value)
            {
                Thinking = thinking,
                ThinkingBudgetTokens = budget,
                Effort = effort,
                StructuredOutput = isStructured,
                ExpectedOutputTokens = expected,
                Params = parameters,
            };
    }

    private static ThinkingChoice Thinking(MapReader map)
    {
        if (map.Take("thinking") is not { } node)
        {
            return new ThinkingChoice(ThinkingKind.Unset, null);
        }

        if (node is not YamlMap)
        {
            var kind = (node as YamlScalar)?.Text switch
            {
                "off" => ThinkingKind.Disabled,
                "adaptive" => ThinkingKind.Adaptive,
                _ => ThinkingKind.Unset,
            };
            if (kind == ThinkingKind.Unset)
            {
                map.Wrong<string>(node, "thinking", "off, adaptive or { budget: TOKENS }");
            }

            return new ThinkingChoice(kind, null);
        }

        var inner = map.AsMap(node, "thinking", JobFields.ThinkingBudget)!;
        var budget = inner.Whole("budget", 1, JobBounds.MaxOutputTokens);
        inner.Done();
        return new ThinkingChoice(ThinkingKind.Enabled, budget);
    }

    private Dictionary<string, string> Params(MapReader map)
    {
        var parameters = new Dictionary<string, string>();
        if (map.Take("params") is not { } node)
        {
            return parameters;
        }

        if (node is not YamlMap written)
        {
            map.Wrong<string>(node, "params", "a map of request fields");
            return parameters;
        }

        foreach (var entry in written.Entries)
        {
            parameters.Add(entry.Name, YamlJson.Write(entry.Value, map.PathOf($"params.{entry.Name}"), faults));
        }

        return parameters;
    }

    private readonly record struct ThinkingChoice(ThinkingKind Kind, int? BudgetTokens);
}
