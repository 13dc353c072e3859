using System.Globalization;

namespace Muster.Claude;

/// <summary>Prices of models on a day, and what a request costs by them. An unknown model has no cost, never the cost 0.</summary>
internal sealed class Prices
{
    /// <summary>Names a price file whose models replace or join the built-in ones.</summary>
    public const string PathVariable = "MUSTER_PRICES";

    // One US dollar per million tokens is 10^-6 dollars, or 10^6 picodollars, per token.
    private const decimal PicoPerToken = 1_000_000m;
    private const decimal PicoPerUsd = 1_000_000_000_000m;
    private const int DateSuffixChars = 9;

    private readonly Dictionary<string, ModelFacts> byName = new(StringComparer.Ordinal);

    public Prices(PriceFile file)
    {
        File = file;
        foreach (var model in file.Models)
        {
            foreach (var name in (IEnumerable<string>)[model.Id, .. model.Aliases])
            {
                byName[name] = model;
                byName.TryAdd(WithoutDate(name), model);
            }
        }
    }

    public static Prices BuiltIn { get; } = new(PriceFile.BuiltIn());

    /// <summary>The rates and the day they were true.</summary>
    public PriceFile File { get; }

    public IEnumerable<string> ModelIds => File.Models.Select(model => model.Id);

    /// <summary>The built-in prices, with the models of a file over them.</summary>
    /// <param name="path">The file; null takes it from <see cref="PathVariable"/>, and without that the built-in prices stand.</param>
    /// <exception cref="PricesException">The file cannot be used.</exception>
    public static Prices Load(string? path = null)
    {
        path ??= Environment.GetEnvironmentVariable(PathVariable);
        return string.IsNullOrWhiteSpace(path) ? BuiltIn : new Prices(BuiltIn.File.With(PriceFile.Read(path)));
    }

    /// <summary>By an id that was sent or came back: the id itself, an alias, or either with a date at its end.</summary>
    public ModelFacts? Find(string? model) => model is null ? null : byName.GetValueOrDefault(model) ?? byName.GetValueOrDefault(WithoutDate(model));

    /// <summary>Picodollars (10^-12 US dollars) of one succeeded request; null when the model is unknown.</summary>
    /// <param name="tokens">From the returned usage.</param>
    /// <param name="model">The id that came back, or that was sent.</param>
    /// <param name="on">The day of the request.</param>
    /// <param name="channel">Batches cost half.</param>
    /// <param name="geo"><c>inference_geo</c> of the usage; null when absent.</param>
    public long? PicoUsd(in PricedTokens tokens, string? model, DateOnly on, PriceChannel channel = PriceChannel.Batch, string? geo = null)
    {
        if (Find(model) is not { } facts)
        {
            return null;
        }

        var pico = (Rated(facts, tokens, tokens.Prompt, on) * Factor(facts, channel, geo)) + (tokens.WebSearches * File.WebSearchEach * PicoPerUsd);
        return (long)decimal.Round(pico, MidpointRounding.ToEven);
    }

    /// <summary>The same of many requests together. Where the rate depends on a request's length, the average one decides.</summary>
    /// <param name="requests">How many; at least one.</param>
    /// <param name="tokens">Of all of them.</param>
    public long? PicoUsdOf(long requests, in PricedTokens tokens, string? model, DateOnly on, PriceChannel channel = PriceChannel.Batch) =>
        Find(model) is { } facts
            ? (long)decimal.Round(Rated(facts, tokens, tokens.Prompt / requests, on) * Factor(facts, channel, null), MidpointRounding.ToEven)
            : null;

    /// <summary>Picodollars at the standard rates, without searches.</summary>
    /// <param name="prompt">Prompt tokens of one request.</param>
    private static decimal Rated(ModelFacts facts, in PricedTokens tokens, long prompt, DateOnly on)
    {
        var isAbove = facts.RatesAbove is not null && prompt > facts.AboveTokens;
        var rates = isAbove ? facts.RatesAbove! : facts.Rates;
        var read = isAbove ? rates.Read : ReadRate(facts, on);
        return PicoPerToken * ((tokens.Input * rates.Input) + (tokens.Output * rates.Output) + (tokens.Write5m * rates.Write5m)
            + (tokens.Write1h * rates.Write1h) + (tokens.Read * read));
    }

    private decimal Factor(ModelFacts facts, PriceChannel channel, string? geo) =>
        (channel == PriceChannel.Batch ? File.BatchMultiplier : 1m) * (geo == "us" && facts.HasUsRate ? File.UsMultiplier : 1m);

    private static decimal ReadRate(ModelFacts facts, DateOnly on)
    {
        var earlier = facts.ReadBefore.Where(rate => on < rate.Key).OrderBy(rate => rate.Key).ToList();
        return earlier.Count > 0 ? earlier[0].Value : facts.Rates.Read;
    }

    internal static string WithoutDate(string id)
    {
        var at = id.Length - DateSuffixChars;
        return at > 0 && id[at] == '-' && DateOnly.TryParseExact(id.AsSpan(at + 1), "yyyyMMdd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _)
            ? id[..at]
            : id;
    }
}
