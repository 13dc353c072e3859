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
    public async Task Checklist_067_046_cancel_takes_any_body_and_keeps_the_counts(string? body)
    {
        await using var api = await SimulatedApi.StartAsync(Some.Options);
        using var client = Some.Client(api);
        var id = await Some.CreatedAsync(client, Some.Body(3));
        using var reply = await client.PostAsync($"{Batches}/{id}/cancel", body is null ? null : Some.Json(body));
        reply.StatusCode.ShouldBe(HttpStatusCode.OK);
        var batch = await Some.ReadAsync(reply);
        batch.GetProperty("processing_status").GetString().ShouldBe("canceling");
        batch.GetProperty("cancel_initiated_at").GetString().ShouldBe("2026-11-21T09:00:00.000000+00:00");
        LifecycleTests.Counts(batch).ShouldBe((3, 0, 0, 0, 0));
    }

    [Fact]
    public async Task Checklist_068_069_a_canceled_batch_ends_mixed_and_its_results_can_be_read()
    {
        await using var api = await SimulatedApi.StartAsync(
            Some.Options with { TimeToEndMin = TimeSpan.FromMinutes(10), TimeToEndMax = TimeSpan.FromMinutes(10) });
        using var client = Some.Client(api);
        var id = await Some.CreatedAsync(client, Some.Body(100));
        api.Clock.Advance(TimeSpan.FromMinutes(5));
        (await client.PostAsync($"{Batches}/{id}/cancel", null)).Dispose();
        api.Clock.Advance(TimeSpan.FromSeconds(25));
        var ended = await Some.RetrieveAsync(client, id);
        ended.GetProperty("processing_status").GetString().ShouldBe("ended");
        var (_, succeeded, _, canceled, _) = LifecycleTests.Counts(ended);
        canceled.ShouldBeInRange(20, 80);
        (succeeded + canceled).ShouldBe(100);
        var results = await Some.ResultsAsync(client, id);
        results.Values.Count(r => r.GetRawText() == """{"type":"canceled"}""").ShouldBe(canceled);
    }

    [Theory]
    [InlineData(false, HttpStatusCode.OK)]
    [InlineData(true, HttpStatusCode.BadRequest)]
    public async Task Checklist_070_a_late_cancel_is_a_switch(bool refuse, HttpStatusCode status)
    {
        await using var api = await SimulatedApi.StartAsync(Some.Options with { Wire = new WireSwitches { RefuseLateCancel = refuse } });
        using var client = Some.Client(api);
        var id = await Some.CreatedAsync(client, Some.Body(1));
        api.Clock.Advance(TimeSpan.FromMinutes(11));
        var before = (await Some.RetrieveAsync(client, id)).GetRawText();
        using var reply = await client.PostAsync($"{Batches}/{id}/cancel", null);
        reply.StatusCode.ShouldBe(status);
        (await Some.RetrieveAsync(client, id)).GetRawText().ShouldBe(before);
    }

    [Fact]
    public async Task Checklist_071_072_delete_waits_for_the_end_and_then_everything_is_404()
    {
        await using var api = await SimulatedApi.StartAsync(Some.Options);
        using var client = Some.Client(api);
        var id = await Some.CreatedAsync(client, Some.Body(1));
        using var early = await client.DeleteAsync($"{Batches}/{id}");
        early.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await Some.ReadAsync(early)).Message().ShouldBe("In progress batches cannot be deleted. Consider canceling the batch instead.");
        api.Clock.Advance(TimeSpan.FromMinutes(11));
        (await (await client.DeleteAsync($"{Batches}/{id}")).Content.ReadAsStringAsync())
            .ShouldBe($$"""{"id":"{{id}}","type":"message_batch_deleted"}""");
        foreach (var path in (string[])["", "/results"])
        {
            using var reply = await client.GetAsync($"{Batches}/{id}{path}");
            reply.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        }

        api.Truth.RowsBilled.ShouldBe(1, "a deleted batch was paid for");
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
