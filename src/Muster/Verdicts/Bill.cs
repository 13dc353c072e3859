using Muster.Claude;
using Muster.Results;

namespace Muster.Verdicts;

/// <summary>Prices the usage of a succeeded request. Pure.</summary>
internal static class Bill
{
    public static Billing Of(ResultLine line, Prices prices, DateOnly askedOn, PriceChannel channel)
    {
        var tokens = line.Tokens;
        var priced = new PricedTokens(tokens.Input, tokens.Output, tokens.CacheWrite5m, tokens.CacheWrite1h, tokens.CacheRead, tokens.WebSearches);
        var geo = tokens.InUs ? "us" : null;
        return new Billing(line.Model, tokens.Input, tokens.Output, tokens.CacheWrite5m, tokens.CacheWrite1h, tokens.CacheRead, tokens.Thinking,
            prices.PicoUsd(priced, line.Model, askedOn, channel, geo),
            prices.PicoUsd(priced, line.Model, askedOn, PriceChannel.Synchronous, geo));
    }
}
