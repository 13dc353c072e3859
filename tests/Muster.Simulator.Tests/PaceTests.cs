namespace Muster.Simulator.Tests;

public sealed class PaceTests
{
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
