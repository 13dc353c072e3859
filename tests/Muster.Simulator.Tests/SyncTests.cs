using System.Net;
using Anthropic;
using Anthropic.Models.Messages;

namespace Muster.Simulator.Tests;

/// <summary>Section J of the checklist: the sync endpoints.</summary>
public sealed class SyncTests
{
    [Fact]
    public async Task Checklist_110_a_sync_message_has_the_shape_of_a_batch_line_and_another_tier()
    {
        await using var api = await SimulatedApi.StartAsync(Some.Options);
        using var client = Some.Client(api);
        var batch = (await Some.RunAsync(api, client, Some.Body(("a", Some.WithSchema()))))["a"].GetProperty("message");
        using var reply = await client.PostAsync("/v1/messages", Some.Json(Some.WithSchema()));
        reply.StatusCode.ShouldBe(HttpStatusCode.OK);
        var sync = await Some.ReadAsync(reply);
        sync.EnumerateObject().Select(p => p.Name).ShouldBe(batch.EnumerateObject().Select(p => p.Name));
        sync.GetProperty("content").GetRawText().ShouldBe(batch.GetProperty("content").GetRawText());
        sync.GetProperty("usage").EnumerateObject().Select(p => p.Name).ShouldBe(batch.GetProperty("usage").EnumerateObject().Select(p => p.Name));
        sync.GetProperty("usage").GetProperty("service_tier").GetString().ShouldBe("standard");
    }

    [Theory]
    [InlineData("\"model\":\"claude-haiku-4-5\",\"max_tokens\":16", 400)]
    [InlineData("\"model\":\"claude-haiku-4-5\",\"max_tokens\":16,\"messages\":[]", 400)]
    [InlineData("\"model\":\"claude-nobody\",\"max_tokens\":16,\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]", 404)]
    [InlineData("\"model\":\"claude-haiku-4-5\",\"max_tokens\":100000,\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]", 400)]
    [InlineData("\"model\":\"claude-haiku-4-5\",\"max_tokens\":16,\"surprise\":1,\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]", 400)]
    [InlineData("\"model\":\"claude-opus-4-7\",\"max_tokens\":16,\"top_k\":1,\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]", 400)]
    [InlineData("\"model\":\"claude-haiku-4-5\",\"max_tokens\":16,\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"image\",\"source\":{\"type\":\"url\",\"url\":\"https://x.invalid/\"}}]}]", 400)]
    public async Task Checklist_110_what_errors_an_item_later_fails_at_once_in_the_same_words(string members, int status)
    {
        await using var api = await SimulatedApi.StartAsync(Some.Options);
        using var client = Some.Client(api);
        var item = (await Some.RunAsync(api, client, Some.Body(("a", $"{{{members}}}"))))["a"];
        using var reply = await client.PostAsync("/v1/messages", Some.Json($"{{{members}}}"));
        ((int)reply.StatusCode).ShouldBe(status);
        var error = await Some.ReadAsync(reply);
        error.Message().ShouldBe(item.ErrorText());
        error.GetProperty("error").GetProperty("type").GetString().ShouldBe(item.ErrorType());
    }

    [Fact]
    public async Task Checklist_111_sync_bodies_end_at_32_MB_and_replies_have_four_limits()
    {
        const int limit = 32 * 1024 * 1024;
        await using var api = await SimulatedApi.StartAsync(Some.Options);
        using var client = Some.Client(api);
        var frame = Some.Params("", "claude-opus-4-6").Length;
        using var most = await client.PostAsync("/v1/messages", Some.Json(Some.Params(new string('x', limit - frame), "claude-opus-4-6")));
        most.StatusCode.ShouldBe(HttpStatusCode.OK);
        foreach (var kind in (string[])["requests", "input-tokens", "output-tokens", "tokens"])
        {
            foreach (var part in (string[])["limit", "remaining", "reset"])
            {
                most.Headers.Contains($"anthropic-ratelimit-{kind}-{part}").ShouldBeTrue();
            }
        }

        using var over = await client.PostAsync("/v1/messages", Some.Json(Some.Params(new string('x', limit - frame + 1), "claude-opus-4-6")));
        over.StatusCode.ShouldBe(HttpStatusCode.RequestEntityTooLarge);
        (await Some.ReadAsync(over)).GetProperty("error").GetProperty("type").GetString().ShouldBe("request_too_large");
    }

    [Fact]
    public async Task Checklist_112_counting_is_free_has_a_rate_of_its_own_and_knows_no_cache()
    {
        await using var api = await SimulatedApi.StartAsync(Some.Options with { RequestsPerMinute = 3 });
        using var client = Some.Client(api);
        var marked = Some.Params(extra: $$$""","system":[{"type":"text","text":"{{{new string('s', 40_000)}}}","cache_control":{"type":"ephemeral"}}]""");
        using var sent = await client.PostAsync("/v1/messages", Some.Json(marked));
        var usage = (await Some.ReadAsync(sent)).GetProperty("usage");
        var total = usage.GetProperty("input_tokens").GetInt32() + usage.GetProperty("cache_creation_input_tokens").GetInt32();
        for (var i = 0; i < 6; i++)
        {
            using var counted = await client.PostAsync("/v1/messages/count_tokens", Some.Json(marked.Replace("\"max_tokens\":300,", "")));
            (await counted.Content.ReadAsStringAsync()).ShouldBe($$"""{"input_tokens":{{total}}}""");
        }

        using var over = await client.PostAsync("/v1/messages/count_tokens", Some.Json(marked));
        over.StatusCode.ShouldBe(HttpStatusCode.TooManyRequests);
        (await client.GetAsync("/v1/messages/batches")).StatusCode.ShouldBe(HttpStatusCode.OK, "the batch endpoints have their own rate");
        api.Truth.RowsBilled.ShouldBe(0);
    }

    /// <summary>Real time: the SDK waits 30 s for an answer of up to 1,024 tokens, and then sends again.</summary>
    [Fact]
    public async Task Checklist_113_a_reply_slower_than_30_seconds_is_sent_again_without_an_explicit_timeout_and_waited_for_with_one()
    {
        await using var api = await FaultTests.StartAsync("""{"calls":[{"endpoint":"messages","every":1,"fault":"delay_after","seconds":40}]}""");
        using var patient = new AnthropicClient { BaseUrl = Url(api), ApiKey = "sk-sim", Timeout = TimeSpan.FromMinutes(5) };
        using var usual = new AnthropicClient { BaseUrl = Url(api), ApiKey = "sk-sim" };
        using var enough = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        var started = TimeProvider.System.GetTimestamp();
        var answered = patient.Messages.Create(Hi(), enough.Token);
        var resent = usual.Messages.Create(Hi(), enough.Token);
        while (api.Truth.ResentCalls == 0)
        {
            enough.IsCancellationRequested.ShouldBeFalse("the SDK did not send again within 60 s");
            await Task.Delay(200);
        }

        TimeProvider.System.GetElapsedTime(started).TotalSeconds.ShouldBeInRange(29, 45);
        answered.IsCompleted.ShouldBeFalse();
        api.Clock.Advance(TimeSpan.FromSeconds(40));
        (await answered).Content.Count.ShouldBeGreaterThan(0);
        (await resent).Content.Count.ShouldBeGreaterThan(0);
        api.Truth.ResentCalls.ShouldBe(1, "only the one without a timeout of its own");
    }

    private static string Url(SimulatedApi api) => api.BaseUrl.ToString().TrimEnd('/');

    private static MessageCreateParams Hi() =>
        new() { Model = Model.ClaudeHaiku4_5, MaxTokens = 16, Messages = [new UserMessageParam { Content = "Hi" }] };
}
