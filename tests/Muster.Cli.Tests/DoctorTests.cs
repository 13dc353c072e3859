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
        names.ShouldBe(["runtime", "sqlite", "store", "disk", "prices", "models", "store", "intents", "batches", "results", "key", "service", "orphans", "clock"]);
        (outcome.Out + outcome.Err).ShouldNotContain("sk-sim");
    }

    [Fact]
    public async Task A_damaged_page_of_the_store_fails()
    {
        await using var run = await RunFolder.StartAsync();
        (await run.Job.RunAsync("doctor", "--offline")).Out.ShouldContain("ok   store: every page of the database holds together");
        run.Job.Damage("result");

        var outcome = await run.Job.RunAsync("doctor", "--offline");

        outcome.Code.ShouldBe(1, outcome.Err);
        outcome.Out.ShouldContain("fail store: ");
        outcome.Errors.Single().ShouldContain("muster.db is damaged: ");
        outcome.Err.ShouldContain("Restore the folder from a backup");
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
    public async Task Intents_without_a_batch_and_batches_near_24_hours_are_warnings_that_say_what_is_done()
    {
        await using var run = await RunFolder.StartAsync(timeout: TimeSpan.FromSeconds(1));
        var yesterday = DateTimeOffset.UtcNow.AddHours(-21).ToString("o");
        run.Job.Execute(".muster/muster.db",
            "update batch set state = 'unknown', remote_id = null, proof = null, remote_status = null, why = 'no answer in time' where name = 'b-1';"
            + "update batch set state = 'sealed', remote_id = null, proof = null, remote_status = null where name = 'b-2';"
            + $"update batch set created_at = '{yesterday}' where name = 'b-3'");
        var outcome = await run.Job.RunAsync("doctor", "--offline");
        outcome.Code.ShouldBe(0, outcome.Err);
        outcome.Out.ShouldContain("warn intents: b-1 (7 rows): its create has no certain outcome: no answer in time");
        outcome.Out.ShouldContain("warn intents: b-2 (6 rows): its body never left whole");
        outcome.Out.ShouldContain("warn batches: b-3: it is 21.0 h old");
        outcome.Err.ShouldContain("looks for it in the remote's list and adopts it");
        outcome.Err.ShouldContain("withdraws it and its rows wait again");
        outcome.Err.ShouldContain("expired rows are not billed");
    }

    [Theory]
    [InlineData(24.9, 0)]
    [InlineData(25.1, 1)]
    [InlineData(30, 1)]
    public async Task Results_that_nobody_fetched_fail_from_day_25(double days, int code)
    {
        await using var run = await RunFolder.StartAsync(timeout: TimeSpan.FromSeconds(1));
        var created = DateTimeOffset.UtcNow.AddDays(-days).ToString("o");
        run.Job.Execute(".muster/muster.db", $"update batch set created_at = '{created}' where name = 'b-1'");

        var outcome = await run.Job.RunAsync("doctor", "--offline");
        var status = await run.Job.RunAsync("status");

        outcome.Code.ShouldBe(code, outcome.Err);
        outcome.Out.Contains("fail results: b-1: created ", StringComparison.Ordinal).ShouldBe(code == 1);
        status.Code.ShouldBe(0);
        status.Err.Contains("Warning: the results of b-1 are not fetched", StringComparison.Ordinal).ShouldBe(code == 1);
        if (code == 1)
            outcome.Hints.Single().ShouldContain("muster run");
    }

    [Fact]
    public async Task A_remote_batch_with_our_ids_that_nobody_owns_fails()
    {
        await using var run = await RunFolder.StartAsync();
        run.Job.Execute(".muster/muster.db", "update batch set remote_id = null, proof = null, remote_status = null where name = 'b-2'");
        var outcome = await run.Job.RunAsync("doctor");
        outcome.Code.ShouldBe(1, outcome.Err);
        outcome.Out.ShouldContain("fail orphans: remote: 1 batch with our ids that the store does not know = 0 does not hold");
        outcome.Out.ShouldContain("warn orphans: msgbatch_");
        outcome.Err.ShouldContain("`muster run` cancels it, archives it and books what it cost as a duplicate of b-2.");
    }

    [Fact]
    public async Task What_the_doctor_says_of_an_orphan_is_what_the_next_run_does_and_the_doctor_lists_it_then()
    {
        await using var run = await RunFolder.StartAsync();
        run.Job.Execute(".muster/muster.db", "update batch set remote_id = null, proof = null, remote_status = null where name = 'b-2'; update batch set proof = 'tag' where name = 'b-1'");

        var again = await run.Job.RunAsync("run");

        again.Code.ShouldBe(3, again.Err);
        var outcome = await run.Job.RunAsync("doctor");
        outcome.Code.ShouldBe(0, outcome.Err);
        outcome.Out.ShouldMatch(@"ok\s+orphans: 1 duplicate batch \(msgbatch_\w+\): duplicate cost .*; archived and booked beside b-2");
        outcome.Out.ShouldMatch(@"ok\s+orphans: b-1, whose create had no certain outcome, was found and adopted: msgbatch_\w+, proven by its ids");
    }
}
