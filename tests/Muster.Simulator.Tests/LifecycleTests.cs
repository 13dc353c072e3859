using System.Globalization;
using System.Net;
using System.Text.Json;

namespace Muster.Simulator.Tests;

/// <summary>Section D of the checklist: the batch object and its life.</summary>
public sealed class LifecycleTests
{
    [Fact]
    public async Task Checklist_040_to_043_the_object_has_the_recorded_fields_in_order()
    {
        await using var api = await SimulatedApi.StartAsync(Some.Options);
        using var client = Some.Client(api);
        using var reply = await Some.CreateAsync(client, Some.Body(2));
        var batch = await Some.ReadAsync(reply);
        batch.EnumerateObject().Select(p => p.Name).ShouldBe(
        [
            "id", "type", "processing_status", "request_counts", "ended_at", "created_at", "expires_at", "archived_at", "cancel_initiated_at",
            "results_url",
        ]);
        batch.GetProperty("id").GetString()!.ShouldMatch("^msgbatch_01[A-Za-z0-9]{22}$");
        batch.GetProperty("created_at").GetString().ShouldBe("2026-11-21T09:00:00.000000+00:00");
        batch.GetProperty("expires_at").GetString().ShouldBe("2026-11-22T09:00:00.000000+00:00");
        foreach (var name in (string[])["ended_at", "archived_at", "cancel_initiated_at", "results_url"])
        {
            batch.GetProperty(name).ValueKind.ShouldBe(JsonValueKind.Null);
        }
    }

    [Fact]
    public async Task Checklist_042_timestamps_switch_to_the_documented_form()
    {
        await using var api = await SimulatedApi.StartAsync(Some.Options with { Wire = new WireSwitches { ZuluTimestamps = true } });
        using var client = Some.Client(api);
        var id = await Some.CreatedAsync(client, Some.Body(1));
        (await Some.RetrieveAsync(client, id)).GetProperty("created_at").GetString().ShouldBe("2026-11-21T09:00:00Z");
    }

    [Fact]
    public async Task Checklist_044_to_049_counts_wait_for_the_end_and_then_add_up()
    {
        await using var api = await SimulatedApi.StartAsync(Some.Options);
        using var client = Some.Client(api);
        var id = await Some.CreatedAsync(client, Some.Body(("a", Some.Params()), ("b", """{"model":"none","max_tokens":1,"messages":[]}""")));
        api.Clock.Advance(TimeSpan.FromSeconds(54));
        Counts(await Some.RetrieveAsync(client, id)).ShouldBe((2, 0, 0, 0, 0));
        api.Clock.Advance(TimeSpan.FromMinutes(11));
        var ended = await Some.RetrieveAsync(client, id);
        ended.GetProperty("processing_status").GetString().ShouldBe("ended");
        Counts(ended).ShouldBe((0, 1, 1, 0, 0));
        ended.GetProperty("ended_at").ValueKind.ShouldBe(JsonValueKind.String);
        ended.GetProperty("results_url").GetString().ShouldBe($"{api.BaseUrl}v1/messages/batches/{id}/results");
    }

    [Fact]
    public async Task Checklist_048_counts_move_when_switched()
    {
        await using var api = await SimulatedApi.StartAsync(
            Some.Options with { Wire = new WireSwitches { LiveCounts = true }, TimeToEndMin = TimeSpan.FromHours(1), TimeToEndMax = TimeSpan.FromHours(1) });
        using var client = Some.Client(api);
        var id = await Some.CreatedAsync(client, Some.Body(100));
        api.Clock.Advance(TimeSpan.FromMinutes(30));
        var (processing, succeeded, _, _, _) = Counts(await Some.RetrieveAsync(client, id));
        processing.ShouldBeInRange(20, 80);
        (processing + succeeded).ShouldBe(100);
    }

    [Fact]
    public async Task Checklist_050_the_results_url_wants_the_key()
    {
        await using var api = await SimulatedApi.StartAsync(Some.Options with { Instant = true });
        using var client = Some.Client(api);
        var id = await Some.CreatedAsync(client, Some.Body(1));
        var url = (await Some.RetrieveAsync(client, id)).GetProperty("results_url").GetString()!;
        using var anonymous = new HttpClient();
        using var refused = await anonymous.GetAsync(url);
        refused.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        using var allowed = await client.GetAsync(url);
        allowed.StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Checklist_051_retrieve_in_progress_has_retry_after_10_and_nothing_else_has()
    {
        await using var api = await SimulatedApi.StartAsync(Some.Options);
        using var client = Some.Client(api);
        using var created = await Some.CreateAsync(client, Some.Body(1));
        created.Headers.RetryAfter.ShouldBeNull();
        var id = (await Some.ReadAsync(created)).GetProperty("id").GetString();
        using var polled = await client.GetAsync($"/v1/messages/batches/{id}");
        polled.StatusCode.ShouldBe(HttpStatusCode.OK);
        polled.Headers.GetValues("retry-after").ShouldBe(["10"]);
        api.Clock.Advance(TimeSpan.FromMinutes(11));
        foreach (var path in (string[])["", $"/{id}", $"/{id}/results"])
        {
            using var reply = await client.GetAsync("/v1/messages/batches" + path);
            reply.Headers.RetryAfter.ShouldBeNull();
        }
    }

    [Fact]
    public async Task Checklist_052_every_poll_counts_against_the_rate_and_changes_nothing()
    {
        await using var api = await SimulatedApi.StartAsync(Some.Options with { RequestsPerMinute = 4 });
        using var client = Some.Client(api);
        var id = await Some.CreatedAsync(client, Some.Body(1));
        var first = (await Some.RetrieveAsync(client, id)).GetRawText();
        (await Some.RetrieveAsync(client, id)).GetRawText().ShouldBe(first);
        (await Some.RetrieveAsync(client, id)).GetRawText().ShouldBe(first);
        using var over = await client.GetAsync($"/v1/messages/batches/{id}");
        over.StatusCode.ShouldBe(HttpStatusCode.TooManyRequests);
        over.Headers.GetValues("retry-after").ShouldBe(["60"]);
        api.Clock.Advance(TimeSpan.FromMinutes(1));
        using var again = await client.GetAsync($"/v1/messages/batches/{id}");
        again.StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Checklist_053_an_unknown_id_is_a_404_not_to_be_retried()
    {
        await using var api = await SimulatedApi.StartAsync(Some.Options);
        using var client = Some.Client(api);
        using var reply = await client.GetAsync("/v1/messages/batches/msgbatch_nope");
        reply.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        reply.Headers.GetValues("x-should-retry").ShouldBe(["false"]);
        (await Some.ReadAsync(reply)).Message().ShouldBe("Message Batch msgbatch_nope not found.");
    }

    [Fact]
    public async Task Checklist_054_another_workspace_sees_nothing()
    {
        await using var api = await SimulatedApi.StartAsync(
            Some.Options with { OtherKeys = new Dictionary<string, string>(StringComparer.Ordinal) { ["sk-b"] = "b" } });
        using var client = Some.Client(api);
        using var other = Some.Client(api, key: "sk-b");
        var id = await Some.CreatedAsync(client, Some.Body(1));
        (await Some.RetrieveAsync(other, id)).Message().ShouldBe($"Message Batch {id} not found.");
        (await Some.GetAsync(other, "/v1/messages/batches")).GetProperty("data").GetArrayLength().ShouldBe(0);
    }

    [Fact]
    public async Task Checklist_055_early_404s_pass()
    {
        await using var api = await SimulatedApi.StartAsync(Some.Options with
        {
            TimeToEndMin = TimeSpan.FromMinutes(1),
            TimeToEndMax = TimeSpan.FromMinutes(1),
            Faults = new Faults.FaultPlan { NotFoundAfterCreateSeconds = 5, NotFoundAfterEndSeconds = 7 },
        });
        using var client = Some.Client(api);
        var id = await Some.CreatedAsync(client, Some.Body(1));
        (await Some.RetrieveAsync(client, id)).Message().ShouldBe($"Message Batch {id} not found.");
        api.Clock.Advance(TimeSpan.FromSeconds(5));
        (await Some.RetrieveAsync(client, id)).GetProperty("id").GetString().ShouldBe(id);
        api.Clock.Advance(TimeSpan.FromSeconds(56));
        (await Some.GetAsync(client, $"/v1/messages/batches/{id}/results")).Message().ShouldEndWith("has no available results.");
        api.Clock.Advance(TimeSpan.FromSeconds(6));
        (await Some.ResultsAsync(client, id)).Count.ShouldBe(1);
    }

    [Fact]
    public async Task Checklist_056_what_is_unfinished_at_24_hours_expires_and_the_rest_stays()
    {
        await using var api = await SimulatedApi.StartAsync(
            Some.Options with { TimeToEndMin = TimeSpan.FromHours(48), TimeToEndMax = TimeSpan.FromHours(48) });
        using var client = Some.Client(api);
        var id = await Some.CreatedAsync(client, Some.Body(100));
        api.Clock.Advance(TimeSpan.FromHours(24) - TimeSpan.FromSeconds(1));
        (await Some.RetrieveAsync(client, id)).GetProperty("processing_status").GetString().ShouldBe("in_progress");
        api.Clock.Advance(TimeSpan.FromSeconds(1));
        var ended = await Some.RetrieveAsync(client, id);
        ended.GetProperty("processing_status").GetString().ShouldBe("ended");
        var (_, succeeded, _, _, expired) = Counts(ended);
        expired.ShouldBeInRange(20, 80);
        (succeeded + expired).ShouldBe(100);
        (await Some.ResultsAsync(client, id)).Values.Count(r => r.GetProperty("type").GetString() == "expired").ShouldBe(expired);
    }

    [Theory]
    [InlineData(404)]
    [InlineData(410)]
    public async Task Checklist_057_after_29_days_the_batch_stays_and_its_results_go(int status)
    {
        await using var api = await SimulatedApi.StartAsync(Some.Options with { Wire = new WireSwitches { ArchivedResultsStatus = status } });
        using var client = Some.Client(api);
        var id = await Some.CreatedAsync(client, Some.Body(1));
        api.Clock.Advance(TimeSpan.FromDays(29));
        var batch = await Some.RetrieveAsync(client, id);
        DateTimeOffset.Parse(batch.GetProperty("archived_at").GetString()!, CultureInfo.InvariantCulture).ShouldBe(Some.Start.AddDays(29));
        using var results = await client.GetAsync($"/v1/messages/batches/{id}/results");
        ((int)results.StatusCode).ShouldBe(status);
        (await Some.GetAsync(client, "/v1/messages/batches")).GetProperty("data").GetArrayLength().ShouldBe(1);
    }

    [Fact]
    public async Task Checklist_058_a_batch_takes_55_seconds_to_11_minutes()
    {
        await using var api = await SimulatedApi.StartAsync(Some.Options);
        using var client = Some.Client(api);
        for (var i = 0; i < 30; i++)
        {
            await Some.CreatedAsync(client, Some.Body(1));
        }

        api.Clock.Advance(TimeSpan.FromSeconds(54));
        (await Ended()).ShouldBe(0);
        api.Clock.Advance(TimeSpan.FromMinutes(5));
        (await Ended()).ShouldBeInRange(5, 25);
        api.Clock.Advance(TimeSpan.FromMinutes(6));
        (await Ended()).ShouldBe(30);

        async Task<int> Ended() => (await Some.GetAsync(client, "/v1/messages/batches?limit=100")).GetProperty("data").EnumerateArray()
            .Count(b => b.GetProperty("processing_status").GetString() == "ended");
    }

    internal static (int Processing, int Succeeded, int Errored, int Canceled, int Expired) Counts(JsonElement batch)
    {
        var counts = batch.GetProperty("request_counts");
        return (Of("processing"), Of("succeeded"), Of("errored"), Of("canceled"), Of("expired"));

        int Of(string name) => counts.GetProperty(name).GetInt32();
    }
}
