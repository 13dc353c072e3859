using Muster.Batches;
using Muster.Claude;
using Muster.Jobs;

namespace Muster.Checks;

/// <summary>Turns counted requests into money. Pure.</summary>
internal static class Forecaster
{
    public static Forecast? Of(Job job, RequestSurvey requests, Prices prices, DateOnly today, double escalatedShare)
    {
        if (requests.Requests == 0)
            return null;
        var tiers = new List<TierForecast>();
        var share = 1.0;
        for (var i = 0; i < job.Tiers.Count; i++)
        {
            tiers.Add(OfTier(job.Tiers[i], i, requests, (long)Math.Ceiling(requests.Requests * share), prices, today));
            share *= escalatedShare;
        }

        var reserved = SpendEstimate.PicoUsd(job.Tiers[0], requests.Bytes, requests.Requests, prices, today);
        return new Forecast(requests.Requests, requests.Batches, requests.Bytes, requests.LargestBytes, requests.LargestAt,
            requests.SampledRows, escalatedShare, tiers, prices.File.AsOf, reserved);
    }

    /// <summary>What the forecast and the budget say of each other, and what a shared prefix could save.</summary>
    public static IEnumerable<CheckFinding> Findings(Job job, Forecast forecast, Prices prices)
    {
        if (job.Budget.Usd is { } cap)
        {
            var pico = Usd.ToPico(cap);
            if (forecast.BatchPicoUsd is null)
            {
                var unpriced = forecast.Tiers.First(tier => tier.BatchPicoUsd is null);
                yield return new CheckFinding(CheckSeverity.Warning, "budget.usd",
                    $"{Usd.Text(pico)} cannot be enforced for {Excerpt.Quoted(unpriced.Model)}, which has no price: the run would pause before tiers[{unpriced.Tier - 1}] is asked",
                    $"Add the model to a price file named by {Prices.PathVariable}, or remove `budget.usd`.");
            }
            else if (forecast.BatchPicoUsd > pico)
            {
                yield return new CheckFinding(CheckSeverity.Warning, "budget.usd",
                    $"the forecast is {Usd.Text(forecast.BatchPicoUsd.Value)} and the cap {Usd.Text(pico)}: the run would pause on the way",
                    "Raise `budget.usd`, or ask fewer rows; a paused run goes on with `muster run` once the cap is raised.");
            }
            else if (forecast.ReservedPicoUsd > pico)
            {
                yield return new CheckFinding(CheckSeverity.Warning, "budget.usd",
                    $"batches under way reserve up to {Usd.Text(forecast.ReservedPicoUsd.Value)} and the cap is {Usd.Text(pico)}: "
                    + $"the run may pause although it would cost {Usd.Text(forecast.BatchPicoUsd.Value)}",
                    "Raise `budget.usd`, or state `expected_output_tokens` of the tiers.");
            }
        }

        foreach (var tier in forecast.Tiers)
        {
            if (Prefix(job.Tiers[tier.Tier - 1], tier, prices) is { } note)
                yield return note;
        }
    }

    private static TierForecast OfTier(
        TierSpec tier, int index, RequestSurvey requests, long rows, Prices prices, DateOnly today)
    {
        var input = (long)((double)requests.InputTokens(index) * rows / requests.Requests);
        var output = (long)(SpendEstimate.OutputTokens(tier) * rows);
        // Prices with a threshold go by single requests; the average one decides here.
        var average = new PricedTokens(input / rows, output / rows);
        return new TierForecast(index + 1, tier.Model, rows, requests.SharedOf(index), input, output,
            prices.PicoUsd(average, tier.Model, today) * rows,
            prices.PicoUsd(average, tier.Model, today, PriceChannel.Synchronous) * rows);
    }

    private static CheckFinding? Prefix(TierSpec tier, TierForecast forecast, Prices prices)
    {
        if (prices.Find(tier.Model)?.MinCacheableTokens is not { } least)
            return null;
        var where = $"tiers[{forecast.Tier - 1}].params.cache_control";
        return (tier.Params.ContainsKey("cache_control"), forecast.SharedTokens >= least) switch
        {
            (true, false) => new CheckFinding(CheckSeverity.Warning, where,
                $"about {forecast.SharedTokens} tokens are the same in every request; {tier.Model} caches from {least} on, and says nothing below",
                "Remove it: a cache that is written and never read costs more."),
            (false, true) => new CheckFinding(CheckSeverity.Note, where,
                $"about {forecast.SharedTokens} tokens are the same in every request; {tier.Model} could cache them",
                "Hits in batches are best effort: try `cache_control` on a pilot and compare its cost."),
            _ => null,
        };
    }
}
