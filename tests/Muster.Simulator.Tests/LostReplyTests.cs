using Anthropic;
using Anthropic.Models.Messages;
using Anthropic.Models.Messages.Batches;

namespace Muster.Simulator.Tests;

/// <summary>Item 100 of the checklist: the work is done and its reply is lost.</summary>
public sealed class LostReplyTests
{
    [Theory]
    [InlineData("reset_after", 1)]
    [InlineData("cut_body", 1)]
    [InlineData("status_after", 1)]
    [InlineData("delay_after", 1)]
    [InlineData("reset_before", 0)]
    public async Task Checklist_100_a_create_whose_reply_is_lost_leaves_a_listed_batch(string fault, int batches)
    {
        await using var api = await FaultTests.StartAsync($$"""{"calls":[{"endpoint":"create","first":1,"fault":"{{fault}}","seconds":3600}]}""");
        using var client = Some.Client(api);
        using var patience = new CancellationTokenSource();
        var lost = IsLostAsync(client, patience.Token);
        await FaultTests.WaitUntilAsync(() => lost.IsCompleted || (fault == "delay_after" && api.Truth.BatchesCreated == 1));
        await patience.CancelAsync();
        (await lost).ShouldBeTrue();
        api.Truth.BatchesCreated.ShouldBe(batches);
        (await Some.GetAsync(client, "/v1/messages/batches")).GetProperty("data").GetArrayLength().ShouldBe(batches);
    }

    /// <summary>The known trap. That Muster makes one batch of it is proved by Muster.Tests.Runs.LostCreateTests.</summary>
    [Theory]
    [InlineData("reset_after", 3)]
    [InlineData("status_after", 3)]
    [InlineData("delay_after", 3)]
    [InlineData("cut_body", 1)]
    public async Task Checklist_100_the_sdk_with_its_default_retries_makes_up_to_three_batches_of_one_create(string fault, int batches)
    {
        await using var api = await FaultTests.StartAsync(
            $$"""{"calls":[{"endpoint":"create","every":1,"fault":"{{fault}}","status":500,"seconds":3600}]}""", o => o with { Speed = 1 });
        using var client = new AnthropicClient { BaseUrl = api.BaseUrl.ToString().TrimEnd('/'), ApiKey = "sk-sim" };
        // Only the wait for a timeout is cut short; the number of retries is the default.
        using var impatient = new AnthropicClient { BaseUrl = client.BaseUrl, ApiKey = "sk-sim", Timeout = TimeSpan.FromSeconds(0.5) };
        await Should.ThrowAsync<Exception>(() => (fault == "delay_after" ? impatient : client).Messages.Batches.Create(new BatchCreateParams
        {
            Requests =
            [
                new() { CustomID = "a", Params = new() { Model = Model.ClaudeHaiku4_5, MaxTokens = 10, Messages = [new UserMessageParam { Content = "Hi" }] } },
            ],
        }));
        api.Truth.BatchesCreated.ShouldBe(batches);
        api.Truth.PairsAccepted.ShouldBe(1);
        api.Truth.PairsAcceptedMoreThanOnce.ShouldBe(batches > 1 ? 1 : 0);
        api.Truth.ResentCalls.ShouldBe(batches - 1);
    }

    private static async Task<bool> IsLostAsync(HttpClient client, CancellationToken ct)
    {
        try
        {
            using var reply = await client.PostAsync("/v1/messages/batches", Some.Json(Some.Body(7)), ct);
            return !reply.IsSuccessStatusCode;
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException)
        {
            return true;
        }
    }
}
