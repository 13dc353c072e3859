using System.Net;
using System.Text.Json;

namespace Muster.Simulator.Tests;

/// <summary>
/// Item 114 of the checklist. The recordings themselves are other people's files and are not kept here; what they show is: keys in
/// their order, kinds of values, names of headers. Read from alexrudall/anthropic, spec/fixtures/cassettes/batch_*.yml (2025-01-29),
/// and tidyverse/ellmer, tests/testthat/batch/state-capitals-anthropic.json (2026-07-02); the errored line and the headers of
/// results follow appendix A's captures of 2026-08, which are not public in full.
/// </summary>
public sealed class RecordingTests
{
    private const string Batches = "/v1/messages/batches";

    private const string Open =
        "{id:text,type:text,processing_status:text,request_counts:{processing:number,succeeded:number,errored:number,canceled:number,expired:number},"
        + "ended_at:null,created_at:text,expires_at:text,archived_at:null,cancel_initiated_at:null,results_url:null}";

    private const string Message =
        "{model:text,id:text,type:text,role:text,content:[{type:text,text:text}],stop_reason:text,stop_sequence:null,stop_details:null,"
        + "usage:{input_tokens:number,cache_creation_input_tokens:number,cache_read_input_tokens:number,"
        + "cache_creation:{ephemeral_5m_input_tokens:number,ephemeral_1h_input_tokens:number},output_tokens:number,service_tier:text,inference_geo:text}}";

    private const string ErroredLine =
        "{custom_id:text,result:{type:text,error:{type:text,error:{details:{error_visibility:text},type:text,message:text},request_id:null}}}";

    private static readonly string Ended = Open.Replace("ended_at:null", "ended_at:text").Replace("results_url:null", "results_url:text");
    private static readonly string Canceling = Open.Replace("cancel_initiated_at:null", "cancel_initiated_at:text");

    /// <summary>In every recorded reply; <c>Via</c>, <c>Cf-Cache-Status</c> and <c>X-Robots-Tag</c> are the edge's and are left out.</summary>
    private static readonly string[] Always = ["date", "transfer-encoding", "request-id", "server", "cf-ray"];

    [Fact]
    public async Task Checklist_114_replies_have_the_keys_kinds_and_headers_of_the_recordings()
    {
        await using var api = await SimulatedApi.StartAsync(Some.Options);
        using var client = Some.Client(api);
        using var created = await Some.CreateAsync(client, Some.Body(("good", Some.Params()), ("bad", """{"model":"claude-haiku-4-5","max_tokens":16,"messages":[]}""")));
        await ShouldBeAsync(created, Open);
        var id = (await Some.ReadAsync(created)).GetProperty("id").GetString()!;
        using var polled = await client.GetAsync($"{Batches}/{id}");
        await ShouldBeAsync(polled, Open, "retry-after");
        using var early = await client.GetAsync($"{Batches}/{id}/results");
        early.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        // The recording of 2025 has no request_id in the body; the documentation of 2026 has.
        await ShouldBeAsync(early, "{type:text,error:{type:text,message:text},request_id:text}", "x-should-retry");
        var other = await Some.CreatedAsync(client, Some.Body(2));
        using var canceled = await client.PostAsync($"{Batches}/{other}/cancel", Some.Json("{}"));
        await ShouldBeAsync(canceled, Canceling);
        api.Clock.Advance(TimeSpan.FromMinutes(11));
        using var ended = await client.GetAsync($"{Batches}/{id}");
        await ShouldBeAsync(ended, Ended);
        using var listed = await client.GetAsync($"{Batches}?limit=1");
        await ShouldBeAsync(listed, $"{{data:[{Ended.Replace("cancel_initiated_at:null", "cancel_initiated_at:text")}],has_more:bool,first_id:text,last_id:text}}");
        using var results = await client.GetAsync($"{Batches}/{id}/results");
        HeadersOf(results).ShouldBe([.. Always, "content-type", "content-disposition", .. Newer], ignoreOrder: true);
        var lines = (await results.Content.ReadAsStringAsync()).TrimEnd('\n').Split('\n').Select(Shape).ToList();
        lines.ShouldBe([$"{{custom_id:text,result:{{type:text,message:{Message}}}}}", ErroredLine], ignoreOrder: true);
    }

    /// <summary>What replies have had since the recordings of 2025: captures of 2026-08, and the rate-limit switch.</summary>
    private static readonly string[] Newer =
    [
        "anthropic-organization-id", "anthropic-workspace-id", "strict-transport-security", "vary", "server-timing",
        "anthropic-ratelimit-requests-limit", "anthropic-ratelimit-requests-remaining", "anthropic-ratelimit-requests-reset",
    ];

    private static async Task ShouldBeAsync(HttpResponseMessage reply, string shape, params string[] more)
    {
        Shape(await reply.Content.ReadAsStringAsync()).ShouldBe(shape);
        HeadersOf(reply).ShouldBe([.. Always, "content-type", .. Newer, .. more], ignoreOrder: true);
    }

    private static List<string> HeadersOf(HttpResponseMessage reply) =>
        [.. reply.Headers.Concat(reply.Content.Headers).Select(h => h.Key.ToLowerInvariant()).Where(h => h != "content-length")];

    private static string Shape(string json)
    {
        using var document = JsonDocument.Parse(json);
        return Shape(document.RootElement);
    }

    private static string Shape(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => $"{{{string.Join(',', value.EnumerateObject().Select(m => $"{m.Name}:{Shape(m.Value)}"))}}}",
        JsonValueKind.Array => $"[{string.Join('|', value.EnumerateArray().Select(Shape).Distinct(StringComparer.Ordinal))}]",
        JsonValueKind.String => "text",
        JsonValueKind.Number => "number",
        JsonValueKind.Null => "null",
        _ => "bool",
    };
}
