using System.Net.Http.Json;
using Muster.Claude;
using Muster.Results;
using Muster.Simulator;
using Muster.Simulator.Faults;

namespace Muster.Tests.Results;

public sealed class FirstResultTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_first_id_is_that_of_the_first_line_that_is_a_result(bool blank)
    {
        await using var api = await SimulatedApi.StartAsync(new SimulatorOptions
        {
            Instant = true, Faults = new FaultPlan { Lines = new LineFaults { Blank = blank ? 1 : 0 } },
        });
        var id = await BatchAsync(api);
        using var client = new BatchesClient(Some.Claude(api));

        (await FirstResult.IdAsync(client, id, TestContext.Current.CancellationToken)).ShouldBe("theirs-1");
    }

    [Fact]
    public async Task A_download_that_falls_silent_before_its_first_line_is_given_up()
    {
        var silence = new CallFault { Endpoint = "results", Fault = CallFaultKind.DelayBody, First = 9, Seconds = 3_600 };
        await using var api = await SimulatedApi.StartAsync(new SimulatorOptions { Instant = true, Faults = new FaultPlan { Calls = [silence] } });
        var id = await BatchAsync(api);
        using var client = new BatchesClient(Some.Claude(api) with { IdleTimeout = TimeSpan.FromMilliseconds(100) });
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));

        (await FirstResult.IdAsync(client, id, limit.Token)).ShouldBeNull();
    }

    private static async Task<string> BatchAsync(SimulatedApi api)
    {
        using var http = new HttpClient { BaseAddress = api.BaseUrl };
        http.DefaultRequestHeaders.Add("x-api-key", "sk-sim");
        http.DefaultRequestHeaders.Add("anthropic-version", "2026-10-21");
        var ask = new { model = "claude-haiku-4-5", max_tokens = 9, messages = new[] { new { role = "user", content = "Hello" } } };
        using var reply = await http.PostAsJsonAsync("/v1/messages/batches", new { requests = new[] { new { custom_id = "theirs-1", @params = ask } } });
        reply.EnsureSuccessStatusCode();
        using var json = System.Text.Json.JsonDocument.Parse(await reply.Content.ReadAsStringAsync());
        return json.RootElement.GetProperty("id").GetString()!;
    }
}
