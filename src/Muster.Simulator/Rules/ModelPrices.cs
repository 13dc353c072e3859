namespace Muster.Simulator.Rules;

/// <summary>Standard US dollars per million tokens, as of 2026-11-20. Cache writes follow from input: 1.25 times for 5 minutes, twice for an hour.</summary>
internal sealed record ModelPrices(decimal Input, decimal Output, decimal Read)
{
    /// <summary>A batch pays half of every token price.</summary>
    public const decimal BatchShare = 0.5m;

    private const decimal Million = 1_000_000m;
    private const decimal UsGeo = 1.1m;
    private const int LongPrompt = 100_000;

    /// <summary>For prompts over 100,000 tokens, cache included: on all tokens of that request. Only Haiku 5.5 has it.</summary>
    private ModelPrices? AboveLongPrompt { get; init; }

    /// <summary><c>inference_geo: us</c> costs more, on models from 4.6 on.</summary>
    private bool GeoCosts { get; init; } = true;

    public static ModelPrices? Of(string id) => id switch
    {
        "claude-fable-5-2" or "claude-mythos-5-2" => new(8, 40, 0.20m),
        "claude-fable-5-1" => new(10, 50, 0.25m),
        "claude-fable-5" => new(10, 50, 1.00m),
        "claude-opus-5-5" => new(4, 20, 0.20m),
        "claude-opus-5" or "claude-opus-4-8" or "claude-opus-4-7" or "claude-opus-4-6" => new(5, 25, 0.50m),
        "claude-opus-4-5-20251101" => new(5, 25, 0.50m) { GeoCosts = false },
        "claude-sonnet-5-5" => new(2, 10, 0.10m),
        "claude-sonnet-5" => new(2, 10, 0.20m),
        "claude-sonnet-4-6" => new(3, 15, 0.30m),
        "claude-sonnet-4-5-20250929" => new(3, 15, 0.30m) { GeoCosts = false },
        "claude-haiku-5-5" => new(0.10m, 0.50m, 0.01m) { AboveLongPrompt = new(0.50m, 2.50m, 0.05m) },
        "claude-haiku-4-5-20251001" => new(1, 5, 0.10m) { GeoCosts = false },
        _ => null,
    };

    /// <summary>Dollars of one request at the standard rate.</summary>
    public decimal CostOf(in TokenUse use, bool inUs)
    {
        var rate = AboveLongPrompt is { } above && use.Prompt > LongPrompt ? above : this;
        var sum = (use.Fresh * rate.Input) + (use.Write5m * rate.Input * 1.25m) + (use.Write1h * rate.Input * 2m)
            + (use.Read * rate.Read) + (use.Output * rate.Output);
        return sum * (inUs && GeoCosts ? UsGeo : 1m) / Million;
    }
}

/// <summary>Tokens of one request by what they cost.</summary>
internal readonly record struct TokenUse(int Fresh, int Write5m, int Write1h, int Read, int Output)
{
    public int Prompt => Fresh + Write5m + Write1h + Read;
}
