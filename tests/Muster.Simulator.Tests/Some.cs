using System.Text;
using System.Text.Json;

namespace Muster.Simulator.Tests;

/// <summary>Values that a test does not care about, and the few calls that every test makes.</summary>
internal static class Some
{
    public const string Schema = """
        {"type":"object","additionalProperties":false,"required":["category","features","summary"],"properties":{
        "category":{"anyOf":[{"type":"string","enum":["Garden tools","Kitchen","Toys","Clothing"]},{"type":"null"}]},
        "features":{"type":"array","items":{"type":"string"},"maxItems":5},
        "summary":{"type":"string","maxLength":120}}}
        """;

    public static readonly DateTimeOffset Start = new(2026, 11, 21, 9, 0, 0, TimeSpan.Zero);

    /// <summary>A stopped clock, so that only what a test advances happens.</summary>
    public static SimulatorOptions Options => new() { Speed = 0, StartAt = Start };

    public static string Params(string text = "A steel garden rake", string model = "claude-haiku-4-5", string extra = "") =>
        $$"""{"model":"{{model}}","max_tokens":300,"messages":[{"role":"user","content":{{JsonSerializer.Serialize(text)}}}]{{extra}}}""";

    public static string WithSchema(string text = "A steel garden rake", string model = "claude-haiku-4-5", string extra = "") =>
        Params(text, model, $$$""","output_config":{"format":{"type":"json_schema","schema":{{{Schema}}}}}{{{extra}}}""");

    public static string Body(params IEnumerable<(string Id, string Params)> rows) =>
        $$"""{"requests":[{{string.Join(',', rows.Select(r => $"{{\"custom_id\":\"{r.Id}\",\"params\":{r.Params}}}"))}}]}""";

    public static string Body(int count) => Body(Enumerable.Range(0, count).Select(i => ($"row-{i}", Params($"Garden rake number {i}"))));

    public static StringContent Json(string body) => new(body, Encoding.UTF8, "application/json");

    public static HttpClient Client(SimulatedApi api, string version = "2023-06-01", string key = "sk-sim")
    {
        var client = new HttpClient { BaseAddress = api.BaseUrl, Timeout = TimeSpan.FromSeconds(30) };
        client.DefaultRequestHeaders.Add("x-api-key", key);
        client.DefaultRequestHeaders.Add("anthropic-version", version);
        return client;
    }

    public static async Task<JsonElement> ReadAsync(HttpResponseMessage reply)
    {
        using var document = JsonDocument.Parse(await reply.Content.ReadAsStringAsync());
        return document.RootElement.Clone();
    }

    public static async Task<HttpResponseMessage> CreateAsync(HttpClient client, string body) =>
        await client.PostAsync("/v1/messages/batches", Json(body));

    public static async Task<string> CreatedAsync(HttpClient client, string body)
    {
        using var reply = await CreateAsync(client, body);
        reply.StatusCode.ShouldBe(System.Net.HttpStatusCode.OK, await reply.Content.ReadAsStringAsync());
        return (await ReadAsync(reply)).GetProperty("id").GetString()!;
    }

    public static async Task<JsonElement> GetAsync(HttpClient client, string path)
    {
        using var reply = await client.GetAsync(path);
        return await ReadAsync(reply);
    }

    public static Task<JsonElement> RetrieveAsync(HttpClient client, string id) => GetAsync(client, $"/v1/messages/batches/{id}");

    public static async Task<Dictionary<string, JsonElement>> ResultsAsync(HttpClient client, string id)
    {
        var text = await client.GetStringAsync($"/v1/messages/batches/{id}/results");
        return text.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(l => JsonDocument.Parse(l).RootElement.Clone())
            .ToDictionary(l => l.GetProperty("custom_id").GetString()!, l => l.GetProperty("result"), StringComparer.Ordinal);
    }

    /// <summary>Creates, lets the batch end, and returns its results.</summary>
    public static async Task<Dictionary<string, JsonElement>> RunAsync(SimulatedApi api, HttpClient client, string body)
    {
        var id = await CreatedAsync(client, body);
        api.Clock.Advance(TimeSpan.FromMinutes(11));
        return await ResultsAsync(client, id);
    }

    public static string ErrorType(this JsonElement result) => result.GetProperty("error").GetProperty("error").GetProperty("type").GetString()!;

    public static string ErrorText(this JsonElement result) => result.GetProperty("error").GetProperty("error").GetProperty("message").GetString()!;

    public static string Text(this JsonElement result) =>
        result.GetProperty("message").GetProperty("content").EnumerateArray()
            .First(b => b.GetProperty("type").GetString() == "text").GetProperty("text").GetString()!;

    public static string Message(this JsonElement error) => error.GetProperty("error").GetProperty("message").GetString()!;
}
