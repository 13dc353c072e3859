using System.Net;
using System.Text;
using Muster.Simulator.Rules;

namespace Muster.Simulator.Tests;

/// <summary>Section K of the checklist, and the parts below the wire.</summary>
public sealed class SimulatorTests
{
    [Fact]
    public async Task Checklist_117_the_same_seed_gives_the_same_bytes_and_another_does_not()
    {
        var first = await TranscriptAsync(1);
        (await TranscriptAsync(1)).ShouldBe(first);
        (await TranscriptAsync(2)).ShouldNotBe(first);

        static async Task<string> TranscriptAsync(ulong seed)
        {
            await using var api = await SimulatedApi.StartAsync(Some.Options with
            {
                Seed = seed,
                Faults = Faults.FaultPlan.Parse("""{"rates":{"expired":0.1,"overloaded_error":0.1},"models":[{"model":"haiku","violation":0.2}],"lines":{"duplicate":0.1},"calls":[{"endpoint":"list","probability":0.3,"fault":"status","status":529}]}"""),
            });
            using var client = Some.Client(api);
            var id = await Some.CreatedAsync(client, Some.Body(Enumerable.Range(0, 200).Select(i => ($"row-{i}", Some.WithSchema($"Thing {i} that works")))));
            api.Clock.Advance(TimeSpan.FromMinutes(11));
            using var batch = await client.GetAsync($"/v1/messages/batches/{id}");
            using var results = await client.GetAsync($"/v1/messages/batches/{id}/results");
            var faulty = new List<int>();
            for (var i = 0; i < 50; i++)
            {
                using var listed = await client.GetAsync("/v1/messages/batches");
                faulty.Add((int)listed.StatusCode);
            }

            var headers = string.Join('\n', batch.Headers.Concat(results.Headers).Select(h => $"{h.Key}: {string.Join(',', h.Value)}"));
            return string.Join('\n', faulty) + headers + (await batch.Content.ReadAsStringAsync()).Replace(api.BaseUrl.ToString(), "/")
                + await results.Content.ReadAsStringAsync();
        }
    }

    [Fact]
    public async Task Checklist_118_batches_truth_and_time_survive_a_restart()
    {
        var folder = Directory.CreateTempSubdirectory("muster-simulator-test-").FullName;
        var options = Some.Options with { StateFolder = folder };
        string id, gone, createdAt;
        long billed;
        await using (var api = await SimulatedApi.StartAsync(options))
        {
            using var client = Some.Client(api);
            gone = await Some.CreatedAsync(client, Some.Body(2));
            api.Clock.Advance(TimeSpan.FromHours(2));
            (await client.DeleteAsync($"/v1/messages/batches/{gone}")).Dispose();
            billed = api.Truth.OutputTokens;
            billed.ShouldBeGreaterThan(0);
            id = await Some.CreatedAsync(client, Some.Body(5));
            createdAt = (await Some.RetrieveAsync(client, id)).GetProperty("created_at").GetString()!;
            var again = await Some.CreatedAsync(client, Some.Body(6));
            (await client.PostAsync($"/v1/messages/batches/{again}/cancel", null)).Dispose();
            api.Clock.Advance(TimeSpan.FromSeconds(25));
            (await client.DeleteAsync($"/v1/messages/batches/{again}")).Dispose();
        }

        await using (var api = await SimulatedApi.StartAsync(options))
        {
            using var client = Some.Client(api);
            api.Clock.GetUtcNow().ShouldBeGreaterThanOrEqualTo(Some.Start.AddHours(2));
            (await Some.RetrieveAsync(client, id)).GetProperty("processing_status").GetString().ShouldBe("in_progress");
            (await Some.RetrieveAsync(client, id)).GetProperty("created_at").GetString().ShouldBe(createdAt);
            api.Clock.Advance(TimeSpan.FromMinutes(11));
            var results = await Some.ResultsAsync(client, id);
            results.Count.ShouldBe(5);
            (await Some.RetrieveAsync(client, gone)).Message().ShouldEndWith("not found.");
            api.Truth.BatchesCreated.ShouldBe(3);
            api.Truth.PairsAccepted.ShouldBe(6);
            api.Truth.PairsAcceptedMoreThanOnce.ShouldBe(5);
            (api.Truth.RowsBilled, api.Truth.OutputTokens).ShouldBe((7, billed + results.Sum(r => r.Value.GetProperty("message").GetProperty("usage").GetProperty("output_tokens").GetInt32())));
            (await Some.CreatedAsync(client, Some.Body(1))).ShouldNotBe(id);
        }

        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task Checklist_119_the_experimenters_side_lies_outside_v1_and_needs_no_key()
    {
        await using var api = await SimulatedApi.StartAsync(Some.Options);
        using var client = Some.Client(api);
        using var admin = new HttpClient { BaseAddress = api.BaseUrl };
        await Some.CreatedAsync(client, Some.Body(3));
        (await Some.GetAsync(admin, "/sim/truth")).GetProperty("requests_accepted").GetInt64().ShouldBe(3);
        (await admin.PostAsync("/sim/advance?seconds=90", null)).StatusCode.ShouldBe(HttpStatusCode.OK);
        api.Clock.GetUtcNow().ShouldBe(Some.Start.AddSeconds(90));
        (await admin.PutAsync("/sim/faults", Some.Json("""{"key_revoked":true}"""))).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await client.GetAsync("/v1/messages/batches")).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        using var wrong = await admin.PutAsync("/sim/faults", Some.Json("""{"keys_revoked":true}"""));
        wrong.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await wrong.Content.ReadAsStringAsync()).ShouldContain("key_revoked");
        (await admin.PutAsync("/sim/faults", Some.Json("{}"))).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await admin.PostAsync("/sim/reset", null)).StatusCode.ShouldBe(HttpStatusCode.OK);
        api.Truth.RequestsAccepted.ShouldBe(0);
        (await client.GetStringAsync("/v1/messages/batches")).ShouldStartWith("{\"data\":[]");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(7)]
    [InlineData(4096)]
    public void The_scanner_finds_the_same_rows_however_the_body_is_cut(int piece)
    {
        var body = Encoding.UTF8.GetBytes(
            """ { "requests" : [ {"custom_id":"a","params":{"x":"}{\"[","y":[{}]}} , {"params":{"z":{"params":1}},"custom_id":"\u0062"} ] } """);
        var rows = new List<string>();
        var scanner = new RequestScanner(10, (i, id, parameters) =>
        {
            rows.Add($"{i} {Encoding.UTF8.GetString(id)} {Encoding.UTF8.GetString(parameters)}");
            return null;
        });
        var kept = Array.Empty<byte>();
        foreach (var chunk in body.Chunk(piece))
        {
            kept = [.. kept, .. chunk];
            kept = kept[scanner.Scan(kept, last: false)..];
        }

        scanner.Scan(kept, last: true);
        scanner.Refusal.ShouldBeNull();
        scanner.IsComplete.ShouldBeTrue();
        rows.ShouldBe(["""0 a {"x":"}{\"[","y":[{}]}""", """1 b {"z":{"params":1}}"""]);
    }

    [Fact]
    public void Every_prefix_of_a_body_is_refused()
    {
        var body = Encoding.UTF8.GetBytes("""{"requests":[{"custom_id":"a","params":{"x":[1]}}]}""");
        for (var length = 0; length < body.Length; length++)
        {
            var scanner = new RequestScanner(10, (_, _, _) => null);
            scanner.Scan(body.AsSpan(0, length), last: true);
            scanner.IsComplete.ShouldBeFalse();
            scanner.Refusal.ShouldNotBeNull();
        }
    }

    [Fact]
    public async Task The_clock_scales_real_time_fires_timers_when_advanced_and_can_stand_still()
    {
        var still = new VirtualClock(Some.Start, 0);
        var waiting = Task.Delay(TimeSpan.FromHours(5), still);
        still.Advance(TimeSpan.FromHours(5) - TimeSpan.FromTicks(1));
        waiting.IsCompleted.ShouldBeFalse();
        still.Advance(TimeSpan.FromTicks(1));
        await waiting.WaitAsync(TimeSpan.FromSeconds(10));
        still.GetUtcNow().ShouldBe(Some.Start.AddHours(5));

        var fast = new VirtualClock(Some.Start, 100_000);
        await Task.Delay(TimeSpan.FromHours(1), fast).WaitAsync(TimeSpan.FromSeconds(10));
        fast.GetUtcNow().ShouldBeGreaterThanOrEqualTo(Some.Start.AddHours(1));
    }

    [Fact]
    public async Task A_taken_port_and_impossible_options_are_refused_with_a_next_step()
    {
        await using var api = await SimulatedApi.StartAsync(Some.Options);
        var taken = await Should.ThrowAsync<SimulatorException>(() => SimulatedApi.StartAsync(Some.Options with { Port = api.BaseUrl.Port }));
        taken.Message.ShouldContain(api.BaseUrl.Port.ToString());
        (await Should.ThrowAsync<SimulatorException>(() => SimulatedApi.StartAsync(Some.Options with { Engine = "magic" }))).Hint.ShouldContain("schema");
        await Should.ThrowAsync<SimulatorException>(() => SimulatedApi.StartAsync(Some.Options with { Speed = -1 }));
        await Should.ThrowAsync<SimulatorException>(() => SimulatedApi.StartAsync(Some.Options with { TimeToEndMin = TimeSpan.FromHours(1) }));
    }
}
