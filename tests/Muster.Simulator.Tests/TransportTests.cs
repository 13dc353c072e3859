using System.Net;
using System.Text.Json;

namespace Muster.Simulator.Tests;

/// <summary>Section A of the checklist: transport, auth, versions.</summary>
public sealed class TransportTests
{
    private const string Batches = "/v1/messages/batches";

    [Fact]
    public async Task Checklist_001_create_returns_200_with_a_batch()
    {
        await using var api = await SimulatedApi.StartAsync(Some.Options);
        using var client = Some.Client(api);
        using var reply = await Some.CreateAsync(client, Some.Body(1));
        reply.StatusCode.ShouldBe(HttpStatusCode.OK);
        (await Some.ReadAsync(reply)).GetProperty("type").GetString().ShouldBe("message_batch");
    }

    [Theory]
    [InlineData("x-api-key", "sk-sim", HttpStatusCode.OK)]
    [InlineData("Authorization", "Bearer sk-sim", HttpStatusCode.OK)]
    [InlineData("x-api-key", "sk-other", HttpStatusCode.Unauthorized)]
    [InlineData("Authorization", "Basic sk-sim", HttpStatusCode.Unauthorized)]
    [InlineData("x-unrelated", "sk-sim", HttpStatusCode.Unauthorized)]
    public async Task Checklist_002_a_key_is_taken_from_either_header(string header, string value, HttpStatusCode status)
    {
        await using var api = await SimulatedApi.StartAsync(Some.Options);
        using var client = new HttpClient { BaseAddress = api.BaseUrl };
        client.DefaultRequestHeaders.TryAddWithoutValidation(header, value);
        client.DefaultRequestHeaders.Add("anthropic-version", "2026-10-21");
        using var reply = await client.GetAsync(Batches);
        reply.StatusCode.ShouldBe(status);
    }

    [Theory]
    [InlineData("sk-wrong")]
    [InlineData(null)]
    public async Task Checklist_003_a_missing_or_wrong_key_is_a_401_without_workspace(string? key)
    {
        await using var api = await SimulatedApi.StartAsync(Some.Options);
        using var client = new HttpClient { BaseAddress = api.BaseUrl };
        client.DefaultRequestHeaders.Add("anthropic-version", "2023-06-01");
        if (key is not null)
        {
            client.DefaultRequestHeaders.Add("x-api-key", key);
        }

        using var reply = await Some.CreateAsync(client, Some.Body(3));
        reply.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        var error = await Some.ReadAsync(reply);
        error.GetProperty("error").GetProperty("type").GetString().ShouldBe("authentication_error");
        error.GetRawText().ShouldBe(
            $$"""{"type":"error","error":{"type":"authentication_error","message":"API key is invalid."},"request_id":"{{reply.Headers.GetValues("request-id").Single()}}"}""");
        reply.Headers.Contains("anthropic-workspace-id").ShouldBeFalse();
        api.Truth.BatchesCreated.ShouldBe(0);
    }

    [Theory]
    [InlineData("2023-06-01", HttpStatusCode.OK)]
    [InlineData("2026-10-21", HttpStatusCode.OK)]
    [InlineData(null, HttpStatusCode.BadRequest)]
    [InlineData("2024-01-01", HttpStatusCode.BadRequest)]
    public async Task Checklist_004_two_versions_are_known(string? version, HttpStatusCode status)
    {
        await using var api = await SimulatedApi.StartAsync(Some.Options);
        using var client = new HttpClient { BaseAddress = api.BaseUrl };
        client.DefaultRequestHeaders.Add("x-api-key", "sk-sim");
        if (version is not null)
        {
            client.DefaultRequestHeaders.Add("anthropic-version", version);
        }

        using var reply = await client.GetAsync(Batches);
        reply.StatusCode.ShouldBe(status);
        if (status != HttpStatusCode.OK)
        {
            (await Some.ReadAsync(reply)).GetProperty("error").GetProperty("type").GetString().ShouldBe("invalid_request_error");
        }
    }

    [Theory]
    [InlineData(false, HttpStatusCode.BadRequest)]
    [InlineData(true, HttpStatusCode.OK)]
    public async Task Checklist_005_a_doubled_version_is_refused_unless_switched(bool switched, HttpStatusCode status)
    {
        await using var api = await SimulatedApi.StartAsync(Some.Options with { Wire = new WireSwitches { TakeFirstVersion = switched } });
        using var client = Some.Client(api, version: "2026-10-21, 2023-06-01");
        using var reply = await client.GetAsync(Batches);
        reply.StatusCode.ShouldBe(status);
    }

    [Fact]
    public async Task Checklist_006_an_unknown_beta_is_refused_by_name()
    {
        await using var api = await SimulatedApi.StartAsync(Some.Options);
        using var client = Some.Client(api);
        client.DefaultRequestHeaders.Add("anthropic-beta", "invalid-beta-name");
        using var reply = await client.GetAsync(Batches);
        reply.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await Some.ReadAsync(reply)).Message().ShouldBe(
            "Unexpected value(s) `invalid-beta-name` for the `anthropic-beta` header. "
            + "Please consult our documentation at platform.claude.com/docs or try again without the header.");
    }

    [Theory]
    [InlineData("output-300k-2026-03-24")]
    [InlineData("output-300k-2026-03-24, files-api-2025-04-14")]
    [InlineData("output-300k-2026-03-24|files-api-2025-04-14")]
    public async Task Checklist_007_betas_come_in_one_header_or_several(string betas)
    {
        await using var api = await SimulatedApi.StartAsync(Some.Options);
        using var client = Some.Client(api);
        foreach (var beta in betas.Split('|'))
        {
            client.DefaultRequestHeaders.Add("anthropic-beta", beta);
        }

        var longAnswer = Some.Params(model: "claude-opus-4-6").Replace("\"max_tokens\":300", "\"max_tokens\":300000");
        (await Some.RunAsync(api, client, Some.Body(("a", longAnswer))))["a"].GetProperty("type").GetString().ShouldBe("succeeded");
        client.DefaultRequestHeaders.Remove("anthropic-beta");
        (await Some.RunAsync(api, client, Some.Body(("a", longAnswer))))["a"].ErrorText().ShouldStartWith("max_tokens: 300000 > 128000");
    }

    [Fact]
    public async Task Checklist_008_an_idempotency_key_is_ignored()
    {
        await using var api = await SimulatedApi.StartAsync(Some.Options);
        using var client = Some.Client(api);
        client.DefaultRequestHeaders.Add("Idempotency-Key", "the-same");
        var first = await Some.CreatedAsync(client, Some.Body(2));
        (await Some.CreatedAsync(client, Some.Body(2))).ShouldNotBe(first);
        api.Truth.ShouldSatisfyAllConditions(
            t => t.BatchesCreated.ShouldBe(2), t => t.PairsAccepted.ShouldBe(2), t => t.PairsAcceptedMoreThanOnce.ShouldBe(2));
    }

    [Fact]
    public async Task Checklist_009_every_reply_names_its_request()
    {
        await using var api = await SimulatedApi.StartAsync(Some.Options);
        using var client = Some.Client(api);
        var id = await Some.CreatedAsync(client, Some.Body(1));
        api.Clock.Advance(TimeSpan.FromMinutes(11));
        var ids = new HashSet<string>(StringComparer.Ordinal);
        foreach (var path in (string[])[Batches, $"{Batches}/{id}", $"{Batches}/{id}/results", $"{Batches}/msgbatch_none", $"{Batches}?limit=0", "/v1/nowhere"])
        {
            using var reply = await client.GetAsync(path);
            var name = reply.Headers.GetValues("request-id").Single();
            name.ShouldMatch("^req_01[A-Za-z0-9]{22}$");
            ids.Add(name).ShouldBeTrue();
            if (!reply.IsSuccessStatusCode)
            {
                (await Some.ReadAsync(reply)).GetProperty("request_id").GetString().ShouldBe(name);
            }
        }
    }

    [Fact]
    public async Task Checklist_010_authenticated_replies_name_organization_and_workspace()
    {
        await using var api = await SimulatedApi.StartAsync(Some.Options);
        using var client = Some.Client(api);
        using var reply = await client.GetAsync(Batches);
        reply.Headers.GetValues("anthropic-organization-id").Single().Length.ShouldBe(36);
        reply.Headers.GetValues("anthropic-workspace-id").Single().ShouldMatch("^wrkspc_01[A-Za-z0-9]{22}$");
    }

    [Fact]
    public async Task Checklist_011_json_is_chunked_without_length()
    {
        await using var api = await SimulatedApi.StartAsync(Some.Options);
        using var client = Some.Client(api);
        using var reply = await client.GetAsync(Batches, HttpCompletionOption.ResponseHeadersRead);
        using var created = await Some.CreateAsync(client, Some.Body(1));
        using var missing = await client.GetAsync($"{Batches}/msgbatch_none", HttpCompletionOption.ResponseHeadersRead);
        foreach (var json in (HttpResponseMessage[])[reply, created, missing])
        {
            json.Headers.TransferEncodingChunked.ShouldBe(true);
            json.Content.Headers.NonValidated.Contains("Content-Length").ShouldBeFalse();
            json.Content.Headers.ContentType!.ToString().ShouldBe("application/json");
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Checklist_012_rate_limit_headers_are_a_switch(bool on)
    {
        await using var api = await SimulatedApi.StartAsync(Some.Options with { Wire = new WireSwitches { RateLimitHeaders = on } });
        using var client = Some.Client(api);
        using var reply = await client.GetAsync(Batches);
        reply.Headers.Contains("anthropic-ratelimit-requests-limit").ShouldBe(on);
        if (on)
        {
            reply.Headers.GetValues("anthropic-ratelimit-requests-remaining").Single().ShouldBe("3999");
            reply.Headers.GetValues("anthropic-ratelimit-requests-reset").Single().ShouldBe("2026-11-21T09:01:00Z");
        }
    }

    [Fact]
    public async Task Checklist_013_resends_are_counted()
    {
        await using var api = await SimulatedApi.StartAsync(Some.Options);
        using var client = Some.Client(api);
        client.DefaultRequestHeaders.Add("x-stainless-retry-count", "2");
        client.DefaultRequestHeaders.Add("X-Stainless-Lang", "csharp");
        using var reply = await client.GetAsync(Batches);
        reply.StatusCode.ShouldBe(HttpStatusCode.OK);
        api.Truth.ResentCalls.ShouldBe(1);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Checklist_014_gzip_is_a_switch_for_json_and_results(bool on)
    {
        await using var api = await SimulatedApi.StartAsync(Some.Options with { Wire = new WireSwitches { Gzip = on } });
        using var handler = new HttpClientHandler { AutomaticDecompression = DecompressionMethods.None };
        using var raw = new HttpClient(handler) { BaseAddress = api.BaseUrl };
        raw.DefaultRequestHeaders.Add("x-api-key", "sk-sim");
        raw.DefaultRequestHeaders.Add("anthropic-version", "2023-06-01");
        raw.DefaultRequestHeaders.Add("Accept-Encoding", "gzip");
        using var listed = await raw.GetAsync(Batches);
        listed.Content.Headers.ContentEncoding.Contains("gzip").ShouldBe(on);
        listed.Headers.Vary.ShouldContain("Accept-Encoding");

        using var inflating = new HttpClientHandler { AutomaticDecompression = DecompressionMethods.GZip };
        using var client = new HttpClient(inflating) { BaseAddress = api.BaseUrl };
        client.DefaultRequestHeaders.Add("x-api-key", "sk-sim");
        client.DefaultRequestHeaders.Add("anthropic-version", "2023-06-01");
        var id = await Some.CreatedAsync(client, Some.Body(50));
        api.Clock.Advance(TimeSpan.FromMinutes(11));
        using var results = await raw.GetAsync($"{Batches}/{id}/results");
        results.Content.Headers.ContentEncoding.Contains("gzip").ShouldBe(on);
        results.Headers.Vary.ShouldContain("Accept-Encoding");
        (await Some.ResultsAsync(client, id)).Count.ShouldBe(50);
    }

    [Fact]
    public async Task The_date_header_tells_virtual_time()
    {
        await using var api = await SimulatedApi.StartAsync(Some.Options);
        using var client = Some.Client(api);
        api.Clock.Advance(TimeSpan.FromHours(3));
        using var reply = await client.GetAsync(Batches);
        reply.Headers.Date.ShouldBe(Some.Start.AddHours(3));
    }
}
