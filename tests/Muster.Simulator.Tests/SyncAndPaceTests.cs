using Anthropic;
using Anthropic.Models.Messages;

namespace Muster.Simulator.Tests;

public sealed class SyncAndPaceTests
{
    [Fact]
    public async Task Checklist_113_a_slow_sync_reply_makes_an_impatient_client_send_again()
    {
        await using var api = await FaultTests.StartAsync(
            """{"calls":[{"endpoint":"messages","every":1,"fault":"delay_after","seconds":3600}]}""", o => o with { Speed = 1 });
        var client = new AnthropicClient
        {
            BaseUrl = api.BaseUrl.ToString().TrimEnd('/'), ApiKey = "sk-sim", Timeout = TimeSpan.FromSeconds(0.3), MaxRetries = 1,
        };
        await Should.ThrowAsync<Exception>(() => client.Messages.Create(
            new MessageCreateParams { Model = Model.ClaudeHaiku4_5, MaxTokens = 16, Messages = [new UserMessageParam { Content = "Hi" }] }));
        api.Truth.ResentCalls.ShouldBe(1);
    }

    [Fact]
    public async Task Checklist_091_a_download_can_be_held_to_a_rate()
    {
        await using var api = await SimulatedApi.StartAsync(
            Some.Options with { Instant = true, Wire = new WireSwitches { ResultsBytesPerSecond = 10_000 } });
        using var client = Some.Client(api);
        var id = await Some.CreatedAsync(client, Some.Body(1_000));
        using var reply = await client.GetAsync($"/v1/messages/batches/{id}/results", HttpCompletionOption.ResponseHeadersRead);
        var whole = reply.Content.ReadAsStringAsync();
        whole.IsCompleted.ShouldBeFalse();
        for (var i = 0; !whole.IsCompleted; i++)
        {
            i.ShouldBeLessThan(1_000);
            api.Clock.Advance(TimeSpan.FromSeconds(10));
            await Task.WhenAny(whole, Task.Delay(10));
        }

        (await whole).Count(c => c == '\n').ShouldBe(1_000);
    }

    [Fact]
    public async Task Checklist_109_rows_already_queued_finish_after_the_spend_limit()
    {
        await using var api = await SimulatedApi.StartAsync(Some.Options);
        using var client = Some.Client(api);
        var id = await Some.CreatedAsync(client, Some.Body(5));
        api.Faults = Faults.FaultPlan.Parse("""{"calls":[{"endpoint":"create","every":1,"fault":"spend_cap"}]}""");
        using var refused = await Some.CreateAsync(client, Some.Body(5));
        ((int)refused.StatusCode).ShouldBe(429);
        api.Clock.Advance(TimeSpan.FromMinutes(11));
        (await Some.ResultsAsync(client, id)).Count.ShouldBe(5);
        api.Truth.RowsBilled.ShouldBe(5);
    }

    [Fact]
    public async Task A_batch_can_appear_late()
    {
        await using var api = await FaultTests.StartAsync("""{"appears_after_seconds":120}""");
        using var client = Some.Client(api);
        var id = await Some.CreatedAsync(client, Some.Body(1));
        (await Some.GetAsync(client, "/v1/messages/batches")).GetProperty("data").GetArrayLength().ShouldBe(0);
        api.Clock.Advance(TimeSpan.FromSeconds(120));
        (await Some.RetrieveAsync(client, id)).GetProperty("created_at").GetString().ShouldBe("2026-11-21T09:00:00.000000+00:00");
    }

    [Fact]
    public async Task Expired_rows_wait_for_24_hours_when_the_plan_says_so()
    {
        await using var api = await FaultTests.StartAsync("""{"expire_without_wait":false,"rows":[{"contains":"number 0","outcome":"expired"}]}""");
        using var client = Some.Client(api);
        var id = await Some.CreatedAsync(client, Some.Body(3));
        api.Clock.Advance(TimeSpan.FromHours(23));
        (await Some.RetrieveAsync(client, id)).GetProperty("processing_status").GetString().ShouldBe("in_progress");
        api.Clock.Advance(TimeSpan.FromHours(1));
        LifecycleTests.Counts(await Some.RetrieveAsync(client, id)).ShouldBe((0, 2, 0, 0, 1));
    }
}
