using Muster.Claude;
using Muster.Jobs;
using Muster.Requests;

namespace Muster.Tests.Requests;

public sealed class RequestRulesTests
{
    private static readonly DateOnly Today = new(2026, 11, 21);
    private static readonly TierSpec Haiku = new("claude-haiku-4-5", 300);

    /// <summary>A tier, then where, what and how it is told.</summary>
    public static TheoryData<TierSpec, string, string, string> Faults() => new()
    {
        { Haiku with { MaxTokens = 0 }, "max_tokens", "0 is below 1", "most tokens" },
        { Haiku with { MaxTokens = 64_001 }, "max_tokens", "64001 is more than claude-haiku-4-5 can give, 64000", "at most 64000" },
        { new TierSpec("claude-opus-5-5", 128_001), "max_tokens", "128001 is more than", "at most 128000" },
        { With("stream", "true"), "params.stream", "`stream` is refused: the Message Batches API does not support it", "Remove it" },
        { With("speed", "\"fast\""), "params.speed", "does not support it", "Remove it" },
        { With("store", "true"), "params.store", "does not support it", "Remove it" },
        { With("previous_thread_event_id", "\"x\""), "params.previous_thread_event_id", "does not support it", "Remove it" },
        { With("cache_hint", "{}"), "params.cache_hint", "does not support it", "Remove it" },
        { With("context_hint", "{}"), "params.context_hint", "does not support it", "Remove it" },
        { With("fallbacks", "[]"), "params.fallbacks", "does not support it", "further tier" },
        { With("research_preview_2026_02", "\"active\""), "params.research_preview_2026_02", "does not support it", "Remove it" },
        { With("betas", "[]"), "params.betas", "header of the whole batch", "Remove it" },
        { With("temperature", "1"), "params.temperature", "API version 2026-10-21 has no sampling parameters", "Remove it" },
        { With("top_p", "1"), "params.top_p", "2026-10-21", "Remove it" },
        { With("top_k", "1"), "params.top_k", "2026-10-21", "Remove it" },
        { With("model", "\"x\""), "params.model", "the tier's own `model`", "Remove it" },
        { With("messages", "[]"), "params.messages", "`user` template", "prompt.user" },
        { With("max_tokens", "1"), "params.max_tokens", "the tier's own", "Remove it" },
        { With("system", "\"x\""), "params.system", "`system` template", "prompt.system" },
        { With("output_config", "{}"), "params.output_config", "`structured_output`", "those of the tier" },
        { With("thinking", "{}"), "params.thinking", "the tier's own `thinking`", "of the tier" },
        { Haiku with { Thinking = ThinkingKind.Enabled, ThinkingBudgetTokens = 1_023 }, "thinking.budget", "1023 is below 1024", "1024 or more" },
        { Haiku with { MaxTokens = 2_000, Thinking = ThinkingKind.Enabled, ThinkingBudgetTokens = 2_000 }, "thinking.budget", "2000 leaves no room within max_tokens, 2000", "holds the thinking" },
        { new TierSpec("claude-sonnet-5-5", 4_000) { Thinking = ThinkingKind.Enabled, ThinkingBudgetTokens = 2_000 }, "thinking", "claude-sonnet-5-5 refuses a thinking budget", "adaptive" },
        { new TierSpec("claude-opus-4-7", 4_000) { Thinking = ThinkingKind.Enabled, ThinkingBudgetTokens = 2_000 }, "thinking", "refuses a thinking budget", "adaptive" },
        { With("tools", "[{\"name\":\"lookup\",\"input_schema\":{}}]"), "params.tools[0]", "the tool \"lookup\" expects a result from you", "structured_output" },
        { With("tools", "[{\"type\":\"web_search_20250305\",\"name\":\"web_search\"},{\"type\":\"bash_20250124\",\"name\":\"bash\"}]"), "params.tools[1]", "\"bash\" expects a result", "batch" },
        { With("tools", "[{\"type\":\"custom\",\"name\":\"c\"}]"), "params.tools[0]", "expects a result", "batch" },
        { With("tools", "[{\"type\":\"web_searcher\",\"name\":\"c\"}]"), "params.tools[0]", "expects a result", "batch" },
        { With("tools", "{}"), "params.tools", "expected a list of tools", "list" },
        { With("tool_choice", "{\"type\":\"tool\",\"name\":\"web_serch\"}", "tools", "[{\"type\":\"web_search_20250305\",\"name\":\"web_search\"}]"), "params.tool_choice", "Did you mean `web_search`?", "Name a tool" },
        { With("tool_choice", "{\"type\":\"any\"}"), "params.tool_choice", "lists none", "Remove it" },
        { With("tool_choice", "\"any\""), "params.tool_choice", "expected type auto, none, any or tool", "auto" },
        { Forced("claude-sonnet-5-5"), "params.tool_choice", "claude-sonnet-5-5 refuses a forced tool", "structured_output" },
        { Forced("claude-fable-5-1"), "params.tool_choice", "claude-fable-5-1 refuses a forced tool", "structured_output" },
    };

    public static TheoryData<TierSpec, string, string> Warnings() => new()
    {
        { new TierSpec("claude-hiaku-4-5", 300), "model", "its cost and limits are unknown. Did you mean `claude-haiku" },
        { new TierSpec("claude-sonnet-4-5", 300), "model", "is retired on 2026-11-30" },
        { new TierSpec("claude-opus-4-5-20251101", 300), "model", "may be retired from 2026-11-24 on" },
        { new TierSpec("claude-mythos-5-2", 3_000), "model", "verified organizations" },
        { new TierSpec("claude-opus-5-5", 300), "max_tokens", "thinking counts: 300 tokens may be spent before the first word" },
        { new TierSpec("claude-sonnet-5-5", 1_023), "max_tokens", "thinks before it answers" },
        { new TierSpec("claude-opus-5-5", 3_000) { Thinking = ThinkingKind.Disabled }, "thinking", "always thinks" },
        { With("stop_sequence", "[]"), "params.stop_sequence", "Did you mean `stop_sequences`?" },
    };

    public static TheoryData<TierSpec> Fine() =>
    [
        Haiku,
        Haiku with { MaxTokens = 64_000 },
        Haiku with { MaxTokens = 1 },
        new TierSpec("claude-sonnet-5-5", 1_024),
        new TierSpec("claude-sonnet-5-5", 300) { Thinking = ThinkingKind.Disabled },
        Haiku with { MaxTokens = 1_025, Thinking = ThinkingKind.Enabled, ThinkingBudgetTokens = 1_024 },
        With("stream", "false"),
        With("stop_sequences", "[\"x\"]"),
        With("inference_geo", "\"us\""),
        With("tools", "[{\"type\":\"web_search_20250305\",\"name\":\"web_search\"},{\"type\":\"code_execution_20250825\",\"name\":\"code_execution\"}]", "tool_choice", "{\"type\":\"tool\",\"name\":\"web_search\"}"),
    ];

    [Theory]
    [InlineData(21_333, true, 0)]
    [InlineData(21_334, true, 1)]
    [InlineData(21_334, false, 0)]
    public void A_tier_whose_answer_may_outlast_a_call_that_is_not_streamed_is_told_where_there_is_a_fallback(int maxTokens, bool hasFallback, int told)
    {
        var job = Some.Job(Some.Folder()) with { Tiers = [Haiku, Haiku with { MaxTokens = maxTokens }], Fallback = hasFallback ? new FallbackSpec(1) : null };

        var found = RequestRules.Check(job, Prices.BuiltIn, Today).Where(finding => finding.What.Contains("synchronous lane", StringComparison.Ordinal)).ToList();

        found.Count.ShouldBe(told);
        found.ShouldAllBe(finding => finding.Where == "tiers[1].max_tokens" && finding.Severity == RuleSeverity.Warning && finding.Hint.Contains("21333"));
        var waited = new ClaudeOptions(new Uri("http://localhost"), new Secret("k")).CreateReplyTimeout;
        RequestRules.MaxUnstreamedTokens.ShouldBe((int)(waited.TotalHours * 128_000), "the wait and the bound go together");
    }

    [Theory]
    [MemberData(nameof(Faults))]
    public void What_the_API_would_refuse_is_a_fault(TierSpec tier, string where, string what, string hint)
    {
        var finding = Check(tier).First(f => f.What.Contains(what, StringComparison.Ordinal));

        finding.Severity.ShouldBe(RuleSeverity.Fault);
        finding.Where.ShouldBe($"tiers[0].{where}");
        finding.Hint.ShouldContain(hint);
    }

    [Theory]
    [MemberData(nameof(Warnings))]
    public void What_a_user_should_know_is_a_warning(TierSpec tier, string where, string what)
    {
        var finding = Check(tier).ShouldHaveSingleItem();

        finding.Severity.ShouldBe(RuleSeverity.Warning);
        finding.Where.ShouldBe($"tiers[0].{where}");
        finding.What.ShouldContain(what);
        finding.Hint.ShouldNotBeNullOrWhiteSpace();
    }

    [Theory]
    [MemberData(nameof(Fine))]
    public void What_works_is_not_mentioned(TierSpec tier) => Check(tier).ShouldBeEmpty();

    [Fact]
    public void A_retired_model_is_a_fault_from_its_day_on()
    {
        var tier = new TierSpec("claude-sonnet-4-5", 300);

        RequestRules.Check(tier, "tiers[0]", Prices.BuiltIn, new DateOnly(2026, 11, 29)).Single().Severity.ShouldBe(RuleSeverity.Warning);
        RequestRules.Check(tier, "tiers[0]", Prices.BuiltIn, new DateOnly(2026, 11, 30)).Single().Severity.ShouldBe(RuleSeverity.Fault);
        RequestRules.Check(tier, "tiers[0]", Prices.BuiltIn, new DateOnly(2026, 10, 1)).ShouldBeEmpty();
    }

    private static List<RuleFinding> Check(TierSpec tier) => [.. RequestRules.Check(tier, "tiers[0]", Prices.BuiltIn, Today)];

    private static TierSpec With(params string[] namesAndValues) =>
        Haiku with { Params = namesAndValues.Chunk(2).ToDictionary(pair => pair[0], pair => pair[1]) };

    private static TierSpec Forced(string model) => new(model, 3_000)
    {
        Params = new Dictionary<string, string>
        {
            ["tools"] = "[{\"type\":\"web_search_20250305\",\"name\":\"web_search\"}]",
            ["tool_choice"] = "{\"type\":\"any\"}",
        },
    };
}
