using Muster.Claude;
using Muster.Jobs;
using Muster.Runs;

namespace Muster.Reports;

/// <summary>What one tier cost, and what the largest model would have cost for the rows that ended there.</summary>
/// <param name="Tier">From 0.</param>
/// <param name="Ended">Rows whose last request was made here.</param>
/// <param name="EstimatedPicoUsd">Reserved for its batches before they were sent.</param>
/// <param name="CostPicoUsd">Paid, for every request of the tier.</param>
/// <param name="ClimbedPicoUsd">Of that, paid for rows that went on to a further tier: the price of having tried here first.</param>
/// <param name="LargePicoUsd">The tokens of the other rows at the batch price of the largest model; null when that is not known.</param>
internal sealed record TierSaving(
    int Tier, string Model, long Ended, long Requests, long EstimatedPicoUsd, long CostPicoUsd, long ClimbedPicoUsd, long SyncPicoUsd, long? LargePicoUsd)
{
    /// <summary>Below zero when the tier cost more than it saved.</summary>
    public long? SavedPicoUsd => LargePicoUsd - CostPicoUsd;
}

/// <summary>
/// What the tiers cost and saved against asking the largest model, the last tier's, about every row at once. Rows are counted where they
/// ended: a row that went on to a further tier would have been asked there in any case, so what it cost before is a loss.
/// </summary>
/// <param name="LargeModel">Of the last tier.</param>
/// <param name="PricesAsOf">Of the prices that the largest model's tokens are counted at.</param>
internal sealed record TierSavings(string LargeModel, DateOnly PricesAsOf, IReadOnlyList<TierSaving> Tiers)
{
    public const string Caveat = "The same tokens at the largest model's batch price; that it may count or write more or fewer tokens is not in it.";

    public long CostPicoUsd => Tiers.Sum(tier => tier.CostPicoUsd);

    public long ClimbedPicoUsd => Tiers.Sum(tier => tier.ClimbedPicoUsd);

    public long EstimatedPicoUsd => Tiers.Sum(tier => tier.EstimatedPicoUsd);

    public long SyncPicoUsd => Tiers.Sum(tier => tier.SyncPicoUsd);

    public long? LargePicoUsd => Tiers.Any(tier => tier.LargePicoUsd is null) ? null : Tiers.Sum(tier => tier.LargePicoUsd);

    public long? SavedPicoUsd => LargePicoUsd - CostPicoUsd;

    /// <summary>False for one tier, which there is nothing to compare with, and before anything was paid.</summary>
    public bool IsTold => Tiers.Count > 1 && Tiers.Any(tier => tier.Requests > 0);

    public string Sentence => !IsTold ? "" : SavedPicoUsd switch
    {
        null => $"What {LargeModel} alone would have cost is not known: a model has no price.",
        < 0 => $"The tiers cost {Usd.Text(CostPicoUsd)}, {Usd.Text(-SavedPicoUsd.Value)} more than {LargeModel} alone, {Usd.Text(LargePicoUsd!.Value)}: too many rows went on to it.",
        _ => $"{LargeModel} alone would have cost {Usd.Text(LargePicoUsd!.Value)} for the same rows; the tiers cost {Usd.Text(CostPicoUsd)} and saved {Usd.Text(SavedPicoUsd.Value)}.",
    };

    public static TierSavings Of(Job job, Ladder ladder, Prices prices, DateOnly on)
    {
        var large = job.Tiers[^1].Model;
        return new TierSavings(large, prices.File.AsOf, [.. job.Tiers.Select((tier, i) => Of(i, tier.Model, large, ladder, prices, on))]);
    }

    private static TierSaving Of(int tier, string model, string large, Ladder ladder, Prices prices, DateOnly on)
    {
        var uses = ladder.Uses.Where(use => use.Usage.Tier == tier).ToList();
        var stayed = uses.Where(use => !use.HasClimbed).Select(use => LargePico(use.Usage, large, prices, on)).ToList();
        var isKnown = stayed.TrueForAll(pico => pico is not null) && uses.TrueForAll(use => use.Usage.Unpriced == 0);
        return new TierSaving(tier, model, ladder.Flows.Where(flow => flow.Tier == tier && flow is { IsAsked: true, State: not RowState.Pending }).Sum(flow => flow.Rows),
            uses.Sum(use => use.Usage.Requests), ladder.ReservedPicoUsd.GetValueOrDefault(tier), uses.Sum(use => use.Usage.CostPicoUsd),
            uses.Where(use => use.HasClimbed).Sum(use => use.Usage.CostPicoUsd), uses.Sum(use => use.Usage.SyncPicoUsd), isKnown ? stayed.Sum() : null);
    }

    private static long? LargePico(Usage usage, string large, Prices prices, DateOnly on) =>
        // What was asked of the largest model itself cost what it cost, searches and regional rates included.
        prices.Find(usage.Model) is { } facts && facts == prices.Find(large) ? usage.CostPicoUsd
        : usage.Requests == 0 ? 0
        : prices.PicoUsdOf(usage.Requests, new PricedTokens(usage.InputTokens, usage.OutputTokens, usage.CacheWrite5mTokens, usage.CacheWrite1hTokens, usage.CacheReadTokens), large, on);
}
