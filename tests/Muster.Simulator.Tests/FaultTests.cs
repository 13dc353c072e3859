using System.Net;
using Anthropic;
using Anthropic.Exceptions;
using Anthropic.Models.Messages;
using Anthropic.Models.Messages.Batches;
using Muster.Simulator.Faults;

namespace Muster.Simulator.Tests;

/// <summary>Section H of the checklist and items 90: what goes wrong when a plan says so.</summary>
public sealed class FaultTests
{
    private const string Batches = "/v1/messages/batches";

    [Theory]
    [InlineData(400, "invalid_request_error")]
    [InlineData(402, "billing_error")]
    [InlineData(403, "permission_error")]
    [InlineData(409, "conflict_error")]
    [InlineData(429, "rate_limit_error")]
    [InlineData(500, "api_error")]
    [InlineData(504, "timeout_error")]
    [InlineData(529, "overloaded_error")]
    public async Task Checklist_092_any_status_can_be_had_at_the_nth_call(int status, string type)
    {
        await using var api = await StartAsync($$"""{"calls":[{"endpoint":"create","nth":[2],"fault":"status","status":{{status}}}]}""");
        using var client = Some.Client(api);
        await Some.CreatedAsync(client, Some.Body(1));
        using var reply = await Some.CreateAsync(client, Some.Body(1));
        ((int)reply.StatusCode).ShouldBe(status);
        (await Some.ReadAsync(reply)).GetProperty("error").GetProperty("type").GetString().ShouldBe(type);
        await Some.CreatedAsync(client, Some.Body(1));
        api.Truth.BatchesCreated.ShouldBe(2);
    }

    [Fact]
    public async Task Checklist_094_the_queue_limit_frees_as_batches_end()
    {
        await using var api = await SimulatedApi.StartAsync(Some.Options with { QueuedRequests = 10 });
        using var client = Some.Client(api);
        await Some.CreatedAsync(client, Some.Body(8));
        using var full = await Some.CreateAsync(client, Some.Body(3));
        full.StatusCode.ShouldBe(HttpStatusCode.TooManyRequests);
        api.Clock.Advance(TimeSpan.FromMinutes(11));
        await Some.CreatedAsync(client, Some.Body(3));
        api.Truth.BatchesCreated.ShouldBe(2);
    }

    [Theory]
    [InlineData("spend_cap", 429, "enforced_spend_limit_reached", false)]
    [InlineData("ramp_limit", 429, "ramp_limit_exceeded", true)]
    [InlineData("usage_limit", 400, null, false)]
    public async Task Checklist_095_to_097_money_refusals_have_their_own_signs(string fault, int status, string? code, bool retryAfter)
    {
        await using var api = await StartAsync($$"""{"calls":[{"endpoint":"create","first":1,"fault":"{{fault}}"}]}""");
        using var client = Some.Client(api);
        using var reply = await Some.CreateAsync(client, Some.Body(1));
        ((int)reply.StatusCode).ShouldBe(status);
        (reply.Headers.RetryAfter is not null).ShouldBe(retryAfter);
        var error = await Some.ReadAsync(reply);
        if (code is null)
        {
            error.Message().ShouldStartWith("You have reached your specified API usage limits");
        }
        else
        {
            error.GetProperty("error").GetProperty("details").GetProperty("error_code").GetString().ShouldBe(code);
        }
    }

    [Theory]
    [InlineData("Wed, 21 Oct 2026 07:28:00 GMT")]
    [InlineData("0")]
    [InlineData("-5")]
    [InlineData("soon")]
    [InlineData("3600")]
    public async Task Checklist_098_099_retry_headers_go_out_as_written(string retryAfter)
    {
        await using var api = await StartAsync(
            $$"""{"calls":[{"endpoint":"list","first":1,"fault":"status","status":529,"retry_after":"{{retryAfter}}","should_retry":true}]}""");
        using var client = Some.Client(api);
        using var reply = await client.GetAsync(Batches);
        reply.Headers.NonValidated["retry-after"].ToString().ShouldBe(retryAfter);
        reply.Headers.GetValues("x-should-retry").ShouldBe(["true"]);
    }

    [Theory]
    [InlineData("reset_after")]
    [InlineData("cut_body")]
    [InlineData("status_after")]
    public async Task Checklist_100_066_a_lost_create_reply_leaves_a_listed_batch(string fault)
    {
        await using var api = await StartAsync($$"""{"calls":[{"endpoint":"create","first":1,"fault":"{{fault}}"}]}""");
        using var client = Some.Client(api);
        (await LostAsync(client)).ShouldBeTrue();
        api.Truth.BatchesCreated.ShouldBe(1);
        var listed = (await Some.GetAsync(client, Batches)).GetProperty("data").EnumerateArray().ShouldHaveSingleItem();
        LifecycleTests.Counts(listed).Processing.ShouldBe(7);
        listed.GetRawText().ShouldNotContain("row-0");
    }

    [Fact]
    public async Task Checklist_100_a_reset_before_the_body_creates_nothing()
    {
        await using var api = await StartAsync("""{"calls":[{"endpoint":"create","first":1,"fault":"reset_before"}]}""");
        using var client = Some.Client(api);
        (await LostAsync(client)).ShouldBeTrue();
        api.Truth.BatchesCreated.ShouldBe(0);
    }

    [Fact]
    public async Task Checklist_100_the_sdk_with_its_default_retries_makes_three_batches_of_one()
    {
        await using var api = await StartAsync("""{"calls":[{"endpoint":"create","every":1,"fault":"status_after","status":500}]}""");
        var client = new AnthropicClient { BaseUrl = api.BaseUrl.ToString().TrimEnd('/'), ApiKey = "sk-sim" };
        await Should.ThrowAsync<AnthropicApiException>(() => client.Messages.Batches.Create(new BatchCreateParams
        {
            Requests =
            [
                new() { CustomID = "a", Params = new() { Model = Model.ClaudeHaiku4_5, MaxTokens = 10, Messages = [new UserMessageParam { Content = "Hi" }] } },
            ],
        }));
        api.Truth.BatchesCreated.ShouldBe(3);
        api.Truth.PairsAccepted.ShouldBe(1);
        api.Truth.PairsAcceptedMoreThanOnce.ShouldBe(1);
        api.Truth.ResentCalls.ShouldBe(2);
    }

    [Fact]
    public async Task An_incomplete_body_creates_nothing()
    {
        await using var api = await SimulatedApi.StartAsync(Some.Options);
        using (var socket = new System.Net.Sockets.TcpClient(api.BaseUrl.Host, api.BaseUrl.Port))
        {
            var body = Some.Body(3);
            var head = "POST /v1/messages/batches HTTP/1.1\r\nHost: x\r\nx-api-key: sk-sim\r\nanthropic-version: 2023-06-01\r\n"
                + $"Content-Length: {body.Length}\r\n\r\n";
            await socket.GetStream().WriteAsync(System.Text.Encoding.ASCII.GetBytes(head + body[..^1]));
            await WaitUntilAsync(() => api.Truth.CreateCalls == 1);
        }

        using var client = Some.Client(api);
        (await Some.GetAsync(client, Batches)).GetProperty("data").GetArrayLength().ShouldBe(0);
        api.Truth.BatchesCreated.ShouldBe(0);
    }

    [Theory]
    [InlineData("html", "text/html")]
    [InlineData("empty", "application/json")]
    public async Task Checklist_101_bodies_need_not_be_json(string body, string type)
    {
        await using var api = await StartAsync($$"""{"calls":[{"endpoint":"retrieve","first":1,"fault":"status","status":503,"body":"{{body}}"}]}""");
        using var client = Some.Client(api);
        using var reply = await client.GetAsync($"{Batches}/x");
        reply.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        reply.Content.Headers.ContentType!.MediaType.ShouldBe(type);
        (await reply.Content.ReadAsStringAsync()).ShouldNotContain("request_id");
    }

    [Theory]
    [InlineData("delay_before", 0)]
    [InlineData("delay_after", 1)]
    [InlineData("delay_body", 1)]
    public async Task Checklist_102_replies_can_be_held_up_on_the_virtual_clock(string fault, int batchesMeanwhile)
    {
        await using var api = await StartAsync($$"""{"calls":[{"endpoint":"create","first":1,"fault":"{{fault}}","seconds":40}]}""");
        using var client = Some.Client(api);
        var create = Some.CreateAsync(client, Some.Body(1));
        await WaitUntilAsync(() => batchesMeanwhile == 0 || api.Truth.BatchesCreated == batchesMeanwhile);
        api.Truth.BatchesCreated.ShouldBe(batchesMeanwhile);
        create.IsCompleted.ShouldBeFalse();
        await WaitUntilAsync(() =>
        {
            api.Clock.Advance(TimeSpan.FromSeconds(40));
            return create.IsCompleted;
        });
        (await create).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Theory]
    [InlineData("reset_in_line", true, 2)]
    [InlineData("end_in_line", false, 2)]
    [InlineData("end_between_lines", false, 3)]
    public async Task Checklist_090_a_stream_can_break_off(string fault, bool throws, int wholeLines)
    {
        await using var api = await StartAsync(
            $$"""{"calls":[{"endpoint":"results","first":1,"fault":"{{fault}}","after_lines":3}]}""", o => o with { Instant = true });
        using var client = Some.Client(api);
        var id = await Some.CreatedAsync(client, Some.Body(10));
        var (text, broke) = await ReadRawAsync(client, id);
        broke.ShouldBe(throws);
        if (!throws)
        {
            text.Count(c => c == '\n').ShouldBe(wholeLines);
            text.EndsWith('\n').ShouldBe(fault == "end_between_lines");
        }

        (await Some.ResultsAsync(client, id)).Count.ShouldBe(10);
    }

    [Fact]
    public async Task Checklist_090_a_stream_can_stall_and_go_on()
    {
        await using var api = await StartAsync(
            """{"calls":[{"endpoint":"results","first":1,"fault":"stall","after_lines":3,"seconds":600}]}""", o => o with { Instant = true });
        using var client = Some.Client(api);
        var id = await Some.CreatedAsync(client, Some.Body(10));
        using var reply = await client.GetAsync($"{Batches}/{id}/results", HttpCompletionOption.ResponseHeadersRead);
        using var reader = new StreamReader(await reply.Content.ReadAsStreamAsync());
        for (var i = 0; i < 3; i++)
        {
            (await reader.ReadLineAsync()).ShouldNotBeNull();
        }

        var fourth = reader.ReadLineAsync();
        fourth.IsCompleted.ShouldBeFalse();
        await WaitUntilAsync(() =>
        {
            api.Clock.Advance(TimeSpan.FromSeconds(600));
            return fourth.IsCompleted;
        });
        (await fourth).ShouldNotBeNull();
    }

    [Theory]
    [InlineData("missing", 0)]
    [InlineData("duplicate", 20)]
    [InlineData("garbage", 10)]
    [InlineData("unknown_type", 10)]
    [InlineData("new_fields", 10)]
    [InlineData("swapped", 10)]
    [InlineData("flat_error", 10)]
    public async Task Checklist_090_082_lines_can_be_damaged_and_come_right_at_the_next_download(string kind, int lines)
    {
        await using var api = await StartAsync($$$"""{"lines":{"{{{kind}}}":1,"downloads":1}}""", o => o with { Instant = true });
        using var client = Some.Client(api);
        var id = await Some.CreatedAsync(client, Some.Body(10));
        var (damaged, _) = await ReadRawAsync(client, id);
        damaged.Count(c => c == '\n').ShouldBe(lines);
        var (whole, _) = await ReadRawAsync(client, id);
        whole.ShouldNotBe(damaged);
        (await Some.ResultsAsync(client, id)).Values.ShouldAllBe(r => r.GetProperty("type").GetString() == "succeeded");
    }

    [Fact]
    public async Task Foreign_lines_come_beside_the_real_ones()
    {
        await using var api = await StartAsync("""{"lines":{"extra":3}}""", o => o with { Instant = true });
        using var client = Some.Client(api);
        var id = await Some.CreatedAsync(client, Some.Body(2));
        (await Some.ResultsAsync(client, id)).Keys.Count(k => k.StartsWith("nobody-", StringComparison.Ordinal)).ShouldBe(3);
    }

    [Fact]
    public async Task A_row_that_expires_once_succeeds_when_it_is_sent_again()
    {
        await using var api = await StartAsync("""{"rows":[{"contains":"rake","outcome":"expired","times":1}]}""");
        using var client = Some.Client(api);
        var first = await Some.RunAsync(api, client, Some.Body(("sku7-R0000010000000101AAA", Some.Params("A rake"))));
        first.Values.Single().GetProperty("type").GetString().ShouldBe("expired");
        var second = await Some.RunAsync(api, client, Some.Body(("sku7-R0000010000000202BBB", Some.Params("A rake"))));
        second.Values.Single().GetProperty("type").GetString().ShouldBe("succeeded");
        api.Truth.PairsAccepted.ShouldBe(2);
    }

    [Fact]
    public async Task The_same_attempt_under_another_nonce_is_one_pair_paid_twice()
    {
        await using var api = await SimulatedApi.StartAsync(Some.Options);
        using var client = Some.Client(api);
        await Some.CreatedAsync(client, Some.Body(("sku7-R0000010000000101AAA", Some.Params())));
        await Some.CreatedAsync(client, Some.Body(("sku7-R0000019999999901ZZZ", Some.Params())));
        api.Truth.PairsAccepted.ShouldBe(1);
        api.Truth.PairsAcceptedMoreThanOnce.ShouldBe(1);
        api.Truth.RepeatedIds.ShouldBe(["sku7-R0000019999999901ZZZ"]);
    }

    [Fact]
    public async Task An_account_without_credit_hides_in_every_row_and_a_revoked_key_in_every_call()
    {
        await using var api = await StartAsync("""{"rows":[{"outcome":"credit"}]}""");
        using var client = Some.Client(api);
        var results = await Some.RunAsync(api, client, Some.Body(3));
        results.Values.ShouldAllBe(r => r.ErrorType() == "invalid_request_error" && r.ErrorText().StartsWith("Your credit balance is too low", StringComparison.Ordinal));
        api.Faults = new FaultPlan { KeyRevoked = true };
        using var reply = await client.GetAsync(Batches);
        reply.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Theory]
    [InlineData("""{"rowz":[]}""", "rowz", "rows")]
    [InlineData("""{"rows":[{"contain":"x"}]}""", "rows[].contain", "contains")]
    [InlineData("""{"rows":[{"outcome":"exploded"}]}""", "exploded", "expired")]
    [InlineData("""{"calls":[{"endpoint":"creat"}]}""", "creat", "create")]
    [InlineData("""{"rates":{"expired":1.5}}""", "rates.expired", "0 to 1")]
    [InlineData("""{"calls":[{"fault":"explode"}]}""", "not valid", "docs/simulator.md")]
    public void A_mistake_in_a_plan_is_named_with_what_is_known(string plan, string named, string known)
    {
        var refusal = Should.Throw<SimulatorException>(() => FaultPlan.Parse(plan));
        refusal.Message.ShouldContain(named);
        refusal.Hint.ShouldContain(known);
    }

    internal static Task<SimulatedApi> StartAsync(string plan, Func<SimulatorOptions, SimulatorOptions>? change = null)
    {
        var options = Some.Options with { Faults = FaultPlan.Parse(plan) };
        return SimulatedApi.StartAsync(change is null ? options : change(options));
    }

    private static async Task<bool> LostAsync(HttpClient client)
    {
        try
        {
            using var reply = await Some.CreateAsync(client, Some.Body(7));
            return !reply.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return true;
        }
    }

    private static async Task<(string Text, bool Broke)> ReadRawAsync(HttpClient client, string id)
    {
        try
        {
            return (await client.GetStringAsync($"{Batches}/{id}/results"), false);
        }
        catch (HttpRequestException)
        {
            return ("", true);
        }
    }

    private static async Task WaitUntilAsync(Func<bool> holds)
    {
        for (var i = 0; !holds(); i++)
        {
            i.ShouldBeLessThan(1_000, "the condition did not come true within 10 s");
            await Task.Delay(10);
        }
    }
}
