using System.Net;
using System.Text;

namespace Muster.Simulator.Tests;

/// <summary>Section B of the checklist: what refuses a whole create.</summary>
public sealed class CreateValidationTests
{
    private const string Hi = """{"model":"claude-haiku-4-5","max_tokens":16,"messages":[{"role":"user","content":"Hi"}]}""";

    public static TheoryData<string, string> Refusals => new()
    {
        { """{"requests":[]}""", "requests: List should have at least 1 item after validation, not 0" },
        { $$"""{"requests":[{"params":{{Hi}}}]}""", "requests.0.custom_id: Field required" },
        { $$"""{"requests":[{"custom_id":"a","params":{{Hi}}},{"params":{{Hi}}}]}""", "requests.1.custom_id: Field required" },
        { One(new string('a', 65)), "requests.0.custom_id: String should have at most 64 characters" },
        { One("a.b"), "requests.0.custom_id: String should match pattern '^[a-zA-Z0-9_-]{1,64}$'" },
        { One("a b"), "requests.0.custom_id: String should match pattern '^[a-zA-Z0-9_-]{1,64}$'" },
        { One("a/b"), "requests.0.custom_id: String should match pattern '^[a-zA-Z0-9_-]{1,64}$'" },
        { One("ключ"), "requests.0.custom_id: String should match pattern '^[a-zA-Z0-9_-]{1,64}$'" },
        { One(""), "requests.0.custom_id: String should match pattern '^[a-zA-Z0-9_-]{1,64}$'" },
        { """{"requests":[{"custom_id":7,"params":{}}]}""", "requests.0.custom_id: Input should be a valid string" },
        { """{"requests":[{"custom_id":"a"}]}""", "requests.0.params: Field required" },
        { """{"requests":[{"custom_id":"a","params":[1]}]}""", "requests.0.params: Input should be a valid dictionary" },
        { """{"requests":[{"custom_id":"a","params":{},"metadata":{"x":[1]}}]}""", "requests.0.metadata: Extra inputs are not permitted" },
        { """{"requests":{}}""", "requests: Input should be a valid list" },
        { "{}", "requests: Field required" },
        { """{"name":"x","requests":[]}""", "name: Extra inputs are not permitted" },
        {
            $$"""{"requests":[{"custom_id":"dup","params":{{Hi}}},{"custom_id":"other","params":{{Hi}}},{"custom_id":"dup","params":{{Hi}}}]}""",
            "requests: custom_id's must be unique within a batch. Duplicate custom_id found: dup"
        },
    };

    [Theory]
    [MemberData(nameof(Refusals))]
    public async Task Checklist_016_to_020_027_a_bad_create_is_refused_whole_in_the_services_words(string body, string message)
    {
        await using var api = await SimulatedApi.StartAsync(Some.Options);
        using var client = Some.Client(api);
        using var reply = await Some.CreateAsync(client, body);
        reply.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        var error = await Some.ReadAsync(reply);
        error.EnumerateObject().Select(p => p.Name).ShouldBe(["type", "error", "request_id"]);
        error.GetProperty("type").GetString().ShouldBe("error");
        error.GetProperty("error").GetProperty("type").GetString().ShouldBe("invalid_request_error");
        error.Message().ShouldBe(message);
        api.Truth.BatchesCreated.ShouldBe(0);
    }

    [Theory]
    [InlineData("")]
    [InlineData("not json")]
    [InlineData("""{"requests":[{"custom_id":"a","params":{""")]
    [InlineData("""{"requests":[]""")]
    [InlineData("""{"requests":[{"custom_id":"a","params":{"x":tru}}]}""")]
    public async Task Checklist_015_what_is_not_json_is_refused(string body)
    {
        await using var api = await SimulatedApi.StartAsync(Some.Options);
        using var client = Some.Client(api);
        using var reply = await Some.CreateAsync(client, body);
        reply.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await Some.ReadAsync(reply)).Message().ShouldStartWith("The request body is not valid JSON: ");
        api.Truth.BatchesCreated.ShouldBe(0);
    }

    [Fact]
    public async Task Checklist_018_an_id_of_64_characters_passes()
    {
        await using var api = await SimulatedApi.StartAsync(Some.Options);
        using var client = Some.Client(api);
        (await Some.CreatedAsync(client, One(new string('a', 64)))).ShouldNotBeEmpty();
    }

    [Fact]
    public async Task Checklist_021_an_id_may_return_in_another_batch()
    {
        await using var api = await SimulatedApi.StartAsync(Some.Options);
        using var client = Some.Client(api);
        await Some.CreatedAsync(client, One("again"));
        await Some.CreatedAsync(client, One("again"));
        api.Truth.RepeatedIds.ShouldBe(["again"]);
    }

    [Theory]
    [InlineData(false, HttpStatusCode.OK)]
    [InlineData(true, HttpStatusCode.BadRequest)]
    public async Task Checklist_022_ids_differ_by_case_unless_switched(bool folded, HttpStatusCode status)
    {
        await using var api = await SimulatedApi.StartAsync(Some.Options with { Wire = new WireSwitches { CaseInsensitiveIds = folded } });
        using var client = Some.Client(api);
        using var reply = await Some.CreateAsync(client, Some.Body(("A", Hi), ("a", Hi)));
        reply.StatusCode.ShouldBe(status);
    }

    [Theory]
    [InlineData(100_000, HttpStatusCode.OK)]
    [InlineData(100_001, HttpStatusCode.BadRequest)]
    public async Task Checklist_023_100000_requests_are_the_limit(int count, HttpStatusCode status)
    {
        await using var api = await SimulatedApi.StartAsync(Some.Options);
        using var client = Some.Client(api);
        var body = new StringBuilder("""{"requests":[""");
        for (var i = 0; i < count; i++)
        {
            body.Append(i > 0 ? "," : "").Append("{\"custom_id\":\"").Append(i).Append("\",\"params\":").Append(Hi).Append('}');
        }

        using var reply = await Some.CreateAsync(client, body.Append("]}").ToString());
        reply.StatusCode.ShouldBe(status);
        api.Truth.RequestsAccepted.ShouldBe(status == HttpStatusCode.OK ? count : 0);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Checklist_024_a_body_over_the_limit_is_a_413_before_parsing(bool html)
    {
        await using var api = await SimulatedApi.StartAsync(
            Some.Options with { MaxBodyBytes = 1_000, Wire = new WireSwitches { HtmlTooLarge = html } });
        using var client = Some.Client(api);
        using var sized = await Some.CreateAsync(client, new string('x', 1_001));
        sized.StatusCode.ShouldBe(HttpStatusCode.RequestEntityTooLarge);
        (await sized.Content.ReadAsStringAsync()).ShouldContain(html ? "<html>" : "request_too_large");
        using var chunked = new HttpRequestMessage(HttpMethod.Post, "/v1/messages/batches") { Content = Some.Json(new string('x', 1_001)) };
        chunked.Headers.TransferEncodingChunked = true;
        using var reply = await client.SendAsync(chunked);
        reply.StatusCode.ShouldBe(HttpStatusCode.RequestEntityTooLarge);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Checklist_025_a_body_just_under_the_limit_passes_with_length_and_chunked(bool chunked)
    {
        var body = One("edge");
        await using var api = await SimulatedApi.StartAsync(Some.Options with { MaxBodyBytes = Encoding.UTF8.GetByteCount(body) });
        using var client = Some.Client(api);
        using var call = new HttpRequestMessage(HttpMethod.Post, "/v1/messages/batches") { Content = Some.Json(body) };
        call.Headers.TransferEncodingChunked = chunked;
        using var reply = await client.SendAsync(call);
        reply.StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Checklist_026_an_unknown_content_encoding_is_refused()
    {
        await using var api = await SimulatedApi.StartAsync(Some.Options);
        using var client = Some.Client(api);
        using var content = Some.Json(One("a"));
        content.Headers.Add("Content-Encoding", "zstd");
        using var reply = await client.PostAsync("/v1/messages/batches", content);
        reply.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await Some.ReadAsync(reply)).GetProperty("error").GetProperty("details").GetProperty("error_code").GetString()
            .ShouldBe("request_body_encoding_unsupported");
    }

    private static string One(string id) => $$"""{"requests":[{"custom_id":"{{id}}","params":{{Hi}}}]}""";
}
