using System.Globalization;
using System.Net;
using System.Text.Json;

namespace Muster.Simulator.Tests;

/// <summary>Section D of the checklist: the batch object and its life.</summary>
public sealed class LifecycleTests
{
    [Fact]
    public async Task Checklist_040_the_object_has_ten_fields_always_in_the_recorded_order()
    {
        string[] names =
        [
            "id", "type", "processing_status", "request_counts", "ended_at", "created_at", "expires_at", "archived_at", "cancel_initiated_at",
            "results_url",
        ];
        await using var api = await SimulatedApi.StartAsync(Some.Options);
        using var client = Some.Client(api);
        using var reply = await Some.CreateAsync(client, Some.Body(2));
        var created = await Some.ReadAsync(reply);
        created.EnumerateObject().Select(p => p.Name).ShouldBe(names);
        foreach (var name in (string[])["ended_at", "archived_at", "cancel_initiated_at", "results_url"])
        {
            created.GetProperty(name).ValueKind.ShouldBe(JsonValueKind.Null);
        }

        api.Clock.Advance(TimeSpan.FromDays(30));
        var archived = await Some.RetrieveAsync(client, created.GetProperty("id").GetString()!);
        archived.EnumerateObject().Select(p => p.Name).ShouldBe(names);
        archived.GetProperty("cancel_initiated_at").ValueKind.ShouldBe(JsonValueKind.Null);
    }

    [Fact]
    public async Task Checklist_041_the_id_and_the_type_have_their_form()
    {
        await using var api = await SimulatedApi.StartAsync(Some.Options);
        using var client = Some.Client(api);
        for (var i = 0; i < 20; i++)
        {
            var batch = await Some.RetrieveAsync(client, await Some.CreatedAsync(client, Some.Body(1)));
            batch.GetProperty("id").GetString()!.ShouldMatch("^msgbatch_01[A-Za-z0-9]{22}$");
            batch.GetProperty("type").GetString().ShouldBe("message_batch");
        }
    }

    [Theory]
    [InlineData(false, false, "2026-11-21T09:00:00.000000+00:00")]
    [InlineData(true, false, "2026-11-21T09:00:00Z")]
    [InlineData(true, true, "2026-11-21T09:00:00.000000Z")]
    public async Task Checklist_042_timestamps_are_as_recorded_or_as_documented(bool zulu, bool fraction, string expected)
    {
        await using var api = await SimulatedApi.StartAsync(
            Some.Options with { Wire = new WireSwitches { ZuluTimestamps = zulu, ZuluFraction = fraction } });
        using var client = Some.Client(api);
        var id = await Some.CreatedAsync(client, Some.Body(1));
        (await Some.RetrieveAsync(client, id)).GetProperty("created_at").GetString().ShouldBe(expected);
    }

    [Fact]
    public async Task Checklist_043_a_batch_expires_24_hours_after_its_create_to_the_microsecond()
    {
        await using var api = await SimulatedApi.StartAsync(Some.Options with { StartAt = Some.Start.AddTicks(1_234_567) });
        using var client = Some.Client(api);
        var batch = await Some.RetrieveAsync(client, await Some.CreatedAsync(client, Some.Body(1)));
        batch.GetProperty("created_at").GetString().ShouldBe("2026-11-21T09:00:00.123456+00:00");
        batch.GetProperty("expires_at").GetString().ShouldBe("2026-11-22T09:00:00.123456+00:00");
    }

    [Theory]
    [InlineData(false, "in_progress ended")]
    [InlineData(true, "in_progress canceling ended")]
    public async Task Checklist_044_the_status_moves_forward_only(bool cancel, string expected)
    {
        await using var api = await SimulatedApi.StartAsync(Some.Options);
        using var client = Some.Client(api);
        var id = await Some.CreatedAsync(client, Some.Body(3));
        var seen = new List<string>();
        for (var i = 0; i < 120; i++)
        {
            if (cancel && i == 2)
            {
                (await client.PostAsync($"/v1/messages/batches/{id}/cancel", null)).Dispose();
            }

            seen.Add((await Some.RetrieveAsync(client, id)).GetProperty("processing_status").GetString()!);
            api.Clock.Advance(TimeSpan.FromSeconds(i < 60 ? 1 : 3_600));
        }

        string.Join(' ', seen.Where((status, i) => i == 0 || seen[i - 1] != status)).ShouldBe(expected);
    }

    [Fact]
    public async Task Checklist_045_counts_stay_at_processing_while_rows_are_already_done()
    {
        await using var api = await SimulatedApi.StartAsync(
            Some.Options with { TimeToEndMin = TimeSpan.FromHours(1), TimeToEndMax = TimeSpan.FromHours(1), QueuedRequests = 120 });
        using var client = Some.Client(api);
        var id = await Some.CreatedAsync(client, Some.Body(100));
        api.Clock.Advance(TimeSpan.FromMinutes(59));
        Counts(await Some.RetrieveAsync(client, id)).ShouldBe((100, 0, 0, 0, 0));
        await Some.CreatedAsync(client, Some.Body(100));
        api.Truth.BatchesCreated.ShouldBe(2, "rows that are done have left the queue");
    }

    [Fact]
    public async Task Checklist_046_counts_stay_at_processing_while_canceling()
    {
        await using var api = await SimulatedApi.StartAsync(
            Some.Options with { TimeToEndMin = TimeSpan.FromMinutes(10), TimeToEndMax = TimeSpan.FromMinutes(10) });
        using var client = Some.Client(api);
        var id = await Some.CreatedAsync(client, Some.Body(50));
        api.Clock.Advance(TimeSpan.FromMinutes(5));
        using var reply = await client.PostAsync($"/v1/messages/batches/{id}/cancel", null);
        Counts(await Some.ReadAsync(reply)).ShouldBe((50, 0, 0, 0, 0));
        api.Clock.Advance(TimeSpan.FromSeconds(0.9));
        var polled = await Some.RetrieveAsync(client, id);
        polled.GetProperty("processing_status").GetString().ShouldBe("canceling");
        Counts(polled).ShouldBe((50, 0, 0, 0, 0));
    }

    [Fact]
    public async Task Checklist_047_at_the_end_the_counts_are_the_tally_of_the_lines()
    {
        await using var api = await FaultTests.StartAsync("""{"rates":{"expired":0.2,"canceled":0.1,"overloaded_error":0.2}}""");
        using var client = Some.Client(api);
        var id = await Some.CreatedAsync(client, Some.Body(200));
        api.Clock.Advance(TimeSpan.FromMinutes(11));
        var lines = (await Some.ResultsAsync(client, id)).Values.CountBy(r => r.GetProperty("type").GetString()!).ToDictionary();
        Counts(await Some.RetrieveAsync(client, id)).ShouldBe((0, lines["succeeded"], lines["errored"], lines["canceled"], lines["expired"]));
        lines.Values.Sum().ShouldBe(200);
    }

    [Theory]
    [InlineData("""{}""", true)]
    [InlineData("""{"live_counts":true}""", false)]
    public async Task Checklist_048_counts_move_when_a_switch_or_a_plan_says_so(string plan, bool switched)
    {
        await using var api = await FaultTests.StartAsync(plan, o => o with
        {
            Wire = new WireSwitches { LiveCounts = switched }, TimeToEndMin = TimeSpan.FromHours(1), TimeToEndMax = TimeSpan.FromHours(1),
        });
        using var client = Some.Client(api);
        var id = await Some.CreatedAsync(client, Some.Body(100));
        api.Clock.Advance(TimeSpan.FromMinutes(30));
        var (processing, succeeded, _, _, _) = Counts(await Some.RetrieveAsync(client, id));
        processing.ShouldBeInRange(20, 80);
        (processing + succeeded).ShouldBe(100);
    }

    [Theory]
    [InlineData("""{"rows":[{"outcome":"api_error"}]}""")]
    [InlineData("""{"rows":[{"outcome":"expired"}]}""")]
    [InlineData("""{"rows":[{"outcome":"canceled"}]}""")]
    [InlineData("{}")]
    public async Task Checklist_049_end_and_results_url_come_with_the_end_whatever_the_rows_became(string plan)
    {
        await using var api = await FaultTests.StartAsync(plan);
        using var client = Some.Client(api);
        var id = await Some.CreatedAsync(client, Some.Body(3));
        var before = await Some.RetrieveAsync(client, id);
        before.GetProperty("ended_at").ValueKind.ShouldBe(JsonValueKind.Null);
        before.GetProperty("results_url").ValueKind.ShouldBe(JsonValueKind.Null);
        api.Clock.Advance(TimeSpan.FromMinutes(11));
        var ended = await Some.RetrieveAsync(client, id);
        ended.GetProperty("ended_at").ValueKind.ShouldBe(JsonValueKind.String);
        ended.GetProperty("results_url").GetString().ShouldEndWith($"{id}/results");
    }

    [Fact]
    public async Task Checklist_050_the_results_url_wants_the_key()
    {
        await using var api = await SimulatedApi.StartAsync(Some.Options with { Instant = true });
        using var client = Some.Client(api);
        var id = await Some.CreatedAsync(client, Some.Body(1));
        var url = (await Some.RetrieveAsync(client, id)).GetProperty("results_url").GetString()!;
        url.ShouldBe($"{api.BaseUrl}v1/messages/batches/{id}/results");
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
        var canceled = await Some.CreatedAsync(client, Some.Body(1));
        using var cancel = await client.PostAsync($"/v1/messages/batches/{canceled}/cancel", null);
        cancel.Headers.RetryAfter.ShouldBeNull();
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
        var error = await Some.ReadAsync(reply);
        error.GetProperty("error").GetProperty("type").GetString().ShouldBe("not_found_error");
        error.Message().ShouldBe("Message Batch msgbatch_nope not found.");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Checklist_054_another_workspace_gets_the_same_404_and_an_empty_list(bool shortText)
    {
        await using var api = await SimulatedApi.StartAsync(Some.Options with
        {
            OtherKeys = new Dictionary<string, string>(StringComparer.Ordinal) { ["sk-b"] = "b" }, Wire = new WireSwitches { ShortNotFound = shortText },
        });
        using var client = Some.Client(api);
        using var other = Some.Client(api, key: "sk-b");
        var id = await Some.CreatedAsync(client, Some.Body(1));
        using var hidden = await other.GetAsync($"/v1/messages/batches/{id}");
        hidden.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await Some.ReadAsync(hidden)).Message().ShouldBe(shortText ? "Not found" : $"Message Batch {id} not found.");
        (await Some.GetAsync(other, "/v1/messages/batches")).GetProperty("data").GetArrayLength().ShouldBe(0);
        (await Some.GetAsync(client, "/v1/messages/batches")).GetProperty("data").GetArrayLength().ShouldBe(1);
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
