using System.Text.Json;

namespace Muster.Cli.Tests;

/// <summary>What the doctor sees of the surroundings.</summary>
public sealed class DoctorTests
{
    [Fact]
    public async Task A_sound_machine_is_healthy_and_the_key_is_not_shown()
    {
        await using var run = await RunFolder.StartAsync();
        var outcome = await run.Job.RunAsync("doctor", "--json");
        outcome.Code.ShouldBe(0, outcome.Err);
        using var report = JsonDocument.Parse(outcome.Out);
        report.RootElement.GetProperty("healthy").GetBoolean().ShouldBeTrue();
        var names = report.RootElement.GetProperty("lines").EnumerateArray().Select(line => line.GetProperty("name").GetString()).ToList();
        names.ShouldBe(["runtime", "sqlite", "store", "disk", "prices", "models", "batches", "key", "service", "clock"]);
        (outcome.Out + outcome.Err).ShouldNotContain("sk-sim");
    }

    [Fact]
    public async Task Offline_asks_nothing()
    {
        using var folder = new JobFolder();
        folder.Environment["ANTHROPIC_API_KEY"] = "sk-sim";
        folder.Environment["ANTHROPIC_BASE_URL"] = "http://127.0.0.1:1";
        var outcome = await folder.RunAsync("doctor", "--offline");
        outcome.Code.ShouldBe(0, outcome.Err);
        outcome.Out.ShouldContain("http://127.0.0.1:1/, not asked");
    }

    [Fact]
    public async Task A_store_that_others_may_read_is_a_warning()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Needs file modes.");
        await using var run = await RunFolder.StartAsync();
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(run.Job.PathOf(".muster"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.OtherRead);
        var outcome = await run.Job.RunAsync("doctor", "--offline");
        outcome.Code.ShouldBe(0, outcome.Err);
        outcome.Out.ShouldContain("warn store: ");
        outcome.Err.ShouldContain("chmod 700");
    }

    [Fact]
    public async Task A_model_that_is_retired_fails_and_old_prices_warn()
    {
        using var folder = new JobFolder();
        folder.Environment["ANTHROPIC_API_KEY"] = "sk-sim";
        folder.Write("prices.json",
            """{"as_of":"2020-01-01","models":[{"id":"claude-haiku-4-5","input":1,"output":5,"write_5m":1,"write_1h":2,"read":0.1,"retires":"2020-02-01"}]}""");
        folder.Environment["MUSTER_PRICES"] = folder.PathOf("prices.json");
        var outcome = await folder.RunAsync("doctor", "--offline");
        outcome.Code.ShouldBe(1, outcome.Err);
        outcome.Out.ShouldContain("warn prices: as of 2020-01-01");
        outcome.Errors.Single().ShouldContain("tiers[0].model: claude-haiku-4-5 is retired since 2020-02-01");
    }

    [Fact]
    public async Task A_create_of_unknown_outcome_and_a_batch_near_its_end_are_warnings()
    {
        await using var run = await RunFolder.StartAsync(timeout: TimeSpan.FromSeconds(1));
        run.Job.Execute(".muster/muster.db",
            "update batch set state = 'unknown', remote_id = null, proof = null, remote_status = null, why = 'no answer in time' where name = 'b-1';"
            + "update batch set created_at = '2020-01-01T00:00:00.0000000+00:00' where name = 'b-2'");
        var outcome = await run.Job.RunAsync("doctor", "--offline");
        outcome.Code.ShouldBe(0, outcome.Err);
        outcome.Out.ShouldContain("warn batches: b-1: its create has no certain outcome: no answer in time");
        outcome.Out.ShouldContain("the remote removes them at 29 days");
    }
}
