using System.Text.Json;

namespace Muster.Simulator.Tests;

/// <summary>Section C of the checklist: accepted at create, errored on the item; and the sync endpoint's answer to the same.</summary>
public sealed class ItemErrorTests
{
    private const string Messages = "\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]";

    [Fact]
    public async Task Checklist_028_missing_messages_error_their_item() =>
        await ErroredAsync("""{"model":"claude-haiku-4-5","max_tokens":16}""", "messages: Field required");

    [Fact]
    public async Task Checklist_029_empty_messages_error_their_item_without_a_request_id()
    {
        var error = await ErroredAsync("""{"model":"claude-haiku-4-5","max_tokens":16,"messages":[]}""", "messages: at least one message is required");
        error.GetProperty("request_id").ValueKind.ShouldBe(JsonValueKind.Null);
    }

    [Theory]
    [InlineData("claude-does-not-exist-9")]
    [InlineData("claude-3-haiku-20240307")]
    public async Task Checklist_030_an_unknown_or_retired_model_is_not_found_on_its_item(string model) =>
        await ErroredAsync($$"""{"model":"{{model}}","max_tokens":16,{{Messages}}}""", $"model: {model}", "not_found_error");

    [Theory]
    [InlineData("claude-haiku-4-5", 64_001, 64_000, "claude-haiku-4-5-20251001")]
    [InlineData("claude-opus-4-6", 128_001, 128_000, "claude-opus-4-6")]
    public async Task Checklist_031_max_tokens_above_the_models_cap_names_cap_and_resolved_id(string model, int asked, int cap, string resolved) => await ErroredAsync(
        $$"""{"model":"{{model}}","max_tokens":{{asked}},{{Messages}}}""",
        $"max_tokens: {asked} > {cap}, which is the maximum allowed number of output tokens for {resolved}");

    [Theory]
    [InlineData("\"surprise\":1", "surprise: Extra inputs are not permitted")]
    [InlineData("\"tools\":[{\"name\":\"a\",\"input_schema\":{},\"_requestedType\":1}]", "tools.0.custom._requestedType: Extra inputs are not permitted")]
    public async Task Checklist_034_an_unknown_field_errors_its_item_by_its_place(string extra, string message) =>
        await ErroredAsync($$"""{"model":"claude-haiku-4-5","max_tokens":16,{{extra}},{{Messages}}}""", message);

    [Fact]
    public async Task Checklist_036_a_url_that_cannot_be_fetched_errors_its_item_at_the_worker()
    {
        var error = await ErroredAsync(
            WithBlocks("""{"type":"image","source":{"type":"url","url":"https://nowhere.invalid/x.png"}}"""),
            "Unable to download the file. Please verify the URL and try again.");
        error.GetProperty("request_id").GetString()!.ShouldMatch("^workerreq_01[A-Za-z0-9]{22}$");
    }

    [Fact]
    public async Task Checklist_038_one_bad_item_changes_the_outcome_of_no_other()
    {
        (string, string)[] good = [.. Enumerable.Range(0, 20).Select(i => ($"good-{i}", Some.WithSchema($"Garden rake number {i}")))];
        await using var api = await SimulatedApi.StartAsync(Some.Options);
        using var client = Some.Client(api);
        var alone = await Some.RunAsync(api, client, Some.Body(good));
        var mixed = await Some.RunAsync(api, client, Some.Body([.. good[..7], ("bad", """{"model":"nobody","max_tokens":0}"""), .. good[7..]]));
        mixed["bad"].GetProperty("type").GetString().ShouldBe("errored");
        foreach (var (id, _) in good)
        {
            mixed[id].GetRawText().ShouldBe(alone[id].GetRawText());
        }
    }

    [Theory]
    [InlineData("""{"type":"image","source":{"type":"base64","media_type":"image/png","data":"AAAA"}}""", "messages.0.content.0.image.source.base64.data: The file format is invalid or unsupported")]
    [InlineData("""{"type":"document","source":{"type":"base64","media_type":"application/pdf","data":"not base64"}}""", "messages.0.content.0.document.source.base64.data: The file format is invalid or unsupported")]
    [InlineData("""{"type":"text"}""", "messages.0.content.0.text.text: Field required")]
    [InlineData("""{"type":"text","text":""}""", "messages: text content blocks must be non-empty")]
    [InlineData("""{"type":"text","text":"a","size":1}""", "messages.0.content.0.text.size: Extra inputs are not permitted")]
    [InlineData("""{"text":"a"}""", "messages.0.content.0.type: Field required")]
    [InlineData("7", "messages.0.content.0: Input should be a valid dictionary or object to extract fields from")]
    public async Task Content_blocks_are_judged_by_their_place(string block, string message) => await ErroredAsync(WithBlocks(block), message);

    [Theory]
    [InlineData("""{"type":"image","source":{"type":"base64","media_type":"image/gif","data":"R0lGODlhAQABAA=="}}""")]
    [InlineData("""{"type":"image","source":{"type":"url","url":"https://example.com/x.png"}}""")]
    [InlineData("""{"type":"document","source":{"type":"base64","media_type":"application/pdf","data":"JVBERi0xLjcK"}}""")]
    [InlineData("""{"type":"document","source":{"type":"file","file_id":"file_1"}}""")]
    [InlineData("""{"type":"search_result","source":"x","title":"y","content":[{"type":"text","text":"z"}]}""")]
    public async Task Right_content_blocks_pass(string block)
    {
        await using var api = await SimulatedApi.StartAsync(Some.Options);
        using var client = Some.Client(api);
        (await Some.RunAsync(api, client, Some.Body(("a", WithBlocks(block)))))["a"].GetProperty("type").GetString().ShouldBe("succeeded");
    }

    [Theory]
    [InlineData("""{"role":"system","content":"x"}""", "messages.0.role: Input should be 'user' or 'assistant'")]
    [InlineData("""{"content":"x"}""", "messages.0.role: Field required")]
    [InlineData("""{"role":"user"}""", "messages.0.content: Field required")]
    [InlineData("""{"role":"user","content":7}""", "messages.0.content: Input should be a valid string or list")]
    [InlineData("""{"role":"user","content":[]}""", "messages.0: messages must have non-empty content")]
    [InlineData("""{"role":"user","content":"x","name":"y"}""", "messages.0.name: Extra inputs are not permitted")]
    [InlineData("\"x\"", "messages.0: Input should be a valid dictionary or object to extract fields from")]
    public async Task Messages_are_judged_by_their_place(string turn, string message) =>
        await ErroredAsync($$"""{"model":"claude-haiku-4-5","max_tokens":16,"messages":[{{turn}}]}""", message);

    [Theory]
    [InlineData("\"model\":7,\"max_tokens\":1,\"messages\":[]", "model: Input should be a valid string")]
    [InlineData("\"model\":\"claude-haiku-4-5\",\"max_tokens\":\"many\",\"messages\":[]", "max_tokens: Input should be a valid integer")]
    [InlineData("\"model\":\"claude-haiku-4-5\",\"max_tokens\":1,\"messages\":{}", "messages: Input should be a valid list")]
    [InlineData("\"model\":\"claude-haiku-4-5\",\"max_tokens\":1,\"messages\":[],\"stream\":1", "stream: Input should be a valid boolean")]
    [InlineData("\"model\":\"claude-haiku-4-5\",\"max_tokens\":1,\"messages\":[{\"role\":\"user\",\"content\":\"x\"}],\"tools\":[{\"name\":\"a\",\"input_schema\":{}}],\"tool_choice\":{\"type\":\"tool\",\"name\":\"b\"}", "Tool 'b' not found in provided tools")]
    public async Task Values_of_a_wrong_kind_are_named(string members, string message) => await ErroredAsync($"{{{members}}}", message);

    [Fact]
    public async Task Checklist_032_zero_max_tokens_errors_in_a_batch_and_passes_sync()
    {
        var parameters = $$"""{"model":"claude-haiku-4-5","max_tokens":0,{{Messages}}}""";
        await using var api = await SimulatedApi.StartAsync(Some.Options);
        using var client = Some.Client(api);
        (await Some.RunAsync(api, client, Some.Body(("a", parameters))))["a"].ErrorText().ShouldBe("max_tokens: must be greater than or equal to 1");
        using var sync = await client.PostAsync("/v1/messages", Some.Json(parameters));
        ((int)sync.StatusCode).ShouldBe(200);
    }

    [Fact]
    public async Task Checklist_033_stream_true_errors_and_stream_false_succeeds()
    {
        await using var api = await SimulatedApi.StartAsync(Some.Options);
        using var client = Some.Client(api);
        var results = await Some.RunAsync(
            api, client, Some.Body(("on", Some.Params(extra: ",\"stream\":true")), ("off", Some.Params(extra: ",\"stream\":false"))));
        results["on"].ErrorText().ShouldBe("\"stream=True\" is not supported in the Message Batches API");
        results["off"].GetProperty("type").GetString().ShouldBe("succeeded");
    }

    [Theory]
    [InlineData("speed", "\"fast\"")]
    [InlineData("store", "true")]
    [InlineData("previous_thread_event_id", "\"x\"")]
    [InlineData("cache_hint", "{}")]
    [InlineData("context_hint", "{}")]
    [InlineData("fallbacks", "[]")]
    public async Task Checklist_035_params_that_batches_do_not_support_error_their_item(string name, string value)
    {
        await using var api = await SimulatedApi.StartAsync(Some.Options);
        using var client = Some.Client(api);
        var results = await Some.RunAsync(api, client, Some.Body(("a", Some.Params(extra: $",\"{name}\":{value}"))));
        results["a"].ErrorType().ShouldBe("invalid_request_error");
        results["a"].ErrorText().ShouldContain(name);
    }

    [Theory]
    [InlineData("2023-06-01", "claude-haiku-4-5", "succeeded")]
    [InlineData("2026-10-21", "claude-haiku-4-5", "errored")]
    [InlineData("2023-06-01", "claude-opus-4-7", "errored")]
    [InlineData("2023-06-01", "claude-opus-4-6", "succeeded")]
    public async Task Checklist_037_sampling_params_error_under_the_new_version_or_model(string version, string model, string type)
    {
        await using var api = await SimulatedApi.StartAsync(Some.Options);
        using var client = Some.Client(api, version);
        string[] names = ["temperature", "top_p", "top_k"];
        var results = await Some.RunAsync(api, client, Some.Body(names.Select(n => (n, Some.Params(model: model, extra: $",\"{n}\":1")))));
        foreach (var name in names)
        {
            results[name].GetProperty("type").GetString().ShouldBe(type);
            (type == "succeeded" || results[name].ErrorText().StartsWith(name, StringComparison.Ordinal)).ShouldBeTrue();
        }
    }

    [Theory]
    [InlineData("""{"role":"assistant","content":[{"type":"document","source":{"type":"file","file_id":"f"}}]}""")]
    [InlineData("""{"role":"user","content":[{"type":"text","text":"x","citations":[{"type":"char_location"}]}]}""")]
    [InlineData("""{"role":"user","content":[{"type":"search_result","source":"x","title":"y","content":[{"type":"text","text":"z","citations":[{}]}]}]}""")]
    public async Task Checklist_037_the_other_two_changes_of_the_new_version_error_the_same_way(string turn)
    {
        var parameters = $$"""{"model":"claude-haiku-4-5","max_tokens":16,"messages":[{"role":"user","content":"Hi"},{{turn}}]}""";
        foreach (var (version, type) in (IEnumerable<(string, string)>)[("2023-06-01", "succeeded"), ("2026-10-21", "errored")])
        {
            await using var api = await SimulatedApi.StartAsync(Some.Options);
            using var client = Some.Client(api, version);
            (await Some.RunAsync(api, client, Some.Body(("a", parameters))))["a"].GetProperty("type").GetString().ShouldBe(type);
        }
    }

    [Fact]
    public async Task Checklist_037_sampling_params_refuse_the_create_when_switched()
    {
        await using var api = await SimulatedApi.StartAsync(Some.Options with { Wire = new WireSwitches { RefuseSamplingAtCreate = true } });
        using var client = Some.Client(api, "2026-10-21");
        using var reply = await Some.CreateAsync(client, Some.Body(("a", Some.Params(extra: ",\"top_k\":5"))));
        ((int)reply.StatusCode).ShouldBe(400);
    }

    [Fact]
    public async Task Checklist_039_one_batch_mixes_models_features_and_regions()
    {
        await using var api = await SimulatedApi.StartAsync(Some.Options);
        using var client = Some.Client(api);
        var results = await Some.RunAsync(api, client, Some.Body(
            ("haiku", Some.WithSchema()),
            ("opus", Some.Params(model: "claude-opus-4-6", extra: ",\"inference_geo\":\"us\"")),
            ("sonnet", Some.Params(model: "claude-sonnet-5-5"))));
        results["haiku"].GetProperty("message").GetProperty("usage").GetProperty("inference_geo").GetString().ShouldBe("not_available");
        results["opus"].GetProperty("message").GetProperty("usage").GetProperty("inference_geo").GetString().ShouldBe("us");
        results["sonnet"].GetProperty("message").GetProperty("usage").GetProperty("output_tokens_details").GetProperty("thinking_tokens").GetInt32()
            .ShouldBeGreaterThan(0);
    }

    private static string WithBlocks(string blocks) =>
        $$"""{"model":"claude-haiku-4-5","max_tokens":16,"messages":[{"role":"user","content":[{{blocks}}]}]}""";

    /// <summary>Accepted at create, errored on the item; returns the item's error envelope.</summary>
    private static async Task<JsonElement> ErroredAsync(string parameters, string message, string type = "invalid_request_error")
    {
        await using var api = await SimulatedApi.StartAsync(Some.Options);
        using var client = Some.Client(api);
        var result = (await Some.RunAsync(api, client, Some.Body(("bad", parameters))))["bad"];
        result.GetProperty("type").GetString().ShouldBe("errored");
        result.ErrorType().ShouldBe(type);
        result.ErrorText().ShouldBe(message);
        return result.GetProperty("error");
    }
}
