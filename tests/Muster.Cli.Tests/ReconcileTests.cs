
namespace Muster.Cli.Tests;

/// <summary>Books that balance pass; each thing that can be out of balance is broken once and found.</summary>
public sealed class ReconcileTests
{
    [Fact]
    public async Task A_finished_run_balances_from_the_rows_to_the_target()
    {
        await using var run = await RunFolder.StartAsync();
        (await run.Job.RunAsync("promote", "--yes")).Code.ShouldBe(0);
        var outcome = await run.Job.RunAsync("reconcile");
        outcome.Code.ShouldBe(0, outcome.Out + outcome.Err);
        outcome.Out.ShouldContain("ok   r-1: 20 rows = ");
        outcome.Out.ShouldContain("ok   b-1: 7 ids sent = 7 counted by the remote = 7 result lines = 7 distinct ids");
        outcome.Out.ShouldContain("found in the intent log");
        outcome.Out.ShouldContain("ok   remote: 0 batches with our ids that the store does not know = 0");
        outcome.Out.ShouldContain("ok   prm-");
        outcome.Out.ShouldNotContain("DIFF");
    }

    [Fact]
    public async Task Without_a_key_the_remote_is_skipped_and_it_says_so()
    {
        await using var run = await RunFolder.StartAsync();
        run.Job.Environment.Remove("ANTHROPIC_API_KEY");
        var outcome = await run.Job.RunAsync("reconcile");
        outcome.Code.ShouldBe(0, outcome.Err);
        outcome.Out.ShouldContain("skip remote: ANTHROPIC_API_KEY is not set");
    }

    [Fact]
    public Task An_archive_that_changed() => FindsAsync(
        run =>
        {
            var archive = Directory.GetFiles(run.Job.PathOf(".muster/archive"))[0];
            var bytes = File.ReadAllBytes(archive);
            bytes[^3] ^= 1;
            File.WriteAllBytes(archive, bytes);
        },
        "checksum");

    [Fact]
    public Task An_archive_that_is_gone() => FindsAsync(run => File.Delete(Directory.GetFiles(run.Job.PathOf(".muster/archive"))[0]), "is missing");

    [Fact]
    public Task Books_that_miscount() => FindsAsync(
        run => run.Job.Execute(".muster/muster.db", "update ledger set rows = rows + 1 where state = 2"), "the ledger does not balance");

    [Fact]
    public Task Tokens_that_were_added_twice() => FindsAsync(
        run => run.Job.Execute(".muster/muster.db", "update usage set output_tokens = output_tokens * 2 where tier = 0"), "tokens");

    [Fact]
    public Task A_batch_that_the_intent_log_does_not_have() => FindsAsync(
        run => File.WriteAllLines(run.Job.PathOf(".muster/intents.log"), File.ReadAllLines(run.Job.PathOf(".muster/intents.log"))[1..]),
        "b-1: the intent log has no line");

    /// <summary>The store loses a batch whose results carry our ids: it was billed and nobody would know.</summary>
    [Fact]
    public Task A_remote_batch_of_ours_that_the_store_does_not_know() => FindsAsync(
        run => run.Job.Execute(".muster/muster.db", "update batch set remote_id = 'msgbatch_other' where name = 'b-1'"),
        "1 batch with our ids that the store does not know = 0 does not hold");

    [Fact]
    public async Task An_intent_that_never_became_a_batch_is_a_notice()
    {
        await using var run = await RunFolder.StartAsync();
        File.AppendAllText(run.Job.PathOf(".muster/intents.log"), """{"batch":"b-9","run":"AAAAAA","nonce":"BBBBBBBB","requests":3}""" + "\n{\"cut");
        var outcome = await run.Job.RunAsync("reconcile");
        outcome.Code.ShouldBe(0, outcome.Err);
        outcome.Err.ShouldContain("Notice: intents.log: b-9 with 3 requests");
        outcome.Err.ShouldContain("1 line cannot be read");
    }

    [Fact]
    public async Task A_batch_under_way_is_shown_as_far_as_it_is()
    {
        await using var run = await RunFolder.StartAsync(timeout: TimeSpan.FromSeconds(1));
        var outcome = await run.Job.RunAsync("reconcile");
        outcome.Code.ShouldBe(0, outcome.Err);
        outcome.Out.ShouldContain("ok   b-1: 7 ids sent (created)");
    }

    private static async Task FindsAsync(Action<RunFolder> damage, string what)
    {
        await using var run = await RunFolder.StartAsync();
        damage(run);
        var outcome = await run.Job.RunAsync("reconcile");
        outcome.Code.ShouldBe(3, outcome.Out + outcome.Err);
        outcome.Errors.ShouldContain(line => line.Contains(what, StringComparison.Ordinal), outcome.Err);
        outcome.Hints.Count.ShouldBe(outcome.Errors.Count);
    }
}
