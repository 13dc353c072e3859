using System.Text.Json;

namespace Muster.Cli.Tests;

/// <summary>What a check lets pass and what it counts.</summary>
public sealed class CheckTests : IDisposable
{
    private readonly JobFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task A_sound_job_is_runnable_and_leaves_nothing_behind()
    {
        var before = Directory.GetFileSystemEntries(folder.Folder);
        var report = await CheckAsync();
        report.GetProperty("runnable").GetBoolean().ShouldBeTrue();
        report.GetProperty("findings").GetArrayLength().ShouldBe(0);
        Directory.GetFileSystemEntries(folder.Folder).ShouldBe(before, ignoreOrder: true);
    }

    [Fact]
    public async Task What_init_writes_passes_the_check()
    {
        (await folder.RunAsync("init", "new", "--name", "fresh")).Code.ShouldBe(0);
        var outcome = await folder.RunAsync("check", "new/fresh.job.yaml");
        outcome.Code.ShouldBe(0, outcome.Err);
        outcome.Errors.ShouldBeEmpty();
    }

    /// <summary>20 rows at 7 to a batch, no two batches with the same count: 7 + 6 + 5 + 2.</summary>
    [Fact]
    public async Task Batches_are_counted_as_a_run_packs_them()
    {
        var forecast = (await CheckAsync()).GetProperty("forecast");
        forecast.GetProperty("requests").GetInt64().ShouldBe(20);
        forecast.GetProperty("batches").GetInt32().ShouldBe(4);
    }

    [Fact]
    public async Task Money_adds_up_and_a_batch_costs_half()
    {
        var forecast = (await CheckAsync()).GetProperty("forecast");
        var tiers = forecast.GetProperty("tiers").EnumerateArray().ToList();
        tiers.Sum(tier => tier.GetProperty("batch_usd").GetDecimal()).ShouldBe(forecast.GetProperty("batch_usd").GetDecimal());
        (2 * forecast.GetProperty("batch_usd").GetDecimal()).ShouldBe(forecast.GetProperty("sync_usd").GetDecimal());
        tiers[1].GetProperty("requests").GetInt64().ShouldBe(1);
    }

    [Fact]
    public async Task Duplicate_and_ragged_rows_are_counted_with_their_places_and_the_job_stays_runnable()
    {
        File.AppendAllText(folder.PathOf("rows.csv"), "p-001,again\np-002,again\nx,y,z\n");
        var source = (await CheckAsync()).GetProperty("source");
        source.GetProperty("records").GetInt64().ShouldBe(23);
        source.GetProperty("askable").GetInt64().ShouldBe(20);
        var aside = source.GetProperty("set_aside").EnumerateArray().ToList();
        aside[0].GetProperty("reason").GetString().ShouldBe("REQ.DUPLICATE_KEY");
        aside[0].GetProperty("rows").GetInt64().ShouldBe(2);
        aside[0].GetProperty("places")[0].GetString()!.ShouldStartWith("rows.csv:22: the key \"p-001\"");
        aside[1].GetProperty("reason").GetString()!.ShouldStartWith("REQ.BAD_RECORD");
        aside[1].GetProperty("places")[0].GetString()!.ShouldStartWith("rows.csv:24");
    }

    [Fact]
    public async Task Keys_longer_than_an_id_are_hashed()
    {
        File.AppendAllText(folder.PathOf("rows.csv"), $"{new string('k', 65)},long\n");
        (await CheckAsync()).GetProperty("source").GetProperty("hashed_keys").GetInt64().ShouldBe(1);
    }

    [Fact]
    public async Task A_sample_reads_only_so_many_records()
    {
        var source = (await CheckAsync("--rows", "5")).GetProperty("source");
        source.GetProperty("records").GetInt64().ShouldBe(5);
        source.GetProperty("is_sample").GetBoolean().ShouldBeTrue();
    }

    [Fact]
    public async Task An_unknown_model_has_no_price_and_is_a_warning()
    {
        folder.Edit("claude-haiku-4-5", "claude-haiku-4-55");
        var report = await CheckAsync();
        report.GetProperty("forecast").GetProperty("batch_usd").ValueKind.ShouldBe(JsonValueKind.Null);
        var finding = report.GetProperty("findings")[0];
        finding.GetProperty("severity").GetString().ShouldBe("warning");
        finding.GetProperty("what").GetString()!.ShouldContain("\"claude-haiku-4-55\"");
    }

    [Fact]
    public async Task A_cap_that_cannot_be_enforced_is_a_warning_that_says_where_the_run_would_pause()
    {
        folder.Edit("claude-sonnet-5-5", "claude-sonnet-5-55");
        folder.Edit("limits:", "budget: { usd: 5 }\nlimits:");
        var finding = (await CheckAsync()).GetProperty("findings").EnumerateArray().Single(finding => finding.GetProperty("where").GetString() == "budget.usd");
        finding.GetProperty("severity").GetString().ShouldBe("warning");
        finding.GetProperty("what").GetString()!.ShouldContain("cannot be enforced for \"claude-sonnet-5-55\", which has no price: the run would pause before tiers[1] is asked");
        finding.GetProperty("hint").GetString()!.ShouldContain("remove `budget.usd`");
    }

    [Fact]
    public async Task A_forecast_above_the_cap_is_a_warning()
    {
        folder.Edit("limits:", "budget: { usd: 0.001 }\nlimits:");
        var findings = (await CheckAsync()).GetProperty("findings").EnumerateArray().ToList();
        findings.ShouldContain(finding => finding.GetProperty("where").GetString() == "budget.usd");
    }

    [Fact]
    public async Task Columns_that_a_terminal_would_obey_are_escaped()
    {
        folder.Write("rows.csv", "sku,name,\u001b[31mred\na,b,c\n");
        var outcome = await folder.RunAsync("check");
        outcome.Code.ShouldBe(0, outcome.Err);
        outcome.Out.ShouldContain("\\u001b[31mred");
        outcome.Out.ShouldNotContain("\u001b");
    }

    private async Task<JsonElement> CheckAsync(params string[] arguments)
    {
        var outcome = await folder.RunAsync(["check", "--json", .. arguments]);
        outcome.Code.ShouldBe(0, outcome.Err);
        return JsonDocument.Parse(outcome.Out).RootElement.Clone();
    }
}
