namespace Muster.Jobs;

/// <summary>Names the parts that make two versions of a job two.</summary>
internal static class JobDifference
{
    /// <summary>As a person would say them, in the order of the job file; empty when both are the same version.</summary>
    public static IReadOnlyList<string> Between(Job earlier, Job now)
    {
        var parts = new List<string>();
        Add("the system prompt", earlier.Prompt.System, now.Prompt.System);
        Add("the user prompt", earlier.Prompt.User, now.Prompt.User);
        Add("the prompt's values", Texts(earlier.Prompt.Values), Texts(now.Prompt.Values));
        for (var tier = 0; tier < Math.Max(earlier.Tiers.Count, now.Tiers.Count); tier++)
            Add($"tier {tier + 1}", Tier(earlier, tier), Tier(now, tier));
        Add("the contract's schema", YamlJson.Compacted(earlier.Contract.SchemaJson), YamlJson.Compacted(now.Contract.SchemaJson));
        Add("contract.human_queue", earlier.Contract.HumanQueueJson, now.Contract.HumanQueueJson);
        Add("contract.on_violation", $"{earlier.Contract.OnViolation}", $"{now.Contract.OnViolation}");
        return parts;

        void Add(string name, string? then, string? since)
        {
            if (!string.Equals(then, since, StringComparison.Ordinal))
                parts.Add(name);
        }
    }

    private static string? Tier(Job job, int tier) => tier >= job.Tiers.Count ? null
        : JobVersion.Of(job with { Tiers = [job.Tiers[tier]], Prompt = new PromptSpec(null, "", new Dictionary<string, string>()), Contract = new ContractSpec("{}", "") });

    private static string Texts(IReadOnlyDictionary<string, string> texts) =>
        string.Join('\n', texts.OrderBy(text => text.Key, StringComparer.Ordinal).Select(text => $"{text.Key.Length}:{text.Key}{text.Value.Length}:{text.Value}"));
}
