using System.Text.Json;

namespace Muster.Simulator.Tests;

/// <summary>The oracle engine: right by its file, and wrong in ways that its file says.</summary>
public sealed class OracleTests
{
    private const string Schema = """{"type":"object","required":["category"],"properties":{"category":{"enum":["A","B","C","D"]},"note":{"type":"string"}}}""";

    [Fact]
    public async Task It_knows_the_expected_answer_by_key_with_or_without_tag()
    {
        var results = await AskAsync(
            "sku1\tfirst\n{\"key\":\"sku2\",\"expected\":{\"c\":2}}\n", [("sku1", Some.Params()), ("sku2-R0000010000000101AAA", Some.Params())]);
        results["sku1"].ShouldBe("first");
        results["sku2-R0000010000000101AAA"].ShouldBe("{\"c\":2}");
    }

    [Fact]
    public async Task A_bias_strikes_one_model_in_one_slice_for_one_value_as_often_as_it_says()
    {
        var file = string.Join('\n', Enumerable.Range(0, 2_000).Select(i =>
            $$"""{"key":"k{{i}}","expected":{"category":"{{"ABCD"[i % 4]}}","note":"n{{i}}"},"slice":"{{(i / 4 % 2 == 0 ? "garden" : "kitchen")}}"}"""))
            + "\n" + """{"bias":0.6,"field":"category","from":"A","to":"B","model":"haiku","slice":"garden"}""";
        foreach (var (model, expected) in (IEnumerable<(string, double)>)[("claude-haiku-4-5", 0.6), ("claude-opus-4-6", 0)])
        {
            var results = await AskAsync(file, Enumerable.Range(0, 2_000).Select(i => ($"k{i}", Row(i, model))));
            var wrong = results.Where(r => Category(r.Value) != "ABCD"[Number(r.Key) % 4].ToString()).ToList();
            wrong.ShouldAllBe(r => Number(r.Key) % 4 == 0 && Number(r.Key) / 4 % 2 == 0 && Category(r.Value) == "B");
            (wrong.Count / 250.0).ShouldBeInRange(expected - 0.1, expected + 0.1);
            results.ShouldAllBe(r => r.Value.Contains($"\"note\":\"n{Number(r.Key)}\""));
        }
    }

    [Fact]
    public async Task A_bias_does_not_strike_where_the_system_prompt_has_the_text_that_helps()
    {
        const string File = """
            {"key":"a","expected":{"category":"A"}}
            {"bias":1,"field":"category","from":"A","to":"B","unless":"a rake is \"A\""}
            """;
        static string Told(string system) => Some.Params(extra: $",\"system\":{JsonSerializer.Serialize(system)}");

        Category((await AskAsync(File, [("a", Told("Say what it is."))]))["a"]).ShouldBe("B");
        Category((await AskAsync(File, [("a", Told("Say what it is: a rake is \"A\", a doll is not."))]))["a"]).ShouldBe("A");
    }

    [Fact]
    public async Task Accuracy_is_set_by_model_and_slice_and_wrong_answers_stay_within_the_schema()
    {
        var file = string.Join('\n', Enumerable.Range(0, 1_000).Select(i =>
            $$"""{"key":"k{{i}}","expected":{"category":"A"},"slice":"{{(i % 2 == 0 ? "easy" : "hard")}}"}"""))
            + "\n" + """{"accuracy":0.5,"model":"haiku","slice":"hard"}""" + "\n" + """{"accuracy":0.95,"model":"haiku"}""";
        var small = await AskAsync(file, Enumerable.Range(0, 1_000).Select(i => ($"k{i}", Row(i, "claude-haiku-4-5"))));
        Share(small, odd: true).ShouldBeInRange(0.43, 0.57);
        Share(small, odd: false).ShouldBeInRange(0.92, 0.98);
        small.Values.Select(Category).Distinct().Order().ShouldBe(["A", "B", "C", "D"]);
        var large = await AskAsync(file, Enumerable.Range(0, 100).Select(i => ($"k{i}", Row(i, "claude-opus-4-6"))));
        large.Values.ShouldAllBe(a => Category(a) == "A");
        (await AskAsync(file, Enumerable.Range(0, 1_000).Select(i => ($"k{i}", Row(i, "claude-haiku-4-5"))))).ShouldBe(small, "the same seed");

        static double Share(Dictionary<string, string> answers, bool odd) =>
            answers.Where(a => Number(a.Key) % 2 == (odd ? 1 : 0)).Average(a => Category(a.Value) == "A" ? 1.0 : 0.0);
    }

    [Fact]
    public async Task Bare_labels_are_biased_and_wrong_as_bare_labels()
    {
        var file = string.Join('\n', Enumerable.Range(0, 200).Select(i => $"k{i}\t{(i % 2 == 0 ? "card_arrival" : "top_up")}\tall"))
            + "\n" + """{"bias":1,"from":"card_arrival","to":"lost_phone"}""" + "\n" + """{"accuracy":0}""";
        var results = await AskAsync(file, Enumerable.Range(0, 200).Select(i => ($"k{i}", Some.Params($"Row {i}"))));
        results.Where(r => Number(r.Key) % 2 == 0).ShouldAllBe(r => r.Value == "lost_phone");
        results.Where(r => Number(r.Key) % 2 == 1).ShouldAllBe(r => r.Value == "card_arrival");
    }

    [Theory]
    [InlineData("only-a-key", ":1:", "key TAB answer")]
    [InlineData("a\tb\na\tc", ":2:", "answer already")]
    [InlineData("""{"key":"a"}""", ":1:", "expected")]
    [InlineData("""{"accuracy":2}""", ":1:", "0 to 1")]
    [InlineData("""{"accuracy":0.5,"modle":"x"}""", ":1:", "modle")]
    [InlineData("""{"bias":0.5,"from":"A"}""", ":1:", "\"to\"")]
    public async Task A_mistake_in_the_file_is_named_with_its_line(string text, string at, string named)
    {
        var refusal = await Should.ThrowAsync<SimulatorException>(() => AskAsync(text, [("a", Some.Params())]));
        refusal.Message.ShouldContain(at);
        refusal.Message.ShouldContain(named);
    }

    private static async Task<Dictionary<string, string>> AskAsync(string file, IEnumerable<(string, string)> rows)
    {
        var path = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(path, file);
            await using var api = await SimulatedApi.StartAsync(Some.Options with { Engine = "oracle", OracleFile = path });
            using var client = Some.Client(api);
            return (await Some.RunAsync(api, client, Some.Body(rows))).ToDictionary(r => r.Key, r => r.Value.Text(), StringComparer.Ordinal);
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static string Row(int i, string model) =>
        Some.Params($"Thing {i}", model, $$$""","output_config":{"format":{"type":"json_schema","schema":{{{Schema}}}}}""");

    private static string Category(string answer)
    {
        using var document = JsonDocument.Parse(answer);
        return document.RootElement.GetProperty("category").GetString()!;
    }

    private static int Number(string key) => int.Parse(key[1..]);
}
