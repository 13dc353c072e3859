namespace Muster.Cli.Tests;

/// <summary>Purge and verify as they are typed.</summary>
public sealed class PurgeTests
{
    [Fact]
    public async Task A_key_is_purged_after_a_look_and_a_yes()
    {
        await using var run = await RunFolder.StartAsync();

        var look = await run.Job.RunAsync("purge", "r-1", "--key", "p-003", "--dry-run");
        look.Code.ShouldBe(0, look.Err);
        look.Out.ShouldContain("r-1: 1 row, 1 request, 1 staged output, 1 archive of ");
        look.Out.ShouldContain("deleted at the remote; the results of its other rows stay in our archive");
        var kept = await run.Job.RunAsync("purge", "r-1", "--key", "p-003", "--dry-run", "--keep-remote");
        kept.Out.ShouldContain("left at the remote, which keeps it until ");
        var refused = await run.Job.RunAsync("purge", "r-1", "--key", "p-003");
        refused.Code.ShouldBe(2);
        refused.Hints.Single().ShouldContain("--yes");
        run.Job.Scalar(".muster/muster.db", "select count(*) from row where key = 'p-003'").ShouldBe("1");

        var purged = await run.Job.RunAsync("purge", "r-1", "--key", "p-003", "--yes");
        purged.Code.ShouldBe(0, purged.Err);
        purged.Out.ShouldContain("Purged 1 row of r-1: 1 result line, images of 0 promoted keys; 1 remote batch gone.");
        run.Job.Scalar(".muster/muster.db", "select count(*) from row where key = 'p-003'").ShouldBe("0");
        (await run.Job.RunAsync("verify")).Out.ShouldContain("ok   r-1: ");
        (await run.Job.RunAsync("reconcile")).Code.ShouldBe(0);
        (await run.Job.RunAsync("doctor")).Code.ShouldBe(0, "a batch that a purge deleted is not missed");
        (await run.Job.RunAsync("report")).Code.ShouldBe(0);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_run_is_promoted_after_a_key_of_it_was_purged(bool isProfiledBefore)
    {
        await using var run = await RunFolder.StartAsync();
        if (isProfiledBefore)
            (await LedgerCheckAsync(run)).ShouldBe(("ok", "Every row is there once."));
        (await run.Job.RunAsync("purge", "r-1", "--key", "p-003", "--yes")).Code.ShouldBe(0);

        (await LedgerCheckAsync(run)).ShouldBe(("ok", "As many rows were profiled as the ledger has; some were purged, so their keys are not compared."));
        var promoted = await run.Job.RunAsync("promote", "--yes");
        promoted.Code.ShouldBe(0, promoted.Err);
    }

    private static async Task<(string? Status, string? Sentence)> LedgerCheckAsync(RunFolder run)
    {
        var drift = await PromoteTests.JsonAsync(run, "drift", "--json");
        var ledger = drift.GetProperty("findings").EnumerateArray().Single(finding => finding.GetProperty("check").GetString() == "A1");
        return (ledger.GetProperty("status").GetString(), ledger.GetProperty("sentence").GetString());
    }

    [Fact]
    public async Task A_file_of_keys_and_the_whole_run_are_purged()
    {
        await using var run = await RunFolder.StartAsync();
        run.Job.Write("gone.txt", "p-001\r\np-002\n\np-001\n");
        var some = await run.Job.RunAsync("purge", "r-1", "--keys", "gone.txt", "--yes");
        some.Code.ShouldBe(0, some.Err);
        some.Out.ShouldContain("Purged 2 rows");

        run.Job.Write("empty.txt", "\n\n");
        var empty = await run.Job.RunAsync("purge", "r-1", "--keys", "empty.txt", "--yes");
        empty.Code.ShouldBe(2, "a file without keys must not mean the whole run");

        var whole = await run.Job.RunAsync("purge", "r-1", "--yes");
        whole.Code.ShouldBe(0, whole.Err);
        whole.Out.ShouldContain("Purged 18 rows");
        Directory.EnumerateFiles(run.Job.PathOf(".muster/archive")).ShouldBeEmpty();
        var after = await run.Job.RunAsync("verify");
        after.Code.ShouldBe(0, after.Err);
        after.Out.ShouldContain("0 archives");
        after.Out.ShouldContain("20 lines purged");
        (await run.Job.RunAsync("reconcile")).Code.ShouldBe(0);
    }

    [Fact]
    public async Task Copies_that_are_kept_at_the_remote_are_listed()
    {
        await using var run = await RunFolder.StartAsync();
        run.Job.Environment.Remove("ANTHROPIC_API_KEY");
        (await run.Job.RunAsync("purge", "r-1", "--yes")).Code.ShouldBe(1, "without a key the remote cannot be asked");
        run.Job.Scalar(".muster/muster.db", "select count(*) from purge").ShouldBe("0");

        var kept = await run.Job.RunAsync("purge", "r-1", "--yes", "--keep-remote");
        kept.Code.ShouldBe(0, kept.Err);
        kept.Out.ShouldContain("is at the remote until ");
    }

    [Fact]
    public async Task A_damaged_archive_ends_verify_with_3_and_repair_fetches_it()
    {
        await using var run = await RunFolder.StartAsync();
        File.Delete(run.Job.PathOf(".muster/archive/b-1.jsonl.gz"));

        var bad = await run.Job.RunAsync("verify", "r-1");
        bad.Code.ShouldBe(3);
        bad.Errors.Single().ShouldContain("b-1");
        bad.Hints.Single().ShouldContain("muster verify --repair");

        var repaired = await run.Job.RunAsync("verify", "--repair");
        repaired.Code.ShouldBe(0, repaired.Err);
        repaired.Out.ShouldContain("1 fetched again");
        (await run.Job.RunAsync("verify")).Code.ShouldBe(0);
    }

    [Fact]
    public async Task An_alert_that_cannot_be_signed_is_refused_before_anything_is_begun_and_no_address_is_shown()
    {
        using var folder = new JobFolder();
        folder.Environment["ANTHROPIC_API_KEY"] = "sk-sim";
        folder.Environment["MUSTER_WEBHOOK_URL"] = "https://hooks.example.com/t0ken-canary";

        var outcome = await folder.RunAsync("run");

        outcome.Code.ShouldBe(1);
        outcome.Errors.Single().ShouldContain("MUSTER_WEBHOOK_SECRET");
        (outcome.Out + outcome.Err).ShouldNotContain("t0ken");
        Directory.Exists(folder.PathOf(".muster")).ShouldBeFalse();
    }
}
