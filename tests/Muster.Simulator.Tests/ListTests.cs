using System.Net;
using System.Text.Json;

namespace Muster.Simulator.Tests;

/// <summary>Section E of the checklist.</summary>
public sealed class ListTests
{
    private const string Batches = "/v1/messages/batches";

    [Fact]
    public async Task Checklist_059_a_page_has_four_fields_and_is_newest_first()
    {
        await using var api = await SimulatedApi.StartAsync(Some.Options);
        using var client = Some.Client(api);
        var created = await CreatedAsync(client, 3);
        var page = await Some.GetAsync(client, Batches);
        page.EnumerateObject().Select(p => p.Name).ShouldBe(["data", "has_more", "first_id", "last_id"]);
        Ids(page).ShouldBe(created);
        page.GetProperty("first_id").GetString().ShouldBe(created[0]);
        page.GetProperty("last_id").GetString().ShouldBe(created[^1]);
    }

    [Theory]
    [InlineData("", 20)]
    [InlineData("?limit=1", 1)]
    [InlineData("?limit=1000", 25)]
    [InlineData("?limit=0", null)]
    [InlineData("?limit=1001", null)]
    [InlineData("?limit=many", null)]
    public async Task Checklist_060_the_limit_is_20_unless_given_from_1_to_1000(string query, int? count)
    {
        await using var api = await SimulatedApi.StartAsync(Some.Options);
        using var client = Some.Client(api);
        await CreatedAsync(client, 25);
        using var reply = await client.GetAsync(Batches + query);
        reply.StatusCode.ShouldBe(count is null ? HttpStatusCode.BadRequest : HttpStatusCode.OK);
        if (count is not null)
        {
            Ids(await Some.ReadAsync(reply)).Count.ShouldBe(count.Value);
        }
    }

    [Fact]
    public async Task Checklist_061_pages_run_both_ways_without_gap_or_overlap()
    {
        await using var api = await SimulatedApi.StartAsync(Some.Options);
        using var client = Some.Client(api);
        var created = await CreatedAsync(client, 7);
        var down = new List<string>();
        string? cursor = null;
        JsonElement page;
        do
        {
            page = await Some.GetAsync(client, $"{Batches}?limit=2{(cursor is null ? "" : "&after_id=" + cursor)}");
            down.AddRange(Ids(page));
            cursor = page.GetProperty("last_id").GetString();
        }
        while (page.GetProperty("has_more").GetBoolean());
        down.ShouldBe(created);
        var up = new List<string> { created[^1] };
        do
        {
            page = await Some.GetAsync(client, $"{Batches}?limit=2&before_id={up[0]}");
            up.InsertRange(0, Ids(page));
        }
        while (page.GetProperty("has_more").GetBoolean());
        up.ShouldBe(created);
    }

    [Fact]
    public async Task Checklist_062_has_more_speaks_of_the_direction_asked()
    {
        await using var api = await SimulatedApi.StartAsync(Some.Options);
        using var client = Some.Client(api);
        var created = await CreatedAsync(client, 5);
        (await More("")).ShouldBeTrue();
        (await More($"&after_id={created[1]}")).ShouldBeTrue();
        (await More($"&after_id={created[2]}")).ShouldBeFalse();
        (await More($"&before_id={created[3]}")).ShouldBeTrue();
        (await More($"&before_id={created[2]}")).ShouldBeFalse("older ones lie in the other direction");

        async Task<bool> More(string cursor) => (await Some.GetAsync(client, $"{Batches}?limit=2{cursor}")).GetProperty("has_more").GetBoolean();
    }

    [Fact]
    public async Task Checklist_063_an_empty_account_has_an_empty_page()
    {
        await using var api = await SimulatedApi.StartAsync(Some.Options);
        using var client = Some.Client(api);
        (await client.GetStringAsync(Batches)).ShouldBe("""{"data":[],"has_more":false,"first_id":null,"last_id":null}""");
    }

    [Fact]
    public async Task Checklist_064_unknown_query_parameters_filter_nothing()
    {
        await using var api = await SimulatedApi.StartAsync(Some.Options);
        using var client = Some.Client(api);
        var created = await CreatedAsync(client, 3);
        Ids(await Some.GetAsync(client, $"{Batches}?processing_status=ended&status=ended&created_after=2030-01-01")).ShouldBe(created);
    }

    [Fact]
    public async Task Checklist_065_whole_objects_are_listed_whatever_became_of_them_and_deleted_ones_are_gone()
    {
        await using var api = await SimulatedApi.StartAsync(Some.Options);
        using var client = Some.Client(api);
        var archived = await Some.CreatedAsync(client, Some.Body(1));
        api.Clock.Advance(TimeSpan.FromDays(29));
        var gone = await Some.CreatedAsync(client, Some.Body(1));
        var canceled = await Some.CreatedAsync(client, Some.Body(1));
        (await client.PostAsync($"{Batches}/{canceled}/cancel", null)).Dispose();
        var ended = await Some.CreatedAsync(client, Some.Body(1));
        api.Clock.Advance(TimeSpan.FromMinutes(11));
        (await client.DeleteAsync($"{Batches}/{gone}")).Dispose();
        var listed = await Some.GetAsync(client, Batches);
        Ids(listed).ShouldBe([ended, canceled, archived]);
        foreach (var batch in listed.GetProperty("data").EnumerateArray())
        {
            batch.GetRawText().ShouldBe((await Some.RetrieveAsync(client, batch.GetProperty("id").GetString()!)).GetRawText());
        }

        listed.GetProperty("data")[2].GetProperty("archived_at").ValueKind.ShouldBe(JsonValueKind.String);
    }

    [Fact]
    public async Task Checklist_066_a_batch_whose_reply_was_lost_is_listed_without_ids_or_inputs()
    {
        await using var api = await FaultTests.StartAsync("""{"calls":[{"endpoint":"create","nth":[2],"fault":"reset_after"}]}""");
        using var client = Some.Client(api);
        var known = await Some.CreatedAsync(client, Some.Body(2));
        api.Clock.Advance(TimeSpan.FromSeconds(5));
        await Should.ThrowAsync<HttpRequestException>(() => Some.CreateAsync(client, Some.Body(("secret-id", Some.Params("A secret rake")))));
        var listed = await Some.GetAsync(client, Batches);
        var newest = listed.GetProperty("data")[0];
        newest.GetProperty("id").GetString().ShouldNotBe(known);
        newest.GetProperty("created_at").GetString().ShouldBe("2026-11-21T09:00:05.000000+00:00");
        LifecycleTests.Counts(newest).ShouldBe((1, 0, 0, 0, 0));
        listed.GetRawText().ShouldNotContain("secret");
        api.Clock.Advance(TimeSpan.FromMinutes(11));
        (await Some.ResultsAsync(client, newest.GetProperty("id").GetString()!)).Keys.ShouldBe(["secret-id"]);
    }

    /// <summary>Ids of new batches of one request, newest first.</summary>
    private static async Task<List<string>> CreatedAsync(HttpClient client, int count)
    {
        var ids = new List<string>();
        for (var i = 0; i < count; i++)
        {
            ids.Insert(0, await Some.CreatedAsync(client, Some.Body(1)));
        }

        return ids;
    }

    private static List<string> Ids(JsonElement page) => [.. page.GetProperty("data").EnumerateArray().Select(b => b.GetProperty("id").GetString()!)];
}
