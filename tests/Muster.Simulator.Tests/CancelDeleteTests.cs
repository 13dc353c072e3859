using System.Net;
using Muster.Simulator.Faults;

namespace Muster.Simulator.Tests;

/// <summary>Section F of the checklist.</summary>
public sealed class CancelDeleteTests
{
    private const string Batches = "/v1/messages/batches";

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("{}")]
    public async Task Checklist_067_cancel_takes_no_body_an_empty_one_and_braces(string? body)
    {
        await using var api = await SimulatedApi.StartAsync(Some.Options);
        using var client = Some.Client(api);
        var id = await Some.CreatedAsync(client, Some.Body(3));
        using var content = body is null ? null : new ByteArrayContent(System.Text.Encoding.UTF8.GetBytes(body));
        using var reply = await client.PostAsync($"{Batches}/{id}/cancel", content);
        reply.StatusCode.ShouldBe(HttpStatusCode.OK);
        var batch = await Some.ReadAsync(reply);
        batch.GetProperty("processing_status").GetString().ShouldBe("canceling");
        batch.GetProperty("cancel_initiated_at").GetString().ShouldBe("2026-11-21T09:00:00.000000+00:00");
    }

    [Theory]
    [InlineData("{}", 300, 20, 80)]
    [InlineData("{}", 0, 0, 0)]
    [InlineData("""{"cancel":"all_canceled"}""", 300, 0, 0)]
    [InlineData("""{"cancel":"too_late"}""", 300, 100, 100)]
    public async Task Checklist_068_a_cancel_ends_within_25_seconds_with_some_none_or_all_succeeded(string plan, int after, int least, int most)
    {
        await using var api = await FaultTests.StartAsync(
            plan, o => o with { TimeToEndMin = TimeSpan.FromMinutes(10), TimeToEndMax = TimeSpan.FromMinutes(10) });
        using var client = Some.Client(api);
        var id = await Some.CreatedAsync(client, Some.Body(100));
        api.Clock.Advance(TimeSpan.FromSeconds(after));
        (await client.PostAsync($"{Batches}/{id}/cancel", null)).Dispose();
        api.Clock.Advance(TimeSpan.FromSeconds(0.99));
        (await Some.RetrieveAsync(client, id)).GetProperty("processing_status").GetString().ShouldBe("canceling");
        api.Clock.Advance(TimeSpan.FromSeconds(24.01));
        var ended = await Some.RetrieveAsync(client, id);
        ended.GetProperty("processing_status").GetString().ShouldBe("ended");
        var (_, succeeded, _, canceled, _) = LifecycleTests.Counts(ended);
        succeeded.ShouldBeInRange(least, most);
        (succeeded + canceled).ShouldBe(100);
    }

    [Fact]
    public async Task Checklist_069_the_results_of_a_canceled_batch_have_canceled_lines()
    {
        await using var api = await SimulatedApi.StartAsync(
            Some.Options with { TimeToEndMin = TimeSpan.FromMinutes(10), TimeToEndMax = TimeSpan.FromMinutes(10) });
        using var client = Some.Client(api);
        var id = await Some.CreatedAsync(client, Some.Body(100));
        api.Clock.Advance(TimeSpan.FromMinutes(5));
        (await client.PostAsync($"{Batches}/{id}/cancel", null)).Dispose();
        api.Clock.Advance(TimeSpan.FromSeconds(25));
        var (_, succeeded, _, canceled, _) = LifecycleTests.Counts(await Some.RetrieveAsync(client, id));
        var results = await Some.ResultsAsync(client, id);
        results.Values.Count(r => r.GetRawText() == """{"type":"canceled"}""").ShouldBe(canceled);
        results.Values.Count(r => r.GetProperty("type").GetString() == "succeeded").ShouldBe(succeeded);
        results.Count.ShouldBe(100);
    }

    [Theory]
    [InlineData(false, HttpStatusCode.OK)]
    [InlineData(true, HttpStatusCode.BadRequest)]
    public async Task Checklist_070_cancel_of_a_canceling_or_ended_batch_is_a_switch(bool refuse, HttpStatusCode status)
    {
        await using var api = await SimulatedApi.StartAsync(Some.Options with { Wire = new WireSwitches { RefuseLateCancel = refuse } });
        using var client = Some.Client(api);
        var canceling = await Some.CreatedAsync(client, Some.Body(1));
        (await client.PostAsync($"{Batches}/{canceling}/cancel", null)).StatusCode.ShouldBe(HttpStatusCode.OK);
        var ended = await Some.CreatedAsync(client, Some.Body(1));
        await UnchangedAsync(canceling);
        api.Clock.Advance(TimeSpan.FromMinutes(11));
        await UnchangedAsync(ended);

        async Task UnchangedAsync(string id)
        {
            var before = (await Some.RetrieveAsync(client, id)).GetRawText();
            using var reply = await client.PostAsync($"{Batches}/{id}/cancel", null);
            reply.StatusCode.ShouldBe(status);
            (await Some.RetrieveAsync(client, id)).GetRawText().ShouldBe(before);
        }
    }

    [Theory]
    [InlineData(404)]
    [InlineData(410)]
    public async Task Checklist_071_a_deleted_batch_says_so_and_is_gone_afterwards(int status)
    {
        await using var api = await SimulatedApi.StartAsync(Some.Options with { Wire = new WireSwitches { DeletedStatus = status } });
        using var client = Some.Client(api);
        var id = await Some.CreatedAsync(client, Some.Body(1));
        api.Clock.Advance(TimeSpan.FromMinutes(11));
        using var deleted = await client.DeleteAsync($"{Batches}/{id}");
        deleted.StatusCode.ShouldBe(HttpStatusCode.OK);
        (await deleted.Content.ReadAsStringAsync()).ShouldBe($$"""{"id":"{{id}}","type":"message_batch_deleted"}""");
        foreach (var path in (string[])["", "/results"])
        {
            using var reply = await client.GetAsync($"{Batches}/{id}{path}");
            ((int)reply.StatusCode).ShouldBe(status);
        }

        api.Truth.RowsBilled.ShouldBe(1, "a deleted batch was paid for");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Checklist_071_delete_of_a_canceled_batch_is_a_switch(bool refuse)
    {
        await using var api = await SimulatedApi.StartAsync(Some.Options with { Wire = new WireSwitches { RefuseDeleteOfCanceled = refuse } });
        using var client = Some.Client(api);
        var id = await Some.CreatedAsync(client, Some.Body(1));
        (await client.PostAsync($"{Batches}/{id}/cancel", null)).Dispose();
        api.Clock.Advance(TimeSpan.FromSeconds(25));
        using var reply = await client.DeleteAsync($"{Batches}/{id}");
        reply.StatusCode.ShouldBe(refuse ? HttpStatusCode.BadRequest : HttpStatusCode.OK);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Checklist_072_delete_before_the_end_is_refused_in_the_services_words(bool canceling)
    {
        await using var api = await SimulatedApi.StartAsync(Some.Options);
        using var client = Some.Client(api);
        var id = await Some.CreatedAsync(client, Some.Body(1));
        if (canceling)
        {
            (await client.PostAsync($"{Batches}/{id}/cancel", null)).Dispose();
        }

        using var early = await client.DeleteAsync($"{Batches}/{id}");
        early.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        var error = await Some.ReadAsync(early);
        error.GetProperty("error").GetProperty("type").GetString().ShouldBe("invalid_request_error");
        error.Message().ShouldBe("In progress batches cannot be deleted. Consider canceling the batch instead.");
    }

    [Fact]
    public async Task Rows_canceled_by_the_remote_are_a_fate_of_their_own()
    {
        await using var api = await SimulatedApi.StartAsync(
            Some.Options with { Faults = FaultPlan.Parse("""{"rows":[{"contains":"rake","outcome":"canceled"}]}""") });
        using var client = Some.Client(api);
        var results = await Some.RunAsync(api, client, Some.Body(("a", Some.Params("A rake")), ("b", Some.Params("A hoe"))));
        results["a"].GetRawText().ShouldBe("""{"type":"canceled"}""");
        results["b"].GetProperty("type").GetString().ShouldBe("succeeded");
    }
}
