using Muster.Claude;
using Muster.Tests.Jobs;

namespace Muster.Tests.Claude;

public sealed class PricesTests
{
    private static readonly DateOnly Today = new(2026, 11, 21);
    private static readonly Prices BuiltIn = Prices.BuiltIn;

    [Fact]
    public void A_recorded_line_costs_what_it_cost()
    {
        BuiltIn.PicoUsd(new PricedTokens(20, 5), "claude-haiku-4-5-20251001", Today).ShouldBe(22_500_000);
    }

    [Theory]
    [InlineData("claude-haiku-4-5", "claude-haiku-4-5-20251001")]
    [InlineData("claude-haiku-4-5-20251001", "claude-haiku-4-5-20251001")]
    [InlineData("claude-sonnet-4-5", "claude-sonnet-4-5-20250929")]
    [InlineData("claude-opus-5-20260723", "claude-opus-5")]
    public void A_model_is_found_by_the_id_that_was_sent_or_came_back(string asked, string found)
    {
        BuiltIn.Find(asked)!.Id.ShouldBe(found);
    }

    [Theory]
    [InlineData("claude-does-not-exist-9")]
    [InlineData("claude-haiku-4-5-20259999")]
    [InlineData("")]
    [InlineData(null)]
    public void An_unknown_model_has_no_cost(string? model)
    {
        BuiltIn.PicoUsd(new PricedTokens(20, 5), model, Today).ShouldBeNull();
    }

    [Theory]
    [InlineData(1_000_000, 0, 0, 0, 0, 500_000_000_000)]
    [InlineData(0, 1_000_000, 0, 0, 0, 2_500_000_000_000)]
    [InlineData(0, 0, 1_000_000, 0, 0, 625_000_000_000)]
    [InlineData(0, 0, 0, 1_000_000, 0, 1_000_000_000_000)]
    [InlineData(0, 0, 0, 0, 1_000_000, 50_000_000_000)]
    [InlineData(1, 1, 1, 1, 1, 4_675_000)]
    public void Each_kind_of_token_has_its_rate_and_a_batch_costs_half(long input, long output, long write5m, long write1h, long read, long pico)
    {
        var tokens = new PricedTokens(input, output, write5m, write1h, read);

        BuiltIn.PicoUsd(tokens, "claude-haiku-4-5", Today).ShouldBe(pico);
        BuiltIn.PicoUsd(tokens, "claude-haiku-4-5", Today, PriceChannel.Synchronous).ShouldBe(2 * pico);
    }

    [Theory]
    [InlineData(100_000, 0, 5_000_000_000)]
    [InlineData(100_001, 0, 25_000_250_000)]
    [InlineData(1, 99_999, 500_045_000)]
    [InlineData(1, 100_000, 2_500_250_000)]
    public void Haiku_5_5_pays_more_for_all_tokens_of_a_long_prompt(long input, long read, long pico)
    {
        BuiltIn.PicoUsd(new PricedTokens(input, 0, Read: read), "claude-haiku-5-5", Today).ShouldBe(pico);
    }

    [Theory]
    [InlineData("claude-sonnet-5-5", "us", 1_100_000)]
    [InlineData("claude-sonnet-5-5", "global", 1_000_000)]
    [InlineData("claude-sonnet-5-5", "not_available", 1_000_000)]
    [InlineData("claude-sonnet-5-5", null, 1_000_000)]
    [InlineData("claude-haiku-4-5", "us", 500_000)]
    public void Inference_in_the_US_costs_more_where_there_is_such_a_rate(string model, string? geo, long pico)
    {
        BuiltIn.PicoUsd(new PricedTokens(1, 0), model, Today, geo: geo).ShouldBe(pico);
    }

    [Fact]
    public void A_cache_read_costs_what_it_cost_on_its_day()
    {
        var tokens = new PricedTokens(0, 0, Read: 1);

        BuiltIn.PicoUsd(tokens, "claude-sonnet-5-5", new DateOnly(2026, 10, 6)).ShouldBe(100_000);
        BuiltIn.PicoUsd(tokens, "claude-sonnet-5-5", new DateOnly(2026, 10, 7)).ShouldBe(50_000);
    }

    [Fact]
    public void A_web_search_costs_a_cent_in_a_batch_too()
    {
        BuiltIn.PicoUsd(new PricedTokens(0, 0, WebSearches: 3), "claude-haiku-4-5", Today).ShouldBe(30_000_000_000);
    }

    [Fact]
    public void A_file_of_ones_own_replaces_and_adds_models()
    {
        using var folder = new TempFolder();
        var path = folder.Write("prices.json", """
            { "as_of": "2026-12-01", "models": [
              { "id": "claude-haiku-4-5-20251001", "aliases": ["claude-haiku-4-5"], "input": 2, "output": 5, "write_5m": 1, "write_1h": 1, "read": 0 },
              { "id": "claude-new", "input": 0.0001, "output": 1, "write_5m": 1, "write_1h": 1, "read": 1, "max_output": 5 } ] }
            """);

        var prices = Prices.Load(path);

        prices.File.AsOf.ShouldBe(new DateOnly(2026, 12, 1));
        prices.PicoUsd(new PricedTokens(1, 0), "claude-haiku-4-5", Today).ShouldBe(1_000_000);
        prices.PicoUsd(new PricedTokens(3, 0), "claude-new", Today).ShouldBe(150);
        prices.PicoUsd(new PricedTokens(1, 0), "claude-sonnet-5-5", Today).ShouldBe(1_000_000);
    }

    [Fact]
    public void A_malformed_file_lists_every_fault()
    {
        using var folder = new TempFolder();
        var path = folder.Write("prices.json", """
            { "as_of": "yesterday", "unit": "per_token", "models": [
              { "id": "a", "input": "1", "output": 1, "write_5m": 1, "write_1h": 1, "raed": 1 },
              { "input": -1, "output": 1, "write_5m": 1, "write_1h": 1, "read": 1, "max_output": 1.5 },
              7 ] }
            """);

        var refusal = Should.Throw<PricesException>(() => Prices.Load(path));

        refusal.Faults.Count.ShouldBe(9);
        refusal.Message.ShouldContain("as_of: expected a day such as 2026-11-20, found \"yesterday\"");
        refusal.Message.ShouldContain("unit: only per_million_tokens is known");
        refusal.Message.ShouldContain("models[0].input: expected a number");
        refusal.Message.ShouldContain("Did you mean `read`?");
        refusal.Message.ShouldContain("models[0].read: is missing");
        refusal.Message.ShouldContain("models[1].id: is missing");
        refusal.Hint.ShouldContain("MUSTER_PRICES");
    }

    [Theory]
    [InlineData("{", "not readable as JSON")]
    [InlineData("[]", "expected an object")]
    [InlineData("{\"as_of\":\"2026-11-20\"}", "models: expected a list")]
    public void A_file_of_another_form_is_refused(string text, string message)
    {
        using var folder = new TempFolder();

        Should.Throw<PricesException>(() => Prices.Load(folder.Write("prices.json", text))).Message.ShouldContain(message);
    }

    [Fact]
    public void A_missing_file_is_refused()
    {
        Should.Throw<PricesException>(() => Prices.Load("/nowhere/prices.json")).Message.ShouldContain("cannot be read");
    }

    [Theory]
    [InlineData("", 0, 0)]
    [InlineData("What can I do if my card still has not arrived after 2 weeks?", 17, 22)]
    [InlineData("Колготки детские", 8, 10)]
    [InlineData("日本語", 4, 5)]
    [InlineData("😀", 3, 4)]
    public void Tokens_are_estimated_by_script_and_tokenizer(string text, long older, long newer)
    {
        var utf8 = System.Text.Encoding.UTF8.GetBytes(text);

        TokenEstimate.OfText(utf8, BuiltIn.Find("claude-haiku-4-5")).ShouldBe(older);
        TokenEstimate.OfText(utf8, BuiltIn.Find("claude-sonnet-5-5")).ShouldBe(newer);
        TokenEstimate.OfText(utf8, model: null).ShouldBe(newer);
    }
}
