using System.Text.Json;

namespace Muster.Simulator.Tests;

/// <summary>Section C of the checklist: accepted at create, errored on the item; and the sync endpoint's answer to the same.</summary>
public sealed class ItemErrorTests
{
    private const string Messages = "\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]";

    public static TheoryData<string, string, string, string?> Bad => new()
    {
        { """{"model":"claude-haiku-4-5","max_tokens":16}""", "invalid_request_error", "messages: Field required", null },
        { """{"model":"claude-haiku-4-5","max_tokens":16,"messages":[]}""", "invalid_request_error", "messages: at least one message is required", null },
        { $$"""{"model":"claude-does-not-exist-9","max_tokens":16,{{Messages}}}""", "not_found_error", "model: claude-does-not-exist-9", null },
        {
            $$"""{"model":"claude-haiku-4-5","max_tokens":100000,{{Messages}}}""", "invalid_request_error",
            "max_tokens: 100000 > 64000, which is the maximum allowed number of output tokens for claude-haiku-4-5-20251001", null
        },
        { $$"""{"model":"claude-haiku-4-5","max_tokens":16,"surprise":1,{{Messages}}}""", "invalid_request_error", "surprise: Extra inputs are not permitted", null },
        {
            """{"model":"claude-haiku-4-5","max_tokens":16,"messages":[{"role":"user","content":[{"type":"image","source":{"type":"url","url":"https://nowhere.invalid/x.png"}}]}]}""",
            "invalid_request_error", "Unable to download the file. Please verify the URL and try again.", "^workerreq_01"
        },
        {
            $$$"""{"model":"claude-haiku-4-5","max_tokens":16,"tools":[{"name":"a","input_schema":{"type":"object"}}],"tool_choice":{"type":"tool","name":"does_not_exist"},{{{Messages}}}}""",
            "invalid_request_error", "Tool 'does_not_exist' not found in provided tools", null
        },
    };

    [Theory]
    [MemberData(nameof(Bad))]
    public async Task Checklist_028_to_036_110_bad_params_error_their_item_and_refuse_the_same_sync_call(
        string parameters, string type, string message, string? requestId)
    {
        await using var api = await SimulatedApi.StartAsync(Some.Options);
        using var client = Some.Client(api);
        var results = await Some.RunAsync(api, client, Some.Body(("bad", parameters), ("good", Some.Params())));
        results["good"].GetProperty("type").GetString().ShouldBe("succeeded", "checklist 038: one bad item changes no other");
        results["bad"].GetProperty("type").GetString().ShouldBe("errored");
        results["bad"].ErrorType().ShouldBe(type);
        results["bad"].ErrorText().ShouldBe(message);
        var id = results["bad"].GetProperty("error").GetProperty("request_id");
        (requestId is null ? id.ValueKind == JsonValueKind.Null : id.GetString()!.StartsWith("workerreq_01", StringComparison.Ordinal)).ShouldBeTrue();

        using var sync = await client.PostAsync("/v1/messages", Some.Json(parameters));
        ((int)sync.StatusCode).ShouldBe(type == "not_found_error" ? 404 : 400);
        (await Some.ReadAsync(sync)).Message().ShouldBe(message);
    }

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
        var results = await Some.RunAsync(api, client, Some.Body(("a", Some.Params(model: model, extra: ",\"temperature\":1"))));
        results["a"].GetProperty("type").GetString().ShouldBe(type);
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
}
