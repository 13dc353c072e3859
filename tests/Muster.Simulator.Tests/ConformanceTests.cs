using Anthropic;
using Anthropic.Models.Messages;
using Anthropic.Models.Messages.Batches;

namespace Muster.Simulator.Tests;

public sealed class ConformanceTests
{
    [Fact]
    public async Task Checklist_116_a_plain_client_runs_the_whole_life_of_a_batch()
    {
        await using var api = await SimulatedApi.StartAsync(Some.Options);
        using var client = Some.Client(api);

        var id = await Some.CreatedAsync(client, Some.Body(("a", Some.WithSchema()), ("b", Some.WithSchema("Wooden toys"))));
        (await Some.RetrieveAsync(client, id)).GetProperty("processing_status").GetString().ShouldBe("in_progress");
        api.Clock.Advance(TimeSpan.FromMinutes(11));
        (await Some.RetrieveAsync(client, id)).GetProperty("processing_status").GetString().ShouldBe("ended");
        var results = await Some.ResultsAsync(client, id);
        results["a"].Text().ShouldContain("Garden tools");
        results["b"].Text().ShouldContain("Toys");
        (await Some.GetAsync(client, "/v1/messages/batches")).GetProperty("data").GetArrayLength().ShouldBe(1);
        using var deleted = await client.DeleteAsync($"/v1/messages/batches/{id}");
        (await Some.ReadAsync(deleted)).GetProperty("type").GetString().ShouldBe("message_batch_deleted");
    }

    [Fact]
    public async Task Checklist_115_the_official_sdk_runs_the_whole_life_of_a_batch_unmodified()
    {
        await using var api = await SimulatedApi.StartAsync(Some.Options);
        var client = new AnthropicClient { BaseUrl = api.BaseUrl.ToString().TrimEnd('/'), ApiKey = "sk-sim" };

        var created = await client.Messages.Batches.Create(Two());
        created.ProcessingStatus.Value().ShouldBe(ProcessingStatus.InProgress);
        created.RequestCounts.Processing.ShouldBe(2);
        api.Clock.Advance(TimeSpan.FromMinutes(11));
        var ended = await client.Messages.Batches.Retrieve(created.ID);
        ended.ProcessingStatus.Value().ShouldBe(ProcessingStatus.Ended);
        ended.RequestCounts.Succeeded.ShouldBe(2);
        (await client.Messages.Batches.List()).Items.ShouldHaveSingleItem().ID.ShouldBe(created.ID);

        var ids = new List<string>();
        await foreach (var line in client.Messages.Batches.ResultsStreaming(created.ID))
        {
            line.Result.TryPickSucceeded(out var succeeded).ShouldBeTrue();
            succeeded!.Message.Usage.OutputTokens.ShouldBeGreaterThan(0);
            ids.Add(line.CustomID);
        }

        ids.Order().ShouldBe(["a", "b"]);

        var second = await client.Messages.Batches.Create(Two());
        (await client.Messages.Batches.Cancel(second.ID)).ProcessingStatus.Value().ShouldBe(ProcessingStatus.Canceling);
        api.Clock.Advance(TimeSpan.FromSeconds(25));
        (await client.Messages.Batches.Retrieve(second.ID)).ProcessingStatus.Value().ShouldBe(ProcessingStatus.Ended);
        (await client.Messages.Batches.Delete(second.ID)).ID.ShouldBe(second.ID);
        api.Truth.BatchesCreated.ShouldBe(2);
    }

    private static BatchCreateParams Two() => new()
    {
        Requests =
        [
            new() { CustomID = "a", Params = Hello("A garden rake") },
            new() { CustomID = "b", Params = Hello("A wooden toy") },
        ],
    };

    private static Params Hello(string text) =>
        new() { Model = Model.ClaudeHaiku4_5, MaxTokens = 100, Messages = [new UserMessageParam { Content = text }] };
}
