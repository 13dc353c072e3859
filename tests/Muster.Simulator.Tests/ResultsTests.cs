using System.Net;
using System.Text;
using System.Text.Json;
using Muster.Simulator.Faults;

namespace Muster.Simulator.Tests;

/// <summary>Section G of the checklist: the results stream.</summary>
public sealed class ResultsTests
{
    private static string Path(string id) => $"/v1/messages/batches/{id}/results";

    [Fact]
    public async Task Checklist_073_results_before_the_end_are_a_404()
    {
        await using var api = await SimulatedApi.StartAsync(Some.Options);
        using var client = Some.Client(api);
        var id = await Some.CreatedAsync(client, Some.Body(1));
        using var reply = await client.GetAsync(Path(id));
        reply.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        reply.Headers.GetValues("x-should-retry").ShouldBe(["false"]);
        (await Some.ReadAsync(reply)).Message().ShouldBe($"Message Batch {id} has no available results.");
    }

    [Theory]
    [InlineData("application/x-jsonl")]
    [InlineData("text/html")]
    [InlineData("")]
    public async Task Checklist_074_088_headers_are_as_recorded_and_range_is_ignored(string type)
    {
        await using var api = await SimulatedApi.StartAsync(
            Some.Options with { Instant = true, Wire = new WireSwitches { ResultsContentType = type } });
        using var client = Some.Client(api);
        var id = await Some.CreatedAsync(client, Some.Body(3));
        client.DefaultRequestHeaders.Add("Range", "bytes=10-20");
        using var reply = await client.GetAsync(Path(id), HttpCompletionOption.ResponseHeadersRead);
        reply.StatusCode.ShouldBe(HttpStatusCode.OK);
        (reply.Content.Headers.ContentType?.ToString() ?? "").ShouldBe(type);
        reply.Content.Headers.GetValues("content-disposition").ShouldBe([$"attachment; filename*=utf-8''{id}_results.jsonl"]);
        reply.Content.Headers.ContentLength.ShouldBeNull();
        (await reply.Content.ReadAsStringAsync()).Split('\n').Length.ShouldBe(4);
    }

    [Fact]
    public async Task Checklist_075_076_077_each_id_comes_once_in_another_order_on_a_line_of_its_own()
    {
        await using var api = await SimulatedApi.StartAsync(Some.Options with { Instant = true });
        using var client = Some.Client(api);
        var id = await Some.CreatedAsync(client, Some.Body(50));
        var bytes = await client.GetByteArrayAsync(Path(id));
        bytes[0].ShouldBe((byte)'{');
        bytes[^1].ShouldBe((byte)'\n');
        bytes.ShouldNotContain((byte)'\r');
        var ids = Encoding.UTF8.GetString(bytes).TrimEnd('\n').Split('\n')
            .Select(l => JsonDocument.Parse(l).RootElement.GetProperty("custom_id").GetString()!).ToList();
        var sent = Enumerable.Range(0, 50).Select(i => $"row-{i}").ToList();
        ids.ShouldNotBe(sent);
        ids.Order(StringComparer.Ordinal).ShouldBe(sent.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Checklist_078_to_080_a_succeeded_line_has_the_recorded_shape()
    {
        await using var api = await SimulatedApi.StartAsync(Some.Options);
        using var client = Some.Client(api);
        var message = (await Some.RunAsync(api, client, Some.Body(1)))["row-0"].GetProperty("message");
        message.EnumerateObject().Select(p => p.Name).ShouldBe(
            ["model", "id", "type", "role", "content", "stop_reason", "stop_sequence", "stop_details", "usage"]);
        message.GetProperty("model").GetString().ShouldBe("claude-haiku-4-5-20251001");
        message.GetProperty("id").GetString()!.ShouldMatch("^msg_01[A-Za-z0-9]{22}$");
        message.GetProperty("stop_reason").GetString().ShouldBe("end_turn");
        message.GetProperty("usage").EnumerateObject().Select(p => p.Name).ShouldBe(
        [
            "input_tokens", "cache_creation_input_tokens", "cache_read_input_tokens", "cache_creation", "output_tokens", "service_tier", "inference_geo",
        ]);
        message.GetProperty("usage").GetProperty("service_tier").GetString().ShouldBe("batch");
    }

    [Fact]
    public async Task Checklist_081_086_every_inner_error_type_can_be_had_doubly_nested()
    {
        string[] types =
        [
            "invalid_request_error", "authentication_error", "billing_error", "permission_error", "not_found_error", "rate_limit_error",
            "timeout_error", "api_error", "overloaded_error",
        ];
        var rules = string.Join(',', types.Select(t => $$"""{"contains":"<{{t}}>","outcome":"{{t}}"}"""));
        await using var api = await SimulatedApi.StartAsync(Some.Options with { Faults = FaultPlan.Parse($$"""{"rows":[{{rules}}]}""") });
        using var client = Some.Client(api);
        var results = await Some.RunAsync(api, client, Some.Body(types.Select(t => (t, Some.Params($"<{t}>")))));
        foreach (var type in types)
        {
            var error = results[type].GetProperty("error");
            error.GetProperty("type").GetString().ShouldBe("error");
            error.GetProperty("error").GetProperty("details").GetProperty("error_visibility").GetString().ShouldBe("user_facing");
            results[type].ErrorType().ShouldBe(type);
        }
    }

    [Fact]
    public async Task Checklist_083_expired_lines_carry_nothing_else()
    {
        await using var api = await SimulatedApi.StartAsync(Some.Options with { Faults = FaultPlan.Parse("""{"rates":{"expired":1}}""") });
        using var client = Some.Client(api);
        (await Some.RunAsync(api, client, Some.Body(1)))["row-0"].GetRawText().ShouldBe("""{"type":"expired"}""");
    }

    [Fact]
    public async Task Checklist_084_085_refusal_truncation_tool_use_and_pause_are_succeeded()
    {
        await using var api = await SimulatedApi.StartAsync(Some.Options with
        {
            Faults = FaultPlan.Parse("""
                {"rows":[{"contains":"<refuse>","outcome":"refusal"},{"contains":"<cut>","outcome":"truncated"},{"contains":"<pause>","outcome":"pause_turn"}]}
                """),
        });
        using var client = Some.Client(api);
        var results = await Some.RunAsync(api, client, Some.Body(
            ("refuse", Some.WithSchema("<refuse>")), ("cut", Some.WithSchema("<cut> a garden rake")), ("pause", Some.Params("<pause>")),
            ("tool", Some.Params(extra: $$""","tools":[{"name":"file_it","input_schema":{{Some.Schema}}}],"tool_choice":{"type":"tool","name":"file_it"}"""))));
        Stop("refuse").ShouldBe("refusal");
        results["refuse"].GetProperty("message").GetProperty("stop_details").GetProperty("type").GetString().ShouldBe("refusal");
        Stop("cut").ShouldBe("max_tokens");
        Should.Throw<JsonException>(() => JsonDocument.Parse(results["cut"].Text()));
        Stop("pause").ShouldBe("pause_turn");
        Stop("tool").ShouldBe("tool_use");
        results["tool"].GetProperty("message").GetProperty("content")[0].GetProperty("input").GetProperty("category").GetString().ShouldBe("Garden tools");

        string Stop(string id) => results[id].GetProperty("message").GetProperty("stop_reason").GetString()!;
    }

    [Fact]
    public async Task Checklist_087_several_readers_get_the_same_bytes()
    {
        await using var api = await SimulatedApi.StartAsync(Some.Options with { Instant = true });
        using var client = Some.Client(api);
        var id = await Some.CreatedAsync(client, Some.Body(500));
        var downloads = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => client.GetStringAsync(Path(id))));
        downloads.Distinct(StringComparer.Ordinal).ShouldHaveSingleItem();
    }

    [Fact]
    public async Task Checklist_089_hostile_text_passes_exactly()
    {
        var hostile = "a\u2028b\u2029c\u0085d \U0001F600 \u0000 \\u2028 \"q\" \r\n\t end " + new string('x', 400_000);
        await using var api = await SimulatedApi.StartAsync(Some.Options with { Engine = "echo" });
        using var client = Some.Client(api);
        var parameters = Some.Params(hostile, "claude-opus-4-6").Replace("\"max_tokens\":300", "\"max_tokens\":128000");
        var results = await Some.RunAsync(api, client, Some.Body(("a", parameters), ("b", Some.Params("plain"))));
        results["a"].Text().ShouldBe(hostile);
        results["b"].Text().ShouldBe("plain");
    }

    [Fact]
    public async Task A_lone_surrogate_in_a_row_does_not_stop_the_others()
    {
        await using var api = await SimulatedApi.StartAsync(Some.Options);
        using var client = Some.Client(api);
        var odd = """{"model":"claude-haiku-4-5","max_tokens":300,"messages":[{"role":"user","content":"\ud800 rake \u0000"}]}""";
        (await Some.RunAsync(api, client, Some.Body(("odd", odd), ("even", Some.Params())))).Count.ShouldBe(2);
    }
}
