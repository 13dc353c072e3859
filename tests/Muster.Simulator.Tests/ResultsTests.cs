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

    [Fact]
    public async Task A_lone_surrogate_in_a_row_does_not_stop_the_others()
    {
        await using var api = await SimulatedApi.StartAsync(Some.Options);
        using var client = Some.Client(api);
        var odd = """{"model":"claude-haiku-4-5","max_tokens":300,"messages":[{"role":"user","content":"\ud800 rake \u0000"}]}""";
        (await Some.RunAsync(api, client, Some.Body(("odd", odd), ("even", Some.Params())))).Count.ShouldBe(2);
    }

    [Theory]
    [InlineData("application/x-jsonl")]
    [InlineData("text/html")]
    [InlineData("")]
    public async Task Checklist_074_the_headers_are_as_recorded_in_their_time(string type)
    {
        await using var api = await SimulatedApi.StartAsync(
            Some.Options with { Instant = true, Wire = new WireSwitches { ResultsContentType = type } });
        using var client = Some.Client(api);
        var id = await Some.CreatedAsync(client, Some.Body(3));
        using var reply = await client.GetAsync(Path(id), HttpCompletionOption.ResponseHeadersRead);
        (reply.Content.Headers.ContentType?.ToString() ?? "").ShouldBe(type);
        reply.Content.Headers.GetValues("content-disposition").ShouldBe([$"attachment; filename*=utf-8''{id}_results.jsonl"]);
        reply.Headers.TransferEncodingChunked.ShouldBe(true);
        reply.Content.Headers.NonValidated.Contains("Content-Length").ShouldBeFalse();
    }

    [Fact]
    public async Task Checklist_075_each_object_has_a_line_of_its_own_that_ends_in_a_bare_newline()
    {
        await using var api = await SimulatedApi.StartAsync(Some.Options with { Instant = true });
        using var client = Some.Client(api);
        var bytes = await client.GetByteArrayAsync(Path(await Some.CreatedAsync(client, Some.Body(50))));
        bytes[0].ShouldBe((byte)'{', "no BOM");
        bytes[^1].ShouldBe((byte)'\n');
        bytes.ShouldNotContain((byte)'\r');
        var lines = Encoding.UTF8.GetString(bytes)[..^1].Split('\n');
        lines.Length.ShouldBe(50);
        lines.ShouldAllBe(l => JsonDocument.Parse(l, default).RootElement.ValueKind == JsonValueKind.Object);
    }

    [Fact]
    public async Task Checklist_075_blank_lines_and_crlf_are_switches()
    {
        await using var api = await FaultTests.StartAsync(
            """{"lines":{"blank":1}}""", o => o with { Instant = true, Wire = new WireSwitches { CrLfResults = true } });
        using var client = Some.Client(api);
        var text = await client.GetStringAsync(Path(await Some.CreatedAsync(client, Some.Body(5))));
        text.Split('\n').Count(l => l.Length == 0).ShouldBe(6, "one before each line, and the end");
        text.Split('\n').Count(l => l.EndsWith('\r')).ShouldBe(5);
    }

    [Fact]
    public async Task Checklist_076_lines_come_in_a_seeded_order_that_is_not_the_order_of_submission()
    {
        var orders = new List<List<string>>();
        foreach (var seed in (ulong[])[1, 1, 2])
        {
            await using var api = await SimulatedApi.StartAsync(Some.Options with { Instant = true, Seed = seed });
            using var client = Some.Client(api);
            orders.Add([.. (await Some.ResultsAsync(client, await Some.CreatedAsync(client, Some.Body(50)))).Keys]);
        }

        orders[0].ShouldNotBe([.. Enumerable.Range(0, 50).Select(i => $"row-{i}")]);
        orders[1].ShouldBe(orders[0]);
        orders[2].ShouldNotBe(orders[0]);
    }

    [Fact]
    public async Task Checklist_077_each_id_comes_once_and_the_lines_are_as_many_as_the_counts_say()
    {
        await using var api = await FaultTests.StartAsync("""{"rates":{"expired":0.3,"api_error":0.3}}""", o => o with { Instant = true });
        using var client = Some.Client(api);
        var id = await Some.CreatedAsync(client, Some.Body(200));
        var ids = (await client.GetStringAsync(Path(id))).Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(l => JsonDocument.Parse(l).RootElement.GetProperty("custom_id").GetString()!).ToList();
        ids.Order(StringComparer.Ordinal).ShouldBe(Enumerable.Range(0, 200).Select(i => $"row-{i}").Order(StringComparer.Ordinal));
        var (processing, succeeded, errored, canceled, expired) = LifecycleTests.Counts(await Some.RetrieveAsync(client, id));
        (processing + succeeded + errored + canceled + expired).ShouldBe(ids.Count);
    }

    [Fact]
    public async Task Checklist_078_a_succeeded_line_holds_the_whole_message()
    {
        var message = await MessageAsync(Some.Params());
        message.EnumerateObject().Select(p => p.Name).ShouldBe(
            ["model", "id", "type", "role", "content", "stop_reason", "stop_sequence", "stop_details", "usage"]);
        message.GetProperty("id").GetString()!.ShouldMatch("^msg_01[A-Za-z0-9]{22}$");
        message.GetProperty("type").GetString().ShouldBe("message");
        message.GetProperty("role").GetString().ShouldBe("assistant");
        message.GetProperty("content")[0].EnumerateObject().Select(p => p.Name).ShouldBe(["type", "text"]);
        message.GetProperty("stop_reason").GetString().ShouldBe("end_turn");
        message.GetProperty("stop_sequence").ValueKind.ShouldBe(JsonValueKind.Null);
        message.GetProperty("stop_details").ValueKind.ShouldBe(JsonValueKind.Null);
    }

    [Theory]
    [InlineData("claude-haiku-4-5", "not_available")]
    [InlineData("claude-sonnet-4-6", "global")]
    public async Task Checklist_079_usage_has_its_fields_and_the_geo_of_its_model(string model, string geo)
    {
        var usage = (await MessageAsync(Some.Params(model: model))).GetProperty("usage");
        usage.EnumerateObject().Select(p => p.Name).ShouldBe(
        [
            "input_tokens", "cache_creation_input_tokens", "cache_read_input_tokens", "cache_creation", "output_tokens", "service_tier", "inference_geo",
        ]);
        usage.GetProperty("cache_creation").EnumerateObject().Select(p => p.Name).ShouldBe(["ephemeral_5m_input_tokens", "ephemeral_1h_input_tokens"]);
        usage.GetProperty("service_tier").GetString().ShouldBe("batch");
        usage.GetProperty("inference_geo").GetString().ShouldBe(geo);
    }

    [Theory]
    [InlineData("claude-haiku-4-5", "claude-haiku-4-5-20251001")]
    [InlineData("claude-sonnet-4-5", "claude-sonnet-4-5-20250929")]
    [InlineData("claude-sonnet-4-6", "claude-sonnet-4-6")]
    public async Task Checklist_080_an_alias_comes_back_as_the_dated_id(string sent, string came) =>
        (await MessageAsync(Some.Params(model: sent))).GetProperty("model").GetString().ShouldBe(came);

    [Fact]
    public async Task Checklist_081_an_errored_line_is_nested_twice()
    {
        await using var api = await FaultTests.StartAsync("""{"rows":[{"contains":"<busy>","outcome":"overloaded_error"}]}""");
        using var client = Some.Client(api);
        var results = await Some.RunAsync(api, client, Some.Body(("busy", Some.Params("<busy>")), ("bad", """{"model":"claude-haiku-4-5","max_tokens":1,"messages":[]}""")));
        results["bad"].GetRawText().ShouldBe(
            """{"type":"errored","error":{"type":"error","error":{"details":{"error_visibility":"user_facing"},"type":"invalid_request_error","message":"messages: at least one message is required"},"request_id":null}}""");
        var busy = results["busy"].GetProperty("error");
        busy.GetProperty("type").GetString().ShouldBe("error");
        busy.GetProperty("error").GetProperty("type").GetString()!.ShouldEndWith("_error");
        busy.GetProperty("error").GetProperty("details").GetProperty("error_visibility").GetString().ShouldBe("user_facing");
        busy.GetProperty("request_id").GetString()!.ShouldMatch("^workerreq_01[A-Za-z0-9]{22}$");
    }

    [Fact]
    public async Task Checklist_083_canceled_and_expired_lines_carry_nothing_else()
    {
        await using var api = await FaultTests.StartAsync("""{"rows":[{"contains":"<c>","outcome":"canceled"},{"contains":"<e>","outcome":"expired"}]}""");
        using var client = Some.Client(api);
        var results = await Some.RunAsync(api, client, Some.Body(("c", Some.Params("<c>")), ("e", Some.Params("<e>"))));
        results["c"].GetRawText().ShouldBe("""{"type":"canceled"}""");
        results["e"].GetRawText().ShouldBe("""{"type":"expired"}""");
    }

    [Fact]
    public async Task Checklist_084_refusal_and_truncation_are_succeeded()
    {
        await using var api = await FaultTests.StartAsync("""{"rows":[{"contains":"<refuse>","outcome":"refusal"},{"contains":"<cut>","outcome":"truncated"}]}""");
        using var client = Some.Client(api);
        var results = await Some.RunAsync(api, client, Some.Body(("refuse", Some.WithSchema("<refuse>")), ("cut", Some.WithSchema("<cut> a garden rake"))));
        results.Values.ShouldAllBe(r => r.GetProperty("type").GetString() == "succeeded");
        Stop(results["refuse"]).ShouldBe("refusal");
        results["refuse"].GetProperty("message").GetProperty("stop_details").EnumerateObject().Select(p => p.Name).ShouldBe(["type", "category", "explanation"]);
        Stop(results["cut"]).ShouldBe("max_tokens");
        results["cut"].Text().ShouldStartWith("{");
        Should.Throw<JsonException>(() => JsonDocument.Parse(results["cut"].Text()));
    }

    [Fact]
    public async Task Checklist_085_pause_turn_and_tool_use_end_the_item_as_succeeded()
    {
        await using var api = await FaultTests.StartAsync("""{"rows":[{"contains":"<pause>","outcome":"pause_turn"}]}""");
        using var client = Some.Client(api);
        var results = await Some.RunAsync(api, client, Some.Body(
            ("pause", Some.Params("<pause>")),
            ("tool", Some.Params(extra: $$""","tools":[{"name":"file_it","input_schema":{{Some.Schema}}}],"tool_choice":{"type":"tool","name":"file_it"}"""))));
        Stop(results["pause"]).ShouldBe("pause_turn");
        Stop(results["tool"]).ShouldBe("tool_use");
        var block = results["tool"].GetProperty("message").GetProperty("content").EnumerateArray().ShouldHaveSingleItem();
        block.GetProperty("type").GetString().ShouldBe("tool_use");
        block.GetProperty("input").GetProperty("category").GetString().ShouldBe("Garden tools");
    }

    [Fact]
    public async Task Checklist_086_every_inner_error_type_can_be_had()
    {
        string[] types =
        [
            "invalid_request_error", "authentication_error", "billing_error", "permission_error", "not_found_error", "rate_limit_error",
            "timeout_error", "api_error", "overloaded_error",
        ];
        var rules = string.Join(',', types.Select(t => $$"""{"contains":"<{{t}}>","outcome":"{{t}}"}"""));
        await using var api = await FaultTests.StartAsync($$"""{"rows":[{{rules}}]}""");
        using var client = Some.Client(api);
        var results = await Some.RunAsync(api, client, Some.Body(types.Select(t => (t, Some.Params($"<{t}>")))));
        foreach (var type in types)
        {
            results[type].ErrorType().ShouldBe(type);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Checklist_087_several_readers_get_the_same_lines_until_the_archive(bool reshuffled)
    {
        await using var api = await SimulatedApi.StartAsync(Some.Options with { Instant = true, Wire = new WireSwitches { ReshuffleResults = reshuffled } });
        using var client = Some.Client(api);
        var id = await Some.CreatedAsync(client, Some.Body(500));
        var downloads = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => client.GetStringAsync(Path(id))));
        downloads.Distinct(StringComparer.Ordinal).Count().ShouldBe(reshuffled ? 4 : 1);
        downloads.Select(d => string.Join('\n', d.Split('\n').Order(StringComparer.Ordinal))).Distinct(StringComparer.Ordinal).ShouldHaveSingleItem();
        api.Clock.Advance(TimeSpan.FromDays(28));
        (await Some.ResultsAsync(client, id)).Count.ShouldBe(500);
    }

    [Theory]
    [InlineData(false, HttpStatusCode.OK)]
    [InlineData(true, HttpStatusCode.RequestedRangeNotSatisfiable)]
    public async Task Checklist_088_a_range_is_ignored_unless_switched(bool refuse, HttpStatusCode status)
    {
        await using var api = await SimulatedApi.StartAsync(Some.Options with { Instant = true, Wire = new WireSwitches { RefuseRange = refuse } });
        using var client = Some.Client(api);
        var id = await Some.CreatedAsync(client, Some.Body(3));
        var whole = await client.GetStringAsync(Path(id));
        client.DefaultRequestHeaders.Add("Range", "bytes=10-20");
        using var reply = await client.GetAsync(Path(id));
        reply.StatusCode.ShouldBe(status);
        if (!refuse)
        {
            (await reply.Content.ReadAsStringAsync()).ShouldBe(whole);
        }
    }

    [Fact]
    public async Task Checklist_089_hostile_text_and_megabyte_lines_pass_to_the_byte()
    {
        var hostile = "a\u2028b\u2029c\u0085d \U0001F600 \u0000 \\u2028 \"q\" \r\n\t end " + new string('\u0001', 200_000);
        await using var api = await SimulatedApi.StartAsync(Some.Options with { Engine = "echo" });
        using var client = Some.Client(api);
        var parameters = Some.Params(hostile, "claude-opus-4-6").Replace("\"max_tokens\":300", "\"max_tokens\":128000");
        var id = await Some.CreatedAsync(client, Some.Body(("a", parameters), ("b", Some.Params("plain"))));
        api.Clock.Advance(TimeSpan.FromMinutes(11));
        var bytes = await client.GetByteArrayAsync(Path(id));
        bytes.Count(b => b == (byte)'\n').ShouldBe(2);
        bytes.Length.ShouldBeGreaterThan(1_200_000, "each control character takes six bytes");
        bytes.AsSpan().IndexOf("\u2028"u8).ShouldBeGreaterThan(0, "raw, as the service sends it");
        var results = await Some.ResultsAsync(client, id);
        results["a"].Text().ShouldBe(hostile);
        results["b"].Text().ShouldBe("plain");
    }

    private static string Stop(JsonElement result) => result.GetProperty("message").GetProperty("stop_reason").GetString()!;

    private static async Task<JsonElement> MessageAsync(string parameters)
    {
        await using var api = await SimulatedApi.StartAsync(Some.Options);
        using var client = Some.Client(api);
        return (await Some.RunAsync(api, client, Some.Body(("a", parameters))))["a"].GetProperty("message");
    }
}
