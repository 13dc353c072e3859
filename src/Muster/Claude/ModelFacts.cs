namespace Muster.Claude;

/// <summary>US dollars per million tokens, standard rates.</summary>
internal sealed record ModelRates(decimal Input, decimal Output, decimal Write5m, decimal Write1h, decimal Read);

/// <summary>What is known of one model: prices, caps, and what it refuses in a request.</summary>
internal sealed record ModelFacts(string Id, ModelRates Rates)
{
    public IReadOnlyList<string> Aliases { get; init; } = [];

    /// <summary>Cache read rates that held before a day.</summary>
    public IReadOnlyDictionary<DateOnly, decimal> ReadBefore { get; init; } = new Dictionary<DateOnly, decimal>();

    /// <summary>A prompt (input and cache) with more tokens than this pays <see cref="RatesAbove"/> for all tokens of the request.</summary>
    public long? AboveTokens { get; init; }

    public ModelRates? RatesAbove { get; init; }

    public int? ContextTokens { get; init; }

    /// <summary>The largest <c>max_tokens</c>.</summary>
    public int? MaxOutputTokens { get; init; }

    /// <summary>A shorter prefix is not cached, and nothing says so.</summary>
    public int? MinCacheableTokens { get; init; }

    /// <summary><c>inference_geo: us</c> costs more.</summary>
    public bool HasUsRate { get; init; }

    public bool ThinksByDefault { get; init; }

    /// <summary>Thinking cannot be turned off.</summary>
    public bool AlwaysThinks { get; init; }

    /// <summary>The tokenizer of models 4.7 and later, which makes about 30 % more tokens of the same text.</summary>
    public bool HasNewTokenizer { get; init; }

    /// <summary>Accepts <c>thinking: { type: enabled, budget_tokens }</c>.</summary>
    public bool TakesThinkingBudget { get; init; } = true;

    /// <summary>Accepts a <c>tool_choice</c> that forces a tool.</summary>
    public bool TakesForcedTools { get; init; } = true;

    public DateOnly? Retires { get; init; }

    public DateOnly? RetiresNotBefore { get; init; }

    /// <summary>What else a user should know, as a phrase; null for nothing.</summary>
    public string? Note { get; init; }
}
