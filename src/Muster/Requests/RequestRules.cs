using Muster.Claude;
using Muster.Jobs;

namespace Muster.Requests;

/// <summary>
/// Checks a job's tiers for everything the API would refuse in each request, at create or hours later on each line, and for what
/// cannot work in a batch. The facts are those of the Message Batches API under version 2026-10-21.
/// </summary>
internal static class RequestRules
{
    public const int MinThinkingBudgetTokens = 1_024;

    /// <summary>Below this, a model that thinks may spend the whole of <c>max_tokens</c> before it answers.</summary>
    public const int RoomToThinkTokens = 1_024;

    /// <summary>
    /// Longer answers of a call that is not streamed may take longer than the 10 minutes that are waited for it: the official SDKs count on
    /// 128,000 tokens an hour, and refuse such a call.
    /// </summary>
    public const int MaxUnstreamedTokens = 128_000 * 10 / 60;

    private const int RetiringSoonDays = 30;

    public static IReadOnlyList<RuleFinding> Check(Job job, Prices prices, DateOnly today)
    {
        var findings = new List<RuleFinding>();
        for (var i = 0; i < job.Tiers.Count; i++)
        {
            findings.AddRange(Check(job.Tiers[i], $"tiers[{i}]", prices, today));
            if (job.Fallback is not null && job.Tiers[i].MaxTokens > MaxUnstreamedTokens)
            {
                findings.Add(Warning(
                    $"tiers[{i}].max_tokens",
                    $"{job.Tiers[i].MaxTokens} tokens may take a call of the synchronous lane longer than the 10 minutes that its reply is waited for; such a call is lost, and may be billed",
                    $"Write at most {MaxUnstreamedTokens}, or remove `fallback`."));
            }
        }

        return findings;
    }

    /// <summary>The findings for one tier.</summary>
    /// <param name="tier">What is checked.</param>
    /// <param name="where">Its place in the job file.</param>
    /// <param name="prices">What is known of models.</param>
    /// <param name="today">Decides which models are retired.</param>
    public static IEnumerable<RuleFinding> Check(TierSpec tier, string where, Prices prices, DateOnly today)
    {
        var model = prices.Find(tier.Model);
        return ModelRules(tier, where, model, prices, today)
            .Concat(TokenRules(tier, where, model))
            .Concat(ThinkingRules(tier, where, model))
            .Concat(ParamRules.Check(tier, where, model));
    }

    private static IEnumerable<RuleFinding> ModelRules(TierSpec tier, string where, ModelFacts? model, Prices prices, DateOnly today)
    {
        var at = $"{where}.model";
        if (model is null)
        {
            yield return Warning(
                at,
                $"the model {Excerpt.Quoted(tier.Model)} is not in the price file of {prices.File.AsOf:yyyy-MM-dd}; its cost and limits are unknown.{Closest.Question(tier.Model, prices.ModelIds)}",
                $"Check the id, or add the model to a price file named by {Prices.PathVariable}; a run with `budget.usd` pauses before it asks a model without a price.");
            yield break;
        }

        if (model.Retires <= today)
        {
            yield return Fault(at, $"{tier.Model} is retired since {model.Retires:yyyy-MM-dd}; every request would end in not_found_error", "Choose a current model.");
        }
        else if (model.Retires <= today.AddDays(RetiringSoonDays))
        {
            yield return Warning(at, $"{tier.Model} is retired on {model.Retires:yyyy-MM-dd}", "Choose a current model before that day; a batch may take 24 hours.");
        }

        if (model.RetiresNotBefore <= today.AddDays(RetiringSoonDays))
        {
            yield return Warning(at, $"{tier.Model} may be retired from {model.RetiresNotBefore:yyyy-MM-dd} on", "Choose a current model.");
        }

        if (model.Note is not null)
        {
            yield return Warning(at, $"{tier.Model} is {model.Note}", "Check that your organization may and wants to use it.");
        }
    }

    private static IEnumerable<RuleFinding> TokenRules(TierSpec tier, string where, ModelFacts? model)
    {
        var at = $"{where}.max_tokens";
        if (tier.MaxTokens < 1)
        {
            yield return Fault(at, $"{tier.MaxTokens} is below 1, which a batch refuses", "Write the most tokens one answer may have.");
        }

        if (tier.MaxTokens > model?.MaxOutputTokens)
        {
            yield return Fault(at, $"{tier.MaxTokens} is more than {tier.Model} can give, {model.MaxOutputTokens}", $"Write at most {model.MaxOutputTokens}.");
        }

        var thinks = model is { AlwaysThinks: true } || (model is { ThinksByDefault: true } && tier.Thinking != ThinkingKind.Disabled);
        if (thinks && tier.MaxTokens is > 0 and < RoomToThinkTokens)
        {
            yield return Warning(
                at,
                $"{tier.Model} thinks before it answers, and thinking counts: {tier.MaxTokens} tokens may be spent before the first word",
                $"Write {RoomToThinkTokens} or more; only tokens that are used are paid for." + (model!.AlwaysThinks ? "" : " Or set `thinking: off`."));
        }
    }

    private static IEnumerable<RuleFinding> ThinkingRules(TierSpec tier, string where, ModelFacts? model)
    {
        var at = $"{where}.thinking";
        if (tier.Thinking == ThinkingKind.Disabled && model is { AlwaysThinks: true })
        {
            yield return Warning(at, $"{tier.Model} always thinks; turning it off may be refused", "Remove the line, or set `effort: low`.");
        }

        if (tier.Thinking != ThinkingKind.Enabled)
        {
            yield break;
        }

        if (model is { TakesThinkingBudget: false })
        {
            yield return Fault(at, $"{tier.Model} refuses a thinking budget", "Write `thinking: adaptive`, and `effort` for how much.");
        }

        if (tier.ThinkingBudgetTokens is null or < MinThinkingBudgetTokens)
        {
            yield return Fault($"{at}.budget", $"{tier.ThinkingBudgetTokens ?? 0} is below {MinThinkingBudgetTokens}, the API's least", $"Write {MinThinkingBudgetTokens} or more, or `thinking: off`.");
        }
        else if (tier.ThinkingBudgetTokens >= tier.MaxTokens)
        {
            yield return Fault($"{at}.budget", $"{tier.ThinkingBudgetTokens} leaves no room within max_tokens, {tier.MaxTokens}", "Write a max_tokens that holds the thinking and the answer.");
        }
    }

    internal static RuleFinding Fault(string where, string what, string hint) => new(RuleSeverity.Fault, where, what, hint);

    internal static RuleFinding Warning(string where, string what, string hint) => new(RuleSeverity.Warning, where, what, hint);
}
