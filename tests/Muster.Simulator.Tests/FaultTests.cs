using System.Net;
using Muster.Simulator.Faults;

namespace Muster.Simulator.Tests;

/// <summary>How a plan is read and applied, beyond the numbered items.</summary>
public sealed class FaultTests
{
    private const string Batches = "/v1/messages/batches";

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
    [InlineData("""{"calls":[{"nth":[0]}]}""", "calls[].nth", "from 1")]
    [InlineData("""{"calls":[{"status":200}]}""", "calls[].status", "400 to 599")]
    [InlineData("""{"calls":[{"seconds":-1}]}""", "calls[].seconds", "from 0")]
    [InlineData("""{"lines":{"missing":2}}""", "lines.missing", "0 to 1")]
    [InlineData("""{"rates":{"expired":0.6,"canceled":0.6}}""", "rates", "at most")]
    [InlineData("""{"cancel":"maybe"}""", "not valid", "docs/simulator.md")]
    public void A_mistake_in_a_plan_is_named_with_what_is_known(string plan, string named, string known)
    {
        var refusal = Should.Throw<SimulatorException>(() => FaultPlan.Parse(plan));
        refusal.Message.ShouldContain(named);
        refusal.Hint.ShouldContain(known);
    }

    [Fact]
    public void A_plan_is_printed_with_what_it_changes_and_reads_back_the_same()
    {
        var plan = FaultPlan.Parse("""{"seed":7,"rates":{"expired":0.1},"calls":[{"endpoint":"create","nth":[2],"fault":"reset_after","headers":{"server":""}}]}""");
        var text = plan.ToJson();
        text.ShouldBe("""{"seed":7,"rates":{"expired":0.1},"calls":[{"endpoint":"create","nth":[2],"fault":"reset_after","headers":{"server":""}}]}""");
        FaultPlan.Parse(text).ToJson().ShouldBe(text);
        FaultPlan.None.ToJson().ShouldBe("{}");
    }

    [Fact]
    public async Task A_fault_can_be_injected_for_the_next_call_without_starting_the_plan_anew()
    {
        await using var api = await StartAsync("""{"calls":[{"endpoint":"list","nth":[3],"fault":"status","status":500}]}""");
        using var client = Some.Client(api);
        using var admin = new HttpClient { BaseAddress = api.BaseUrl };
        (await client.GetAsync(Batches)).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await admin.PostAsync("/sim/inject", Some.Json("""{"endpoint":"list","fault":"status","status":529}"""))).StatusCode.ShouldBe(HttpStatusCode.OK);
        ((int)(await client.GetAsync(Batches)).StatusCode).ShouldBe(529);
        ((int)(await client.GetAsync(Batches)).StatusCode).ShouldBe(500, "the third call of the plan");
        (await client.GetAsync(Batches)).StatusCode.ShouldBe(HttpStatusCode.OK);
        using var wrong = await admin.PostAsync("/sim/inject", Some.Json("""{"endpont":"list"}"""));
        (await wrong.Content.ReadAsStringAsync()).ShouldContain("endpont");
    }

    [Theory]
    [InlineData("retry-after", "", null)]
    [InlineData("request-id", "", null)]
    [InlineData("anthropic-workspace-id", "wrkspc_other", "wrkspc_other")]
    public async Task Headers_can_be_wrong_or_missing(string name, string set, string? seen)
    {
        await using var api = await StartAsync($$$"""{"calls":[{"endpoint":"retrieve","first":1,"fault":"headers_only","headers":{"{{{name}}}":"{{{set}}}"}}]}""");
        using var client = Some.Client(api);
        var id = await Some.CreatedAsync(client, Some.Body(1));
        using var reply = await client.GetAsync($"{Batches}/{id}");
        reply.StatusCode.ShouldBe(HttpStatusCode.OK);
        (reply.Headers.TryGetValues(name, out var values) ? values.Single() : null).ShouldBe(seen);
        using var next = await client.GetAsync($"{Batches}/{id}");
        next.Headers.Contains(name).ShouldBeTrue();
    }

    [Theory]
    [InlineData("garbage_body")]
    [InlineData("unknown_shape")]
    public async Task A_200_can_hold_garbage_or_another_shape(string fault)
    {
        await using var api = await StartAsync($$"""{"calls":[{"endpoint":"create","first":1,"fault":"{{fault}}"}]}""");
        using var client = Some.Client(api);
        using var reply = await Some.CreateAsync(client, Some.Body(1));
        reply.StatusCode.ShouldBe(HttpStatusCode.OK);
        (await reply.Content.ReadAsStringAsync()).ShouldNotContain("msgbatch_01");
        api.Truth.BatchesCreated.ShouldBe(1, "the work was done");
    }

    [Fact]
    public async Task A_plan_can_let_a_batch_take_longer_than_a_day()
    {
        await using var api = await StartAsync("""{"takes_seconds":172800}""");
        using var client = Some.Client(api);
        var id = await Some.CreatedAsync(client, Some.Body(100));
        api.Clock.Advance(TimeSpan.FromHours(24));
        LifecycleTests.Counts(await Some.RetrieveAsync(client, id)).Expired.ShouldBeInRange(20, 80);
    }

    [Theory]
    [InlineData("late_cancel=true", "There is no switch", "refuse_late_cancel")]
    [InlineData("gzip=perhaps", "gzip", "true or false")]
    [InlineData("archived_results_status=200", "archived_results_status", "400 to 599")]
    [InlineData("cache_hit_rate=2", "cache_hit_rate", "0 to 1")]
    public void A_mistake_in_a_switch_is_named_with_what_is_known(string setting, string named, string known)
    {
        var refusal = Should.Throw<SimulatorException>(() => WireSwitches.Parse([setting]));
        refusal.Message.ShouldContain(named);
        refusal.Hint.ShouldContain(known);
    }

    [Fact]
    public void Switches_are_read_from_text()
    {
        WireSwitches.Parse(["gzip", "archived_results_status=410", "results_content_type=text/html", "cache_hit_rate=0.3", "results_bytes_per_second=5"])
            .ShouldBe(new WireSwitches { Gzip = true, ArchivedResultsStatus = 410, ResultsContentType = "text/html", CacheHitRate = 0.3, ResultsBytesPerSecond = 5 });
    }

    internal static Task<SimulatedApi> StartAsync(string plan, Func<SimulatorOptions, SimulatorOptions>? change = null)
    {
        var options = Some.Options with { Faults = FaultPlan.Parse(plan) };
        return SimulatedApi.StartAsync(change is null ? options : change(options));
    }

    internal static async Task WaitUntilAsync(Func<bool> holds)
    {
        for (var i = 0; !holds(); i++)
        {
            i.ShouldBeLessThan(1_000, "the condition did not come true within 10 s");
            await Task.Delay(10);
        }
    }
}
