using System.Globalization;
using System.Text.Json;

namespace Muster.Simulator.Tests;

/// <summary>Section I of the checklist: tokens, caching, money.</summary>
public sealed class TokenTests
{
    private const string OneHour = ",\"ttl\":\"1h\"";

    [Fact]
    public async Task Checklist_103_only_succeeded_rows_have_usage_and_are_billed_at_half_of_every_price()
    {
        await using var api = await FaultTests.StartAsync(
            """{"rows":[{"contains":"hoe","outcome":"expired"},{"contains":"fork","outcome":"api_error"},{"contains":"spade","outcome":"canceled"}]}""");
        using var client = Some.Client(api);
        string[] tools = ["rake", "hoe", "fork", "spade"];
        var id = await Some.CreatedAsync(client, Some.Body(tools.Select(t => (t, Some.Params($"A {t}", extra: Marked(OneHour))))));
        api.Truth.RowsBilled.ShouldBe(0, "nothing has ended");
        api.Clock.Advance(TimeSpan.FromMinutes(11));
        var unread = api.Truth;
        var results = await Some.ResultsAsync(client, id);
        results.Where(r => r.Key != "rake").ShouldAllBe(r => !r.Value.GetRawText().Contains("usage"));
        var usage = Usage(results["rake"]);
        unread.RowsBilled.ShouldBe(1);
        unread.InputTokens.ShouldBe(Int(usage, "input_tokens"));
        unread.OutputTokens.ShouldBe(Int(usage, "output_tokens"));
        unread.CacheWriteTokens.ShouldBe(Int(usage, "cache_creation_input_tokens"));
        unread.CacheReadTokens.ShouldBe(0);
        // Haiku 4.5: 1 in, 5 out, 2 for an hour's write, 0.10 read; half of each in a batch.
        unread.CostDollars.ShouldBe(0.5m * ((unread.InputTokens * 1m) + (unread.OutputTokens * 5m) + (unread.CacheWriteTokens * 2m)) / 1_000_000m);
        var warm = Usage((await Some.RunAsync(api, client, Some.Body(("rake", Some.Params("A rake", extra: Marked(OneHour))))))["rake"]);
        Int(warm, "cache_read_input_tokens").ShouldBeGreaterThan(0);
        (api.Truth.CostDollars - unread.CostDollars).ShouldBe(
            0.5m * ((Int(warm, "input_tokens") * 1m) + (Int(warm, "output_tokens") * 5m) + (Int(warm, "cache_read_input_tokens") * 0.10m)) / 1_000_000m);
    }

    [Fact]
    public async Task Checklist_104_a_cold_batch_reads_nothing_and_one_after_a_priming_batch_reads_on_every_row()
    {
        await using var api = await StartAsync(hitRate: 1);
        using var client = Some.Client(api);
        var cold = await UsagesAsync(api, client, OneHour, 48);
        cold.ShouldAllBe(u => Int(u, "cache_creation_input_tokens") > 4_096 && Int(u, "cache_read_input_tokens") == 0);
        api.Clock.Advance(TimeSpan.FromHours(2));
        (await UsagesAsync(api, client, OneHour, 1)).ShouldAllBe(u => Int(u, "cache_read_input_tokens") == 0, "an hour has passed");
        var primed = await UsagesAsync(api, client, OneHour, 48);
        primed.ShouldAllBe(u => Int(u, "cache_read_input_tokens") > 4_096 && Int(u, "cache_creation_input_tokens") == 0);
        api.Clock.Advance(TimeSpan.FromMinutes(50));
        (await UsagesAsync(api, client, OneHour, 5)).ShouldAllBe(u => Int(u, "cache_read_input_tokens") > 4_096, "reads keep it warm");
    }

    [Theory]
    [InlineData(0, 0, 0)]
    [InlineData(0.5, 60, 140)]
    [InlineData(0.98, 180, 200)]
    public async Task Checklist_104_the_hit_rate_is_seeded_and_set(double rate, int least, int most)
    {
        await using var api = await StartAsync(rate);
        using var client = Some.Client(api);
        await UsagesAsync(api, client, OneHour, 1);
        (await UsagesAsync(api, client, OneHour, 200)).Count(u => Int(u, "cache_read_input_tokens") > 0).ShouldBeInRange(least, most);
    }

    [Fact]
    public async Task Checklist_104_a_sync_call_warms_few_rows_of_a_batch()
    {
        await using var api = await StartAsync(hitRate: 1);
        using var client = Some.Client(api);
        using var warming = await client.PostAsync("/v1/messages", Some.Json(Some.Params("Warm up", extra: Marked(OneHour))));
        Int((await Some.ReadAsync(warming)).GetProperty("usage"), "cache_creation_input_tokens").ShouldBeGreaterThan(4_096);
        using var again = await client.PostAsync("/v1/messages", Some.Json(Some.Params("Warm up", extra: Marked(OneHour))));
        Int((await Some.ReadAsync(again)).GetProperty("usage"), "cache_read_input_tokens").ShouldBeGreaterThan(4_096);
        (await UsagesAsync(api, client, OneHour, 200)).Count(u => Int(u, "cache_read_input_tokens") > 0).ShouldBeInRange(15, 50);
    }

    [Theory]
    [InlineData("", "ephemeral_5m_input_tokens", "ephemeral_1h_input_tokens")]
    [InlineData(OneHour, "ephemeral_1h_input_tokens", "ephemeral_5m_input_tokens")]
    public async Task Checklist_105_writes_are_told_apart_by_their_time_to_live(string ttl, string written, string other)
    {
        await using var api = await StartAsync(hitRate: 1);
        using var client = Some.Client(api);
        var usage = (await UsagesAsync(api, client, ttl, 1)).Single();
        Int(usage.GetProperty("cache_creation"), written).ShouldBe(Int(usage, "cache_creation_input_tokens"));
        Int(usage.GetProperty("cache_creation"), written).ShouldBeGreaterThan(4_096);
        Int(usage.GetProperty("cache_creation"), other).ShouldBe(0);
    }

    [Fact]
    public async Task Checklist_105_a_prefix_for_five_minutes_after_one_for_an_hour_is_written_as_both()
    {
        await using var api = await StartAsync(hitRate: 1);
        using var client = Some.Client(api);
        var extra = Marked(OneHour);
        var parameters = $$$"""{"model":"claude-haiku-4-5","max_tokens":300,"messages":[{"role":"user","content":[{"type":"text","text":"{{{new string('m', 40_000)}}}","cache_control":{"type":"ephemeral"}},{"type":"text","text":"A rake"}]}]{{{extra}}}}""";
        var written = Usage((await Some.RunAsync(api, client, Some.Body(("a", parameters))))["a"]).GetProperty("cache_creation");
        Int(written, "ephemeral_1h_input_tokens").ShouldBeInRange(5_000, 5_100);
        Int(written, "ephemeral_5m_input_tokens").ShouldBeInRange(10_000, 10_100);
        api.Clock.Advance(TimeSpan.FromMinutes(30));
        var later = Usage((await Some.RunAsync(api, client, Some.Body(("b", parameters))))["b"]);
        Int(later, "cache_read_input_tokens").ShouldBe(Int(written, "ephemeral_1h_input_tokens"), "only the hour's prefix is still warm");
        Int(later.GetProperty("cache_creation"), "ephemeral_5m_input_tokens").ShouldBe(Int(written, "ephemeral_5m_input_tokens"));
    }

    [Theory]
    [InlineData("claude-opus-5", 512)]
    [InlineData("claude-haiku-5-5", 512)]
    [InlineData("claude-sonnet-4-6", 1_024)]
    [InlineData("claude-opus-4-8", 1_024)]
    [InlineData("claude-opus-4-7", 2_048)]
    [InlineData("claude-opus-4-6", 4_096)]
    [InlineData("claude-haiku-4-5", 4_096)]
    public async Task Checklist_106_a_prefix_below_the_models_minimum_is_not_cached_and_no_error(string model, int minimum)
    {
        await using var api = await StartAsync(hitRate: 1);
        using var client = Some.Client(api);
        // Models from 4.7 on make 30 % more tokens of the same text.
        var bytesPerToken = model is "claude-sonnet-4-6" or "claude-opus-4-6" or "claude-haiku-4-5" ? 4.0 : 4 / 1.3;
        var below = await CacheTokensAsync((int)((minimum - 40) * bytesPerToken));
        var above = await CacheTokensAsync((int)((minimum + 40) * bytesPerToken));
        below.ShouldBe(0);
        above.ShouldBeInRange(minimum, minimum + 100);

        async Task<int> CacheTokensAsync(int bytes)
        {
            const int frame = 70;
            var system = $$$""","system":[{"type":"text","text":"{{{new string('s', bytes - frame)}}}","cache_control":{"type":"ephemeral"}}]""";
            return Int(Usage((await Some.RunAsync(api, client, Some.Body(("a", Some.Params(model: model, extra: system)))))["a"]), "cache_creation_input_tokens");
        }
    }

    [Theory]
    [InlineData("system")]
    [InlineData("tools")]
    [InlineData("messages")]
    [InlineData("whole")]
    public async Task Checklist_107_input_tokens_leave_out_what_the_cache_wrote_or_read(string place)
    {
        await using var api = await StartAsync(hitRate: 1);
        using var client = Some.Client(api);
        var plain = Usage((await Some.RunAsync(api, client, Some.Body(("a", At(place, mark: false)))))["a"]);
        var cold = Usage((await Some.RunAsync(api, client, Some.Body(("b", At(place, mark: true)))))["b"]);
        var warm = Usage((await Some.RunAsync(api, client, Some.Body(("c", At(place, mark: true)))))["c"]);
        Int(cold, "cache_creation_input_tokens").ShouldBeGreaterThan(4_096);
        Int(warm, "cache_read_input_tokens").ShouldBe(Int(cold, "cache_creation_input_tokens"));
        Total(warm).ShouldBe(Total(cold));
        // The mark itself weighs a dozen tokens.
        Total(cold).ShouldBeInRange(Total(plain), Total(plain) + 20);
        Int(cold, "input_tokens").ShouldBeLessThan(Int(plain, "input_tokens") - 4_000);
    }

    [Theory]
    [InlineData("", 99_000, 0.10, 0.50)]
    [InlineData("", 101_000, 0.50, 2.50)]
    [InlineData(OneHour, 101_000, 0.50, 2.50)]
    public async Task Checklist_108_a_long_prompt_of_haiku_5_5_pays_the_higher_rate_on_all_its_tokens(string ttl, int tokens, double input, double output)
    {
        await using var api = await StartAsync(hitRate: 1);
        using var client = Some.Client(api);
        var system = new string('s', (int)(tokens * 4 / 1.3));
        var extra = ttl.Length == 0 ? $",\"system\":\"{system}\"" : $$$""","system":[{"type":"text","text":"{{{system}}}","cache_control":{"type":"ephemeral"{{{ttl}}}}}]""";
        var usage = Usage((await Some.RunAsync(api, client, Some.Body(("a", Some.Params(model: "claude-haiku-5-5", extra: extra)))))["a"]);
        Total(usage).ShouldBeInRange(tokens - 200, tokens + 200);
        (Int(usage, "cache_creation_input_tokens") > 0).ShouldBe(ttl.Length > 0);
        var expected = (Int(usage, "input_tokens") * (decimal)input) + (Int(usage, "cache_creation_input_tokens") * 2m * (decimal)input)
            + (Int(usage, "output_tokens") * (decimal)output);
        api.Truth.CostDollars.ShouldBe(0.5m * expected / 1_000_000m);
    }

    [Fact]
    public async Task Checklist_108_no_other_model_has_a_surcharge()
    {
        await using var api = await StartAsync(hitRate: 1);
        using var client = Some.Client(api);
        var extra = $",\"system\":\"{new string('s', 500_000)}\"";
        var usage = Usage((await Some.RunAsync(api, client, Some.Body(("a", Some.Params(model: "claude-sonnet-4-6", extra: extra)))))["a"]);
        Total(usage).ShouldBeGreaterThan(100_000);
        api.Truth.CostDollars.ShouldBe(0.5m * ((Int(usage, "input_tokens") * 3m) + (Int(usage, "output_tokens") * 15m)) / 1_000_000m);
    }

    [Fact]
    public async Task Checklist_109_rows_already_queued_finish_after_the_spend_limit()
    {
        await using var api = await SimulatedApi.StartAsync(Some.Options);
        using var client = Some.Client(api);
        var id = await Some.CreatedAsync(client, Some.Body(5));
        api.Faults = Faults.FaultPlan.Parse("""{"calls":[{"endpoint":"create","every":1,"fault":"spend_cap"}]}""");
        using var refused = await Some.CreateAsync(client, Some.Body(5));
        ((int)refused.StatusCode).ShouldBe(429);
        api.Clock.Advance(TimeSpan.FromMinutes(11));
        (await Some.ResultsAsync(client, id)).Values.ShouldAllBe(r => r.GetProperty("type").GetString() == "succeeded");
        api.Truth.RowsBilled.ShouldBe(5);
    }

    [Fact]
    public async Task More_than_four_marks_are_refused()
    {
        await using var api = await StartAsync(hitRate: 1);
        using var client = Some.Client(api);
        var blocks = string.Join(',', Enumerable.Repeat("""{"type":"text","text":"x","cache_control":{"type":"ephemeral"}}""", 5));
        (await Some.RunAsync(api, client, Some.Body(("a", Some.Params(extra: $",\"system\":[{blocks}]")))))["a"].ErrorText()
            .ShouldBe("A maximum of 4 blocks with cache_control may be provided. Found 5.");
    }

    [Fact]
    public async Task The_documented_check_value_of_a_line_costs_what_it_should()
    {
        var prices = Rules.ModelPrices.Of("claude-haiku-4-5-20251001")!;
        (prices.CostOf(new Rules.TokenUse(20, 0, 0, 0, 5), inUs: false) * Rules.ModelPrices.BatchShare).ShouldBe(0.0000225m);
        await using var api = await StartAsync(hitRate: 1);
        using var client = Some.Client(api);
        await Some.RunAsync(api, client, Some.Body(("a", Some.Params(model: "claude-opus-4-6", extra: ",\"inference_geo\":\"us\""))));
        var truth = api.Truth;
        truth.CostDollars.ShouldBe(1.1m * 0.5m * ((truth.InputTokens * 5m) + (truth.OutputTokens * 25m)) / 1_000_000m, "the US costs a tenth more");
        truth.CostDollars.ToString(CultureInfo.InvariantCulture).ShouldNotBe("0");
    }

    private static Task<SimulatedApi> StartAsync(double hitRate) =>
        SimulatedApi.StartAsync(Some.Options with { Wire = new WireSwitches { CacheHitRate = hitRate }, MaxSyncBodyBytes = 1_000_000 });

    private static async Task<List<JsonElement>> UsagesAsync(SimulatedApi api, HttpClient client, string ttl, int rows) =>
        [.. (await Some.RunAsync(api, client, Some.Body(Enumerable.Range(0, rows).Select(i => ($"row-{i}", Some.Params($"Rake {i}", extra: Marked(ttl)))))))
            .Values.Select(Usage)];

    private static string Marked(string ttl) =>
        $$$""","system":[{"type":"text","text":"{{{new string('s', 20_000)}}}","cache_control":{"type":"ephemeral"{{{ttl}}}}}]""";

    private static string At(string place, bool mark)
    {
        var text = new string('p', 20_000);
        var control = mark ? ",\"cache_control\":{\"type\":\"ephemeral\",\"ttl\":\"1h\"}" : "";
        return place switch
        {
            "system" => Some.Params(extra: $$$""","system":[{"type":"text","text":"{{{text}}}"{{{control}}}}]"""),
            "tools" => Some.Params(extra: $$$""","tools":[{"name":"t","description":"{{{text}}}","input_schema":{"type":"object"}{{{control}}}}]"""),
            "messages" => $$$"""{"model":"claude-haiku-4-5","max_tokens":300,"messages":[{"role":"user","content":[{"type":"text","text":"{{{text}}}"{{{control}}}},{"type":"text","text":"A rake"}]}]}""",
            _ => $$$"""{"model":"claude-haiku-4-5","max_tokens":300,"messages":[{"role":"user","content":"{{{text}}}"}]{{{control}}}}""",
        };
    }

    private static int Total(JsonElement usage) =>
        Int(usage, "input_tokens") + Int(usage, "cache_creation_input_tokens") + Int(usage, "cache_read_input_tokens");

    private static JsonElement Usage(JsonElement result) => result.GetProperty("message").GetProperty("usage");

    private static int Int(JsonElement parent, string name) => parent.GetProperty(name).GetInt32();
}
