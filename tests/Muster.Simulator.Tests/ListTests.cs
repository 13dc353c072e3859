using System.Net;
using System.Text.Json;

namespace Muster.Simulator.Tests;

/// <summary>Section E of the checklist.</summary>
public sealed class ListTests
{
    private const string Batches = "/v1/messages/batches";

    [Fact]
    public async Task Checklist_059_061_062_pages_run_both_ways_without_gap_or_overlap()
    {
        await using var api = await SimulatedApi.StartAsync(Some.Options);
        using var client = Some.Client(api);
        var created = new List<string>();
        for (var i = 0; i < 5; i++)
        {
            created.Insert(0, await Some.CreatedAsync(client, Some.Body(1)));
        }

        var first = await Some.GetAsync(client, $"{Batches}?limit=2");
        first.EnumerateObject().Select(p => p.Name).ShouldBe(["data", "has_more", "first_id", "last_id"]);
        Ids(first).ShouldBe(created[..2]);
        first.GetProperty("has_more").GetBoolean().ShouldBeTrue();
        var second = await Some.GetAsync(client, $"{Batches}?limit=2&after_id={first.GetProperty("last_id").GetString()}");
        Ids(second).ShouldBe(created[2..4]);
        var third = await Some.GetAsync(client, $"{Batches}?limit=2&after_id={second.GetProperty("last_id").GetString()}");
        Ids(third).ShouldBe(created[4..]);
        third.GetProperty("has_more").GetBoolean().ShouldBeFalse();
        var back = await Some.GetAsync(client, $"{Batches}?limit=2&before_id={third.GetProperty("first_id").GetString()}");
        Ids(back).ShouldBe(created[2..4]);
        back.GetProperty("has_more").GetBoolean().ShouldBeTrue();
        var top = await Some.GetAsync(client, $"{Batches}?limit=2&before_id={back.GetProperty("first_id").GetString()}");
        Ids(top).ShouldBe(created[..2]);
        top.GetProperty("has_more").GetBoolean().ShouldBeFalse();
    }

    [Theory]
    [InlineData("", 20)]
    [InlineData("?limit=1", 1)]
    [InlineData("?limit=1000", 25)]
    [InlineData("?processing_status=ended&created_after=2030", 20)]
    public async Task Checklist_060_064_the_limit_is_20_and_nothing_filters(string query, int count)
    {
        await using var api = await SimulatedApi.StartAsync(Some.Options);
        using var client = Some.Client(api);
        for (var i = 0; i < 25; i++)
        {
            await Some.CreatedAsync(client, Some.Body(1));
        }

        Ids(await Some.GetAsync(client, Batches + query)).Count.ShouldBe(count);
    }

    [Theory]
    [InlineData("0")]
    [InlineData("1001")]
    [InlineData("many")]
    public async Task Checklist_060_other_limits_are_refused(string limit)
    {
        await using var api = await SimulatedApi.StartAsync(Some.Options);
        using var client = Some.Client(api);
        using var reply = await client.GetAsync($"{Batches}?limit={limit}");
        reply.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task Checklist_063_an_empty_account_has_an_empty_page()
    {
        await using var api = await SimulatedApi.StartAsync(Some.Options);
        using var client = Some.Client(api);
        (await client.GetStringAsync(Batches)).ShouldBe("""{"data":[],"has_more":false,"first_id":null,"last_id":null}""");
    }

    [Fact]
    public async Task Checklist_065_whole_objects_are_listed_and_deleted_ones_are_gone()
    {
        await using var api = await SimulatedApi.StartAsync(Some.Options);
        using var client = Some.Client(api);
        var gone = await Some.CreatedAsync(client, Some.Body(1));
        var canceled = await Some.CreatedAsync(client, Some.Body(1));
        (await client.PostAsync($"{Batches}/{canceled}/cancel", null)).Dispose();
        api.Clock.Advance(TimeSpan.FromMinutes(11));
        (await client.DeleteAsync($"{Batches}/{gone}")).Dispose();
        var listed = await Some.GetAsync(client, Batches);
        Ids(listed).ShouldBe([canceled]);
        listed.GetProperty("data")[0].GetRawText().ShouldBe((await Some.RetrieveAsync(client, canceled)).GetRawText());
    }

    private static List<string> Ids(JsonElement page) => [.. page.GetProperty("data").EnumerateArray().Select(b => b.GetProperty("id").GetString()!)];
}
