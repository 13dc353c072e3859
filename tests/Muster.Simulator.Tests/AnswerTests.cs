using System.Text.Json;

namespace Muster.Simulator.Tests;

/// <summary>What the engines answer.</summary>
public sealed class AnswerTests
{
    [Fact]
    public async Task The_schema_engine_answers_from_the_text_within_the_schema()
    {
        await using var api = await SimulatedApi.StartAsync(Some.Options);
        using var client = Some.Client(api);
        var results = await Some.RunAsync(api, client, Some.Body(
            ("rake", Some.WithSchema("Stainless steel rake for your garden. Ash handle, light and strong, 150 cm long, sold with hooks and gloves.")),
            ("junk", Some.WithSchema("920 :]"))));
        using var rake = JsonDocument.Parse(results["rake"].Text());
        rake.RootElement.GetProperty("category").GetString().ShouldBe("Garden tools");
        rake.RootElement.GetProperty("features").EnumerateArray().Select(f => f.GetString()).ShouldBe(["stainless", "steel", "rake", "your", "garden"]);
        rake.RootElement.GetProperty("summary").GetString().ShouldBe("Stainless steel rake for your garden.");
        using var junk = JsonDocument.Parse(results["junk"].Text());
        junk.RootElement.GetProperty("category").ValueKind.ShouldBe(JsonValueKind.Null);
    }

    [Theory]
    [InlineData("Одежда тёплая", "Одежда")]
    [InlineData("Хлеб ржаной", "Хлеб и выпечка")]
    public async Task Stems_are_shared_in_any_script(string text, string category)
    {
        const string schema = """{"type":"object","required":["c"],"properties":{"c":{"enum":["Одежда","Хлеб и выпечка"]}}}""";
        await using var api = await SimulatedApi.StartAsync(Some.Options with { Seed = 3 });
        using var client = Some.Client(api);
        var answer = await AnswerAsync(api, client, text, schema);
        answer.GetProperty("c").GetString().ShouldBe(category);
    }

    [Fact]
    public async Task Every_required_member_of_an_unknown_schema_is_filled_by_its_type()
    {
        const string schema = """
            {"type":"object","required":["n","x","b","o","a","d","k","r","z"],"$defs":{"pair":{"type":"object","required":["l"],"properties":{"l":{"type":"string"}}}},
            "properties":{"n":{"type":"integer","minimum":3,"maximum":5},"x":{"type":"number"},"b":{"type":"boolean"},
            "o":{"type":"object","required":["s"],"properties":{"s":{"type":"string","minLength":30}}},"a":{"type":"array","minItems":2,"items":{"$ref":"#/$defs/pair"}},
            "d":{"type":"string","format":"date"},"k":{"const":"v"},"r":{"type":["string","null"]},"z":{"type":"array","items":{"type":"string"},"description":"at most 2 keywords"}}}
            """;
        await using var api = await SimulatedApi.StartAsync(Some.Options);
        using var client = Some.Client(api);
        var answer = await AnswerAsync(api, client, "A red wooden train with seven wagons", schema);
        answer.GetProperty("n").GetInt32().ShouldBeInRange(3, 5);
        answer.GetProperty("x").ValueKind.ShouldBe(JsonValueKind.Number);
        answer.GetProperty("b").ValueKind.ShouldBeOneOf(JsonValueKind.True, JsonValueKind.False);
        answer.GetProperty("o").GetProperty("s").GetString()!.Length.ShouldBeGreaterThanOrEqualTo(30);
        answer.GetProperty("a").GetArrayLength().ShouldBe(2);
        answer.GetProperty("d").GetString().ShouldBe("2026-01-15");
        answer.GetProperty("k").GetString().ShouldBe("v");
        answer.GetProperty("z").GetArrayLength().ShouldBe(2);
    }

    [Fact]
    public async Task Rates_per_model_break_answers_as_often_as_they_say()
    {
        await using var api = await FaultTests.StartAsync(
            """{"models":[{"model":"haiku","broken":0.2,"violation":0.2,"refusal":0.1,"truncated":0.1}]}""");
        using var client = Some.Client(api);
        var results = await Some.RunAsync(api, client, Some.Body(Enumerable.Range(0, 1_000).Select(i =>
            ($"row-{i}", Some.WithSchema($"Steel rake number {i} for the garden, strong and light", i < 500 ? "claude-haiku-4-5" : "claude-opus-4-6")))));
        var haiku = results.Where(r => int.Parse(r.Key[4..]) < 500).Select(r => Judge(r.Value)).ToList();
        haiku.Count(v => v == "broken").ShouldBeInRange(70, 130);
        haiku.Count(v => v == "violation").ShouldBeInRange(70, 130);
        haiku.Count(v => v == "refusal").ShouldBeInRange(30, 75);
        haiku.Count(v => v == "max_tokens").ShouldBeInRange(30, 75);
        results.Where(r => int.Parse(r.Key[4..]) >= 500).ShouldAllBe(r => Judge(r.Value) == "good");
    }

    [Fact]
    public async Task The_labels_engine_picks_from_the_prompt()
    {
        await using var api = await SimulatedApi.StartAsync(Some.Options with { Engine = "labels" });
        using var client = Some.Client(api);
        var results = await Some.RunAsync(api, client, Some.Body(
            ("a", Some.Params("My card has not arrived yet", extra: ",\"system\":\"Answer with one of these labels: card_arrival, lost_phone, top_up.\""))));
        results["a"].Text().ShouldBe("card_arrival");
    }

    [Fact]
    public async Task An_answer_longer_than_max_tokens_is_cut()
    {
        await using var api = await SimulatedApi.StartAsync(Some.Options);
        using var client = Some.Client(api);
        var message = (await Some.RunAsync(api, client, Some.Body(("a", Some.WithSchema().Replace("\"max_tokens\":300", "\"max_tokens\":5")))))["a"]
            .GetProperty("message");
        message.GetProperty("stop_reason").GetString().ShouldBe("max_tokens");
        message.GetProperty("usage").GetProperty("output_tokens").GetInt32().ShouldBe(5);
    }

    private static async Task<JsonElement> AnswerAsync(SimulatedApi api, HttpClient client, string text, string schema)
    {
        var extra = $$$""","output_config":{"format":{"type":"json_schema","schema":{{{schema}}}}}""";
        return JsonDocument.Parse((await Some.RunAsync(api, client, Some.Body(("a", Some.Params(text, extra: extra)))))["a"].Text()).RootElement;
    }

    private static string Judge(JsonElement result)
    {
        var stop = result.GetProperty("message").GetProperty("stop_reason").GetString()!;
        if (stop != "end_turn")
        {
            return stop;
        }

        try
        {
            using var answer = JsonDocument.Parse(result.Text());
            string[] known = ["Garden tools", "Kitchen", "Toys", "Clothing"];
            var root = answer.RootElement;
            return known.Contains(root.GetProperty("category").GetString()) && root.GetProperty("features").GetArrayLength() <= 5
                && root.GetProperty("summary").GetString()!.Length <= 120 ? "good" : "violation";
        }
        catch (JsonException)
        {
            return "broken";
        }
    }
}
