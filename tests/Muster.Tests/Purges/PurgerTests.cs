using System.IO.Compression;
using System.Text;
using Muster.Batches;
using Muster.Checks;
using Muster.Claude;
using Muster.Jobs;
using Muster.Promotion;
using Muster.Purges;
using Muster.Runs;
using Muster.Simulator.Faults;
using Muster.Stores;
using Muster.Stores.Sqlite;
using Muster.Tests.Promotion;
using Muster.Tests.Runs;

namespace Muster.Tests.Purges;

/// <summary>Removal for good: every byte of the store's folder is searched for words that must be gone.</summary>
public sealed class PurgerTests
{
    // In the key, in the input and, because answers are made of their prompt, in outputs, evidence and result lines.
    private const string Canary = "canary7731";

    private static readonly string[] Rows =
        [.. Some.Rows(9), $"k-{Canary},Blue {Canary} shoes with a sole", .. Some.Rows(16).Skip(9), $"k-{Canary},Blue {Canary} again", "x-1,EVIDENCE shoes"];

    private static Task<Trial> RunAsync(Func<Job, Job>? job = null, string evidence = "EVIDENCE") => Trial.StartAsync(
        new FaultPlan { Rows = [new RowRule { Contains = evidence, Outcome = "violation" }] }, job, Rows);

    private static async Task<T> PurgeAsync<T>(Trial trial, Func<Purger, Task<T>> act, Action<string>? reached = null, TimeProvider? time = null)
    {
        using var client = new BatchesClient(Some.Claude(trial.Api));
        await using var store = SqliteStore.Open(StoreFolder.Of(trial.Job), "a test", TimeProvider.System);
        return await act(new Purger(store, new PurgeOptions
        {
            Chance = Chance.Seeded(9), Remote = client, Reached = reached ?? (_ => { }), Time = time ?? TimeProvider.System,
            Target = trial.Job.Target is { } spec ? Targets.Open(spec, TimeProvider.System) : null,
        }));
    }

    private static Task<PurgeReceipt> PurgeAsync(Trial trial, string[]? keys, Action<string>? reached = null) =>
        PurgeAsync(trial, purger => purger.ApplyAsync("r-1", keys), reached);

    /// <summary>Files that hold the word, raw or, of archives, unpacked.</summary>
    private static List<string> Holding(string folder, string word)
    {
        var found = new List<string>();
        foreach (var file in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories))
        {
            var bytes = File.ReadAllBytes(file);
            if (file.Contains(".gz", StringComparison.Ordinal))
            {
                using var text = new MemoryStream();
                using (var gzip = new GZipStream(new MemoryStream(bytes), CompressionMode.Decompress))
                    gzip.CopyTo(text);
                bytes = text.ToArray();
            }

            if (bytes.AsSpan().IndexOf(Encoding.UTF8.GetBytes(word)) >= 0)
                found.Add(Path.GetFileName(file));
        }

        return found;
    }

    private static async Task<bool> IsThereAsync(Trial trial, string remoteId)
    {
        using var client = new BatchesClient(Some.Claude(trial.Api));
        return await client.RetrieveAsync(remoteId) is RemoteReply<RemoteBatch>.Answered;
    }

    private static async Task BalancesAsync(Trial trial)
    {
        await trial.BooksShouldBalanceAsync();
        using var client = new BatchesClient(Some.Claude(trial.Api));
        await using var store = trial.Read();
        var books = await new Reconciler(store, TimeProvider.System).ReconcileAsync(client, null, null);
        books.Balances.ShouldBeTrue(string.Join("\n", books.Equations.Where(e => !e.Holds).Select(e => e.Text).Concat(books.Differences)));
        books.Notices.ShouldBeEmpty();
        var archives = await new ArchiveVerifier(store, TimeProvider.System).VerifyAsync(null);
        archives.IsWhole.ShouldBeTrue(string.Join("\n", archives.Runs.SelectMany(run => run.Bad).Select(bad => bad.What)));
    }

    [Fact]
    public async Task A_key_leaves_no_word_behind_and_the_books_go_on_balancing()
    {
        await using var trial = await RunAsync();
        var end = await trial.RunAsync();
        end.Outcome.ShouldBe(RunOutcome.Done, end.Why);
        Holding(StoreFolder.Of(trial.Job), Canary).ShouldContain("muster.db");
        Holding(StoreFolder.Of(trial.Job), Canary).Count(name => name.EndsWith(".gz", StringComparison.Ordinal)).ShouldBeGreaterThan(0);

        var plan = await PurgeAsync(trial, purger => purger.PlanAsync("r-1", [$"k-{Canary}", "no-such"]));
        plan.Rows.ShouldBe(2, "the row and the one set aside because it repeats the key");
        plan.Missing.ShouldBe(1);
        plan.Remotes.ShouldHaveSingleItem().Fate.ShouldBe(Fate.Delete, "our archive holds the results of the rows that stay");
        Holding(StoreFolder.Of(trial.Job), Canary).ShouldNotBeEmpty("planning removes nothing");
        var receipt = await PurgeAsync(trial, [$"k-{Canary}", "no-such"]);

        receipt.Rows.ShouldBe(2);
        receipt.Lines.ShouldBe(plan.Requests);
        receipt.IsDone.ShouldBeTrue();
        receipt.Left.ShouldBeEmpty();
        receipt.Deleted.ShouldBe(1);
        (await IsThereAsync(trial, plan.Remotes[0].RemoteId)).ShouldBeFalse();
        Holding(StoreFolder.Of(trial.Job), Canary).ShouldBeEmpty();
        Holding(StoreFolder.Of(trial.Job), "p-00003").ShouldNotBeEmpty("other rows stay");
        await using var store = trial.Read();
        (await store.LedgerAsync(1)).ShouldBe(end.Ledger);
        (await store.UsageAsync(1)).Sum(usage => usage.OutputTokens).ShouldBe(trial.Api.Truth.OutputTokens);
        await BalancesAsync(trial);
    }

    [Fact]
    public async Task The_last_words_of_a_row_that_was_not_accepted_go_too()
    {
        await using var trial = await RunAsync(evidence: Canary);
        var end = await trial.RunAsync();
        end.Ledger.Quarantined.ShouldBe(2);

        (await PurgeAsync(trial, [$"k-{Canary}"])).Rows.ShouldBe(2);

        Holding(StoreFolder.Of(trial.Job), Canary).ShouldBeEmpty();
        await BalancesAsync(trial);
        await using var store = trial.Read();
        (await store.ReasonsAsync(1)).ShouldAllBe(reason => !reason.Reason.Contains('/'));
    }

    [Fact]
    public async Task Done_again_it_changes_nothing()
    {
        await using var trial = await RunAsync();
        await trial.RunAsync();
        await PurgeAsync(trial, [$"k-{Canary}"]);

        var plan = await PurgeAsync(trial, purger => purger.PlanAsync("r-1", [$"k-{Canary}"]));
        plan.IsNothing.ShouldBeTrue();
        plan.PurgedBefore.ShouldBe(1);
        (await PurgeAsync(trial, [$"k-{Canary}"])).Rows.ShouldBe(0);
        await BalancesAsync(trial);
    }

    [Fact]
    public async Task A_run_is_removed_with_its_archives_and_its_remote_batches()
    {
        await using var trial = await RunAsync();
        var end = await trial.RunAsync();
        await PurgeAsync(trial, ["p-00002"]);

        var receipt = await PurgeAsync(trial, keys: null);

        receipt.IsDone.ShouldBeTrue();
        receipt.Rows.ShouldBe(end.Ledger.Rows - 1);
        receipt.Ledger.ShouldBe(end.Ledger);
        foreach (var word in new[] { Canary, "p-00003", "p-00002", "Running shoes", "EVIDENCE" })
            Holding(StoreFolder.Of(trial.Job), word).ShouldBeEmpty(word);
        Directory.EnumerateFiles(Path.Combine(StoreFolder.Of(trial.Job), "archive")).ShouldBeEmpty();
        await using (var store = trial.Read())
        {
            var sent = (await store.BatchesAsync(1)).Where(batch => batch.State == BatchState.Settled).ToList();
            sent.Count.ShouldBe(receipt.Deleted);
            foreach (var batch in sent)
                (await IsThereAsync(trial, batch.RemoteId!)).ShouldBeFalse();
        }

        await BalancesAsync(trial);
        // A duplicate's archive would bring words back: none is looked for any more.
        var calls = 0;
        var again = await trial.RunAsync(transport: new Wire { Before = (call, _) => Task.FromResult(calls = call) });
        (again.Outcome, calls).ShouldBe((RunOutcome.NothingToDo, 0));
    }

    [Fact]
    public async Task A_damaged_download_that_was_kept_goes_with_any_row_of_its_batch()
    {
        await using var trial = await Trial.StartAsync(new FaultPlan { Lines = new LineFaults { Extra = 1 } }, rows: [.. Some.Rows(3), $"k-1,Blue {Canary} shoes"]);
        (await trial.RunAsync()).Outcome.ShouldBe(RunOutcome.Unbalanced);
        Holding(StoreFolder.Of(trial.Job), Canary).ShouldContain("b-1.jsonl.damaged.gz");
        await using (var store = trial.Read())
            await trial.DeleteByHandAsync((await store.BatchesAsync(1)).Single().RemoteId!);
        (await Runner.RequestCancelAsync(trial.Job)).ShouldNotBeNull();
        trial.Hurry(1_200, RunEventKind.Trouble);
        (await trial.RunAsync(options => options with { Time = trial.Api.Clock, PollInterval = null })).Outcome.ShouldBe(RunOutcome.Canceled);

        (await PurgeAsync(trial, ["k-1"])).IsDone.ShouldBeTrue();

        Holding(StoreFolder.Of(trial.Job), Canary).ShouldBeEmpty();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Killed_at_each_point_the_same_command_finishes(bool isWholeRun)
    {
        string[]? keys = isWholeRun ? null : [$"k-{Canary}", "p-00001", "p-00012"];
        for (var n = 1; ; n++)
        {
            await using var trial = await RunAsync();
            var end = await trial.RunAsync();
            var at = "";
            var points = 0;
            try
            {
                await PurgeAsync(trial, keys, point =>
                {
                    at = point;
                    if (++points == n)
                        throw new KilledException();
                });
                points.ShouldBeLessThan(n);
                n.ShouldBeGreaterThan(6);
                return;
            }
            catch (KilledException)
            {
                (await PurgeAsync(trial, keys)).IsDone.ShouldBeTrue(at);
            }

            Holding(StoreFolder.Of(trial.Job), Canary).ShouldBeEmpty(at);
            await BalancesAsync(trial);
            await using var store = trial.Read();
            store.Purges(1).ShouldAllBe(purge => purge.State == PurgeState.Done);
            (await store.LedgerAsync(1)).ShouldBe(end.Ledger);
        }
    }

    [Fact]
    public async Task A_run_that_is_not_over_is_refused()
    {
        await using var trial = await Trial.StartAsync(simulator: new Muster.Simulator.SimulatorOptions { Speed = 0 });
        await trial.RunAsync(options => options with { Timeout = TimeSpan.Zero });

        (await Should.ThrowAsync<PurgeException>(() => PurgeAsync(trial, keys: null))).Message.ShouldContain("not over");
        (await Should.ThrowAsync<PurgeException>(() => PurgeAsync(trial, purger => purger.PlanAsync("r-9", null)))).Message.ShouldContain("r-1");
    }

    [Fact]
    public async Task A_remote_that_cannot_be_asked_is_left_for_the_same_command()
    {
        await using var trial = await RunAsync();
        await trial.RunAsync();
        trial.Api.Faults = Trial.Calls("delete", CallFaultKind.Status, first: 1, status: 500);

        var first = await PurgeAsync(trial, keys: null);
        first.IsDone.ShouldBeFalse();
        first.Left.ShouldHaveSingleItem().Why.ShouldContain("500");
        Holding(StoreFolder.Of(trial.Job), Canary).ShouldBeEmpty();

        (await PurgeAsync(trial, keys: null)).IsDone.ShouldBeTrue();
    }

    [Fact]
    public async Task A_remote_copy_that_could_not_be_deleted_goes_with_the_next_purge_of_any_key()
    {
        await using var trial = await RunAsync();
        await trial.RunAsync();
        trial.Api.Faults = Trial.Calls("delete", CallFaultKind.Status, first: 1, status: 500);
        var first = await PurgeAsync(trial, [$"k-{Canary}"]);
        first.IsDone.ShouldBeFalse();
        var left = first.Left.ShouldHaveSingleItem();
        (await IsThereAsync(trial, left.RemoteId)).ShouldBeTrue();
        var plan = await PurgeAsync(trial, purger => purger.PlanAsync("r-1", ["p-00001"]));
        plan.Remotes.Select(remote => (remote.RemoteId == left.RemoteId, remote.Fate)).ShouldBe([(false, Fate.Delete), (true, Fate.Delete)], ignoreOrder: true);

        (await PurgeAsync(trial, ["p-00001"])).Left.ShouldBeEmpty();

        foreach (var remote in plan.Remotes)
            (await IsThereAsync(trial, remote.RemoteId)).ShouldBeFalse();
        await BalancesAsync(trial);
    }

    [Fact]
    public async Task A_batch_whose_archive_is_not_the_file_that_was_written_stays_at_the_remote_until_it_is_fetched_again()
    {
        await using var trial = await RunAsync();
        await trial.RunAsync();
        var remote = (await PurgeAsync(trial, purger => purger.PlanAsync("r-1", [$"k-{Canary}"]))).Remotes[0];
        var archive = Path.Combine(StoreFolder.Of(trial.Job), "archive", $"{remote.Batch}.jsonl.gz");
        var bytes = File.ReadAllBytes(archive);
        // A time in the gzip header: every line can still be read.
        bytes[4] ^= 1;
        File.WriteAllBytes(archive, bytes);

        var plan = await PurgeAsync(trial, purger => purger.PlanAsync("r-1", [$"k-{Canary}"]));
        plan.Remotes.ShouldHaveSingleItem().Fate.ShouldBe(Fate.Shared);
        plan.Remotes[0].Why.ShouldNotBeNull().ShouldContain("has the checksum");
        var refused = await Should.ThrowAsync<PurgeException>(() => PurgeAsync(trial, [$"k-{Canary}"]));
        refused.Message.ShouldContain("is not the file that was written");
        refused.Message.ShouldContain("Its remote copy stays until the purge is done.");
        refused.Hint.ShouldContain("muster verify --repair");
        (await IsThereAsync(trial, remote.RemoteId)).ShouldBeTrue();
        File.ReadAllBytes(archive).ShouldBe(bytes, "nothing is taken out of it");

        using (var client = new BatchesClient(Some.Claude(trial.Api)))
        {
            await using var store = SqliteStore.Open(StoreFolder.Of(trial.Job), "a test", TimeProvider.System);
            (await new ArchiveVerifier(store, TimeProvider.System, client).VerifyAsync("r-1")).IsWhole.ShouldBeTrue();
        }

        (await PurgeAsync(trial, [$"k-{Canary}"])).Left.ShouldBeEmpty();
        (await IsThereAsync(trial, remote.RemoteId)).ShouldBeFalse();
        Holding(StoreFolder.Of(trial.Job), Canary).ShouldBeEmpty();
        await BalancesAsync(trial);
    }

    [Fact]
    public async Task A_batch_that_never_settled_keeps_its_remote_copy_and_the_receipt_says_why_and_until_when()
    {
        await using var trial = await Trial.StartAsync(rows: Some.Rows(13));
        var deleted = "";
        var wire = new Wire
        {
            Before = async (_, request) =>
            {
                if (deleted.Length == 0 && request.RequestUri!.Segments[^1].StartsWith("msgbatch_", StringComparison.Ordinal))
                    await trial.DeleteByHandAsync(deleted = request.RequestUri.Segments[^1]);
            },
        };
        trial.Hurry(1_200, RunEventKind.Trouble, RunEventKind.BatchArchived);
        PipelineOptions Virtual(PipelineOptions options) => options with { Time = trial.Api.Clock, PollInterval = null };
        (await trial.RunAsync(Virtual, wire)).Outcome.ShouldBe(RunOutcome.Held);
        await Runner.RequestCancelAsync(trial.Job);
        (await trial.RunAsync(Virtual)).Outcome.ShouldBe(RunOutcome.Canceled);
        var keys = Some.Rows(13).Select(row => row.Split(',')[0]).ToArray();

        var receipt = await PurgeAsync(trial, purger => purger.ApplyAsync("r-1", keys), time: trial.Api.Clock);

        var left = receipt.Left.ShouldHaveSingleItem();
        (left.RemoteId, left.Fate).ShouldBe((deleted, Fate.Shared));
        left.Why.ShouldContain("it is lost: their results are not all in our archive");
        (left.KeptUntil - trial.Api.Clock.GetUtcNow()).TotalDays.ShouldBeInRange(28, 29);
        receipt.IsDone.ShouldBeTrue();
        receipt.Deleted.ShouldBeGreaterThan(0);
        (await PurgeAsync(trial, purger => purger.ApplyAsync("r-1", null), time: trial.Api.Clock)).Left.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_reader_that_keeps_the_log_is_named_and_the_purge_finishes_after()
    {
        await using var trial = await RunAsync();
        await trial.RunAsync();
        await using (var reader = trial.Read())
        {
            // A statement that is not read to its end pins the log.
            await using var staged = reader.StagedAsync(1).GetAsyncEnumerator();
            await staged.MoveNextAsync();
            (await Should.ThrowAsync<PurgeException>(() => PurgeAsync(trial, [$"k-{Canary}"]))).Message.ShouldContain("Another process reads");
        }

        (await PurgeAsync(trial, [$"k-{Canary}"])).IsDone.ShouldBeTrue();
        Holding(StoreFolder.Of(trial.Job), Canary).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_damaged_archive_is_refused_and_a_whole_run_is_purged_all_the_same()
    {
        await using var trial = await RunAsync();
        await trial.RunAsync();
        var archive = Path.Combine(StoreFolder.Of(trial.Job), "archive", "b-2.jsonl.gz");
        var bytes = File.ReadAllBytes(archive);
        bytes[bytes.Length / 2] ^= 1;
        File.WriteAllBytes(archive, bytes);

        (await Should.ThrowAsync<PurgeException>(() => PurgeAsync(trial, [$"k-{Canary}", "p-00008", "p-00009"]))).Hint.ShouldContain("verify");
        File.Delete(archive);
        (await Should.ThrowAsync<PurgeException>(() => PurgeAsync(trial, ["p-00008"]))).Message.ShouldContain("missing");
    }

    [Theory]
    [InlineData(TargetKind.Sqlite)]
    [InlineData(TargetKind.Csv)]
    public async Task Images_leave_the_promotion_log_and_a_rollback_leaves_the_row_alone(TargetKind kind)
    {
        using var folder = new TargetFolder("create table products (sku text primary key, category text, summary text)");
        folder.Run($"insert into products values ('k-{Canary}', 'Old', 'before {Canary}'), ('p-00001', 'Old', 'mine')");
        var csv = Path.Combine(folder.Folder, "out.csv");
        await File.WriteAllTextAsync(csv, $"sku,category,summary\nk-{Canary},Old,before {Canary}\np-00001,Old,mine\n");
        IReadOnlyList<ColumnSpec> columns = [new("category", "/category"), new("summary", "/summary")];
        var spec = kind == TargetKind.Sqlite
            ? new TargetSpec(kind, folder.Database, "sku", columns) { Table = "products" }
            : new TargetSpec(kind, csv, "sku", columns);
        await using var trial = await RunAsync(job => job with { Target = spec });
        await trial.RunAsync();
        var promotions = Promotions.Open(trial.Job, new PromotionsOptions { Chance = Chance.Seeded(3) });
        string id;
        await using (var store = trial.Read())
        {
            var run = (await store.RunsAsync()).Single();
            id = (await promotions.ApplyAsync(store, await promotions.PlanAsync(store, run))).PromotionId;
        }

        var receipt = await PurgeAsync(trial, [$"k-{Canary}"]);

        receipt.Images.ShouldBe(1);
        var log = kind == TargetKind.Sqlite ? folder.Database : Path.Combine(folder.Folder, ".muster", "targets", "out.csv.db");
        Dump(log).ShouldNotContain($"before {Canary}");
        Dump(log).ShouldNotContain($"muster_promotion_row|1|k-{Canary}");
        Directory.EnumerateFiles(folder.Folder, "*.prev").ShouldBeEmpty();
        if (kind == TargetKind.Csv)
            File.ReadAllBytes(log).AsSpan().IndexOf(Encoding.UTF8.GetBytes(Canary)).ShouldBe(-1);
        var back = await promotions.RollbackAsync(id, RollbackMode.Write);
        back.Conflicts.ShouldBe(1);
        back.Restored.ShouldBe(1);
        var live = kind == TargetKind.Sqlite ? string.Join("\n", folder.Rows()) : await File.ReadAllTextAsync(csv);
        live.ShouldContain("p-00001");
        live.ShouldContain("mine");
        live.ShouldContain($"k-{Canary}", Case.Sensitive, "the target's rows are its owner's");
    }

    private static string Dump(string database)
    {
        using var connection = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={database};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "select 'muster_promotion_row|' || promotion || '|' || key || '|' || coalesce(before, '') || '|' || coalesce(after, '') from muster_promotion_row";
        using var reader = command.ExecuteReader();
        var text = new StringBuilder();
        while (reader.Read())
            text.AppendLine(reader.GetString(0));
        return text.ToString();
    }
}
