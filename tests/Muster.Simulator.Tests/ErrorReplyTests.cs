using System.Net;
using System.Text.Json;

namespace Muster.Simulator.Tests;

/// <summary>Section H of the checklist: errors, rate limits, spend. Lost replies are in <see cref="LostReplyTests"/>.</summary>
public sealed class ErrorReplyTests
{
    private const string Batches = "/v1/messages/batches";

    public static TheoryData<int, string> Statuses => new()
    {
        { 400, "invalid_request_error" }, { 401, "authentication_error" }, { 402, "billing_error" }, { 403, "permission_error" },
        { 404, "not_found_error" }, { 409, "conflict_error" }, { 413, "request_too_large" }, { 429, "rate_limit_error" },
        { 500, "api_error" }, { 503, "api_error" }, { 504, "timeout_error" }, { 529, "overloaded_error" },
    };

    [Theory]
    [MemberData(nameof(Statuses))]
    public async Task Checklist_092_any_status_can_be_had_per_endpoint_and_nth_call(int status, string type)
    {
        string[] endpoints = ["create", "retrieve", "list", "results", "cancel", "delete", "messages", "count_tokens"];
        var calls = string.Join(',', endpoints.Select(e => $$"""{"endpoint":"{{e}}","nth":[2],"fault":"status","status":{{status}}}"""));
        await using var api = await FaultTests.StartAsync($$"""{"calls":[{{calls}}]}""");
        using var client = Some.Client(api);
        foreach (var endpoint in endpoints)
        {
            using var first = await CallAsync(client, endpoint);
            using var second = await CallAsync(client, endpoint);
            using var third = await CallAsync(client, endpoint);
            ((int)second.StatusCode).ShouldBe(status);
            (await Some.ReadAsync(second)).GetProperty("error").GetProperty("type").GetString().ShouldBe(type);
            third.StatusCode.ShouldBe(first.StatusCode);
        }

        api.Truth.BatchesCreated.ShouldBe(2, "the second create was refused");
    }

    [Theory]
    [InlineData(1_000)]
    [InlineData(2_000)]
    [InlineData(4_000)]
    public async Task Checklist_093_calls_to_all_batch_endpoints_share_one_rate(int perMinute)
    {
        await using var api = await SimulatedApi.StartAsync(Some.Options with { RequestsPerMinute = perMinute });
        using var client = Some.Client(api);
        var id = await Some.CreatedAsync(client, Some.Body(1));
        string[] paths = [Batches, $"{Batches}/{id}", $"{Batches}/{id}/results", $"{Batches}/msgbatch_none"];
        api.Clock.Advance(TimeSpan.FromSeconds(10.4));
        for (var i = 1; i < perMinute; i++)
        {
            using var reply = await client.GetAsync(paths[i % paths.Length]);
            reply.StatusCode.ShouldNotBe(HttpStatusCode.TooManyRequests, $"call {i}");
        }

        using var over = await client.PostAsync($"{Batches}/{id}/cancel", null);
        over.StatusCode.ShouldBe(HttpStatusCode.TooManyRequests);
        (await Some.ReadAsync(over)).GetProperty("error").GetProperty("type").GetString().ShouldBe("rate_limit_error");
        over.Headers.GetValues("retry-after").ShouldBe(["50"], "whole seconds, rounded up");
        api.Clock.Advance(TimeSpan.FromSeconds(50));
        using var again = await client.GetAsync(Batches);
        again.StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Theory]
    [InlineData("")]
    [InlineData("Queue is full.")]
    public async Task Checklist_094_the_queue_limit_refuses_a_create_and_frees_as_rows_finish(string text)
    {
        await using var api = await SimulatedApi.StartAsync(Some.Options with
        {
            QueuedRequests = 10, TimeToEndMin = TimeSpan.FromMinutes(10), TimeToEndMax = TimeSpan.FromMinutes(10), Wire = new WireSwitches { QueueFullText = text },
        });
        using var client = Some.Client(api);
        await Some.CreatedAsync(client, Some.Body(8));
        using var full = await Some.CreateAsync(client, Some.Body(3));
        full.StatusCode.ShouldBe(HttpStatusCode.TooManyRequests);
        var error = await Some.ReadAsync(full);
        error.GetProperty("error").GetProperty("type").GetString().ShouldBe("rate_limit_error");
        (text.Length == 0 || error.Message() == text).ShouldBeTrue();
        api.Clock.Advance(TimeSpan.FromMinutes(5));
        await Some.CreatedAsync(client, Some.Body(3));
        api.Truth.BatchesCreated.ShouldBe(2);
    }

    [Fact]
    public async Task Checklist_095_the_tier_cap_is_a_429_with_a_code_and_without_retry_after()
    {
        var (reply, error) = await RefusedAsync("""{"endpoint":"create","first":1,"fault":"spend_cap"}""");
        ((int)reply.StatusCode).ShouldBe(429);
        reply.Headers.Contains("retry-after").ShouldBeFalse();
        error.GetProperty("error").GetProperty("type").GetString().ShouldBe("rate_limit_error");
        error.GetProperty("error").GetProperty("details").GetProperty("error_code").GetString().ShouldBe("enforced_spend_limit_reached");
    }

    [Theory]
    [InlineData("", "You have reached your specified API usage limits")]
    [InlineData("You have reached your specified workspace API usage limits. Later.", "You have reached your specified workspace API usage limits")]
    public async Task Checklist_096_the_self_set_limit_is_a_400_known_by_its_first_words(string message, string start)
    {
        var (reply, error) = await RefusedAsync($$"""{"endpoint":"create","first":1,"fault":"usage_limit","message":"{{message}}"}""");
        ((int)reply.StatusCode).ShouldBe(400);
        error.GetProperty("error").GetProperty("type").GetString().ShouldBe("invalid_request_error");
        error.Message().ShouldStartWith(start);
    }

    [Fact]
    public async Task Checklist_097_the_ramp_limit_is_a_429_with_a_code_and_retry_after()
    {
        var (reply, error) = await RefusedAsync("""{"endpoint":"create","first":1,"fault":"ramp_limit"}""");
        ((int)reply.StatusCode).ShouldBe(429);
        reply.Headers.GetValues("retry-after").Single().ShouldMatch("^[0-9]+$");
        error.GetProperty("error").GetProperty("details").GetProperty("error_code").GetString().ShouldBe("ramp_limit_exceeded");
    }

    [Theory]
    [MemberData(nameof(Statuses))]
    public async Task Checklist_098_should_retry_can_be_set_on_any_error(int status, string type)
    {
        foreach (var retry in (string[])["true", "false"])
        {
            var (reply, error) = await RefusedAsync($$"""{"endpoint":"create","first":1,"fault":"status","status":{{status}},"should_retry":{{retry}}}""");
            reply.Headers.GetValues("x-should-retry").ShouldBe([retry]);
            error.GetProperty("error").GetProperty("type").GetString().ShouldBe(type);
        }
    }

    [Theory]
    [InlineData("7")]
    [InlineData("Wed, 21 Oct 2026 07:28:00 GMT")]
    [InlineData("0")]
    [InlineData("-5")]
    [InlineData("soon")]
    [InlineData("3600")]
    public async Task Checklist_099_retry_after_goes_out_as_written(string retryAfter)
    {
        var (reply, _) = await RefusedAsync($$"""{"endpoint":"create","first":1,"fault":"status","status":429,"retry_after":"{{retryAfter}}"}""");
        reply.Headers.NonValidated["retry-after"].ToString().ShouldBe(retryAfter);
    }

    [Theory]
    [InlineData("html", "text/html", 503)]
    [InlineData("html", "text/html", 413)]
    [InlineData("html", "text/html", 529)]
    [InlineData("empty", "application/json", 500)]
    public async Task Checklist_101_error_bodies_can_be_html_or_empty(string body, string type, int status)
    {
        await using var api = await FaultTests.StartAsync($$"""{"calls":[{"endpoint":"create","first":1,"fault":"status","status":{{status}},"body":"{{body}}"}]}""");
        using var client = Some.Client(api);
        using var reply = await Some.CreateAsync(client, Some.Body(1));
        ((int)reply.StatusCode).ShouldBe(status);
        reply.Content.Headers.ContentType!.MediaType.ShouldBe(type);
        var text = await reply.Content.ReadAsStringAsync();
        (body == "empty" ? text.Length == 0 : text.StartsWith("<html>", StringComparison.Ordinal)).ShouldBeTrue();
    }

    [Theory]
    [InlineData("delay_before", 0, false)]
    [InlineData("delay_after", 1, false)]
    [InlineData("delay_body", 1, true)]
    public async Task Checklist_102_headers_and_body_can_be_held_up_on_the_virtual_clock(string fault, int batchesMeanwhile, bool headersMeanwhile)
    {
        await using var api = await FaultTests.StartAsync($$"""{"calls":[{"endpoint":"create","first":1,"fault":"{{fault}}","seconds":40}]}""");
        using var client = Some.Client(api);
        using var call = new HttpRequestMessage(HttpMethod.Post, Batches) { Content = Some.Json(Some.Body(1)) };
        var headers = client.SendAsync(call, HttpCompletionOption.ResponseHeadersRead);
        await FaultTests.WaitUntilAsync(() => api.Truth.BatchesCreated == batchesMeanwhile && headers.IsCompleted == headersMeanwhile);
        var whole = ReadAsync();
        whole.IsCompleted.ShouldBeFalse();
        await FaultTests.WaitUntilAsync(() =>
        {
            api.Clock.Advance(TimeSpan.FromSeconds(40));
            return whole.IsCompleted;
        });
        (await whole).ShouldContain("msgbatch_01");

        async Task<string> ReadAsync()
        {
            using var reply = await headers;
            return await reply.Content.ReadAsStringAsync();
        }
    }

    private static async Task<(HttpResponseMessage Reply, JsonElement Error)> RefusedAsync(string call)
    {
        await using var api = await FaultTests.StartAsync($$"""{"calls":[{{call}}]}""");
        using var client = Some.Client(api);
        var reply = await Some.CreateAsync(client, Some.Body(1));
        var error = await Some.ReadAsync(reply);
        api.Truth.BatchesCreated.ShouldBe(0);
        return (reply, error);
    }

    private static Task<HttpResponseMessage> CallAsync(HttpClient client, string endpoint) => endpoint switch
    {
        "create" => Some.CreateAsync(client, Some.Body(1)),
        "retrieve" => client.GetAsync($"{Batches}/msgbatch_x"),
        "list" => client.GetAsync(Batches),
        "results" => client.GetAsync($"{Batches}/msgbatch_x/results"),
        "cancel" => client.PostAsync($"{Batches}/msgbatch_x/cancel", null),
        "delete" => client.DeleteAsync($"{Batches}/msgbatch_x"),
        "messages" => client.PostAsync("/v1/messages", Some.Json(Some.Params())),
        _ => client.PostAsync("/v1/messages/count_tokens", Some.Json(Some.Params())),
    };
}
