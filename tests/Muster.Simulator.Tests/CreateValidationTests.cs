using System.IO.Compression;
using System.Net;
using System.Text;

namespace Muster.Simulator.Tests;

/// <summary>Section B of the checklist: what refuses a whole create.</summary>
public sealed class CreateValidationTests
{
    private const string Hi = """{"model":"claude-haiku-4-5","max_tokens":16,"messages":[{"role":"user","content":"Hi"}]}""";

    private const string Pattern = "String should match pattern '^[a-zA-Z0-9_-]{1,64}$'";

    public static TheoryData<string, string> OwnWords => new()
    {
        { """{"requests":[{"custom_id":7,"params":{}}]}""", "requests.0.custom_id: Input should be a valid string" },
        { """{"requests":[{"custom_id":"a"}]}""", "requests.0.params: Field required" },
        { """{"requests":[{"custom_id":"a","params":[1]}]}""", "requests.0.params: Input should be a valid dictionary" },
        { """{"requests":[{"custom_id":"a","params":{},"metadata":{"x":[1]}}]}""", "requests.0.metadata: Extra inputs are not permitted" },
        { """{"requests":{}}""", "requests: Input should be a valid list" },
        { "{}", "requests: Field required" },
        { """{"name":"x","requests":[]}""", "name: Extra inputs are not permitted" },
        { "[]", "Input should be a valid dictionary or object to extract fields from" },
    };

    [Theory]
    [MemberData(nameof(OwnWords))]
    public async Task What_no_batch_can_be_is_refused_by_its_place(string body, string message) => await RefusedAsync(body, message);

    [Fact]
    public async Task Checklist_016_an_empty_list_is_refused() =>
        await RefusedAsync("""{"requests":[]}""", "requests: List should have at least 1 item after validation, not 0");

    [Fact]
    public async Task Checklist_017_a_missing_custom_id_is_refused_with_its_index()
    {
        await RefusedAsync($$"""{"requests":[{"params":{{Hi}}}]}""", "requests.0.custom_id: Field required");
        await RefusedAsync($$"""{"requests":[{"custom_id":"a","params":{{Hi}}},{"params":{{Hi}}}]}""", "requests.1.custom_id: Field required");
    }

    [Fact]
    public async Task Checklist_018_an_id_of_65_characters_is_refused_and_one_of_64_passes()
    {
        await RefusedAsync(One(new string('a', 65)), "requests.0.custom_id: String should have at most 64 characters");
        await using var api = await SimulatedApi.StartAsync(Some.Options);
        using var client = Some.Client(api);
        (await Some.CreatedAsync(client, One(new string('a', 64)))).ShouldNotBeEmpty();
    }

    [Theory]
    [InlineData("a.b")]
    [InlineData("a b")]
    [InlineData("a/b")]
    [InlineData("ключ")]
    [InlineData("")]
    [InlineData("a\\u0000")]
    public async Task Checklist_019_an_id_of_other_characters_is_refused(string id) => await RefusedAsync(One(id), $"requests.0.custom_id: {Pattern}");

    [Fact]
    public async Task Checklist_020_a_repeated_id_refuses_the_whole_batch() => await RefusedAsync(
        Some.Body(("dup", Hi), ("other", Hi), ("dup", Hi)),
        "requests: custom_id's must be unique within a batch. Duplicate custom_id found: dup");

    [Fact]
    public async Task Checklist_023_of_one_request_too_many_none_is_taken()
    {
        await using var api = await SimulatedApi.StartAsync(Some.Options);
        using var client = Some.Client(api);
        using var over = await Some.CreateAsync(client, Many(100_001));
        over.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await Some.ReadAsync(over)).GetProperty("error").GetProperty("type").GetString().ShouldBe("invalid_request_error");
        api.Truth.RequestsAccepted.ShouldBe(0);
        await Some.CreatedAsync(client, Many(100_000));
        api.Truth.RequestsAccepted.ShouldBe(100_000);
    }

    [Fact]
    public async Task Checklist_023_the_text_for_too_many_is_a_switch()
    {
        await using var api = await SimulatedApi.StartAsync(
            Some.Options with { MaxRequestsPerBatch = 2, Wire = new WireSwitches { TooManyText = "Batches hold fewer." } });
        using var client = Some.Client(api);
        using var reply = await Some.CreateAsync(client, Many(3));
        (await Some.ReadAsync(reply)).Message().ShouldBe("Batches hold fewer.");
    }

    [Theory]
    [InlineData("zstd", false, "request_body_encoding_unsupported")]
    [InlineData("gzip", false, "request_body_encoding_unsupported")]
    [InlineData("gzip", true, "request_body_encoding_invalid")]
    public async Task Checklist_026_a_content_encoding_that_cannot_be_read_is_refused(string encoding, bool packed, string code)
    {
        await using var api = await SimulatedApi.StartAsync(Some.Options with { Wire = new WireSwitches { GzipCreateBodies = packed } });
        using var client = Some.Client(api);
        using var content = Some.Json(One("a"));
        content.Headers.Add("Content-Encoding", encoding);
        using var reply = await client.PostAsync("/v1/messages/batches", content);
        reply.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await Some.ReadAsync(reply)).GetProperty("error").GetProperty("details").GetProperty("error_code").GetString().ShouldBe(code);
        api.Truth.BatchesCreated.ShouldBe(0);
    }

    [Fact]
    public async Task Checklist_026_where_gzip_is_taken_the_limit_counts_decoded_bytes()
    {
        await using var api = await SimulatedApi.StartAsync(Some.Options with { MaxBodyBytes = 2_000, Wire = new WireSwitches { GzipCreateBodies = true } });
        using var client = Some.Client(api);
        using var small = await client.PostAsync("/v1/messages/batches", Packed(One("a")));
        small.StatusCode.ShouldBe(HttpStatusCode.OK);
        using var large = await client.PostAsync("/v1/messages/batches", Packed(Some.Body(("a", Some.Params(new string('x', 100_000))))));
        large.StatusCode.ShouldBe(HttpStatusCode.RequestEntityTooLarge);
        (await Some.ReadAsync(large)).GetProperty("error").GetProperty("details").GetProperty("error_code").GetString()
            .ShouldBe("request_body_too_large_after_decoding");
    }

    [Fact]
    public async Task Checklist_027_a_sync_error_is_the_top_level_envelope()
    {
        await using var api = await SimulatedApi.StartAsync(Some.Options);
        using var client = Some.Client(api);
        using var reply = await Some.CreateAsync(client, """{"requests":[]}""");
        var error = await Some.ReadAsync(reply);
        error.EnumerateObject().Select(p => p.Name).ShouldBe(["type", "error", "request_id"]);
        error.GetProperty("type").GetString().ShouldBe("error");
        error.GetProperty("error").EnumerateObject().Select(p => p.Name).ShouldBe(["type", "message"]);
        error.GetProperty("request_id").GetString().ShouldBe(reply.Headers.GetValues("request-id").Single());
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

    private static async Task RefusedAsync(string body, string message)
    {
        await using var api = await SimulatedApi.StartAsync(Some.Options);
        using var client = Some.Client(api);
        using var reply = await Some.CreateAsync(client, body);
        reply.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        var error = await Some.ReadAsync(reply);
        error.GetProperty("error").GetProperty("type").GetString().ShouldBe("invalid_request_error");
        error.Message().ShouldBe(message);
        api.Truth.BatchesCreated.ShouldBe(0);
    }

    private static ByteArrayContent Packed(string body)
    {
        using var bytes = new MemoryStream();
        using (var gzip = new GZipStream(bytes, CompressionLevel.Fastest))
        {
            gzip.Write(Encoding.UTF8.GetBytes(body));
        }

        return new ByteArrayContent(bytes.ToArray()) { Headers = { { "Content-Type", "application/json" }, { "Content-Encoding", "gzip" } } };
    }

    private static string Many(int count)
    {
        var body = new StringBuilder("""{"requests":[""");
        for (var i = 0; i < count; i++)
        {
            body.Append(i > 0 ? "," : "").Append("{\"custom_id\":\"").Append(i).Append("\",\"params\":").Append(Hi).Append('}');
        }

        return body.Append("]}").ToString();
    }

    private static string One(string id) => $$"""{"requests":[{"custom_id":"{{id}}","params":{{Hi}}}]}""";
}
