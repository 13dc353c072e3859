using Muster.Claude;
using Muster.Jobs;
using Muster.Runs;
using Muster.Verdicts;

namespace Muster.Batches;

/// <summary>What a batch may cost, reserved against the cap before it is sent and settled by the returned usage after.</summary>
internal static class SpendEstimate
{
    /// <summary>Bytes of a request to a token of prompt: low for prose, so the reserve is rather too large.</summary>
    private const double BytesPerToken = 3.0;

    /// <summary>Answers rarely fill their cap; without a measured figure this share of it is expected.</summary>
    private const double ShareOfCap = 0.4;

    public static long? Cap(Job job) => job.Budget.Usd is { } usd ? Usd.ToPico(usd) : null;

    /// <summary>Output tokens to expect for one row of a tier.</summary>
    public static double OutputTokens(TierSpec tier) => tier.ExpectedOutputTokens ?? Math.Ceiling(tier.MaxTokens * ShareOfCap);

    /// <summary>Why nothing of a tier may be sent: a cap that cannot be compared with anything is none. Null when it can, or there is no cap.</summary>
    public static string? WhyUnpriced(RunContext context, int tier, Lane lane) =>
        Limit(context.Job, lane) is var (field, usd) && context.Job.Tiers[tier].Model is var model && context.Tools.Prices.Find(model) is null
            ? $"{Reasons.CostCap}: tiers[{tier}] asks {Excerpt.Quoted(model)}, which has no price, so the cap of {Usd.Text(Usd.ToPico(usd))} cannot be enforced;"
                + $" add the model to a price file named by {Prices.PathVariable}, or remove `{field}`, and run again"
            : null;

    private static (string Field, decimal Usd)? Limit(Job job, Lane lane) =>
        job.Budget.Usd is { } budget ? ("budget.usd", budget)
        : lane == Lane.Synchronous && job.Fallback is { } fallback ? ("fallback", fallback.Usd)
        : null;

    /// <summary>Zero for a model without a price, of which nothing is sent under a cap: its cost is unknown.</summary>
    public static long PicoUsd(RunContext context, int tier, BatchDraft draft, PriceChannel channel) =>
        PicoUsd(context.Job.Tiers[tier], draft.BodyBytes, draft.Requests, context.Tools.Prices, DateOnly.FromDateTime(context.Now.UtcDateTime), channel) ?? 0;

    /// <summary>Null for a model without a price.</summary>
    public static long? PicoUsd(TierSpec tier, long bodyBytes, long requests, Prices prices, DateOnly on, PriceChannel channel = PriceChannel.Batch)
    {
        // Prices with a threshold go by single requests; the average one decides here.
        var average = new PricedTokens((long)(bodyBytes / BytesPerToken) / requests, (long)(OutputTokens(tier) * requests) / requests);
        return prices.PicoUsd(average, tier.Model, on, channel) * requests;
    }
}
