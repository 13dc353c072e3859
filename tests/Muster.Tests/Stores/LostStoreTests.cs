using Muster.Runs;
using Muster.Stores;
using Muster.Stores.Sqlite;
using Muster.Tests.Runs;

namespace Muster.Tests.Stores;

/// <summary>A database that is gone, empty or older than what lies beside it is refused: begun anew, it would pay for every row again.</summary>
public sealed class LostStoreTests
{
    private static readonly StoreContents Held = new(new HashSet<string> { "N1", "N2" }, new HashSet<string> { "R" }, LastBatch: 2);

    public enum Loss { Missing, Emptied, MissingWithArchivesAlone, MissingWithItsLogAlone, BeganAnew }

    [Theory]
    [InlineData(Loss.Missing, "is missing", "4 intents, 4 archives")]
    [InlineData(Loss.Emptied, "is empty", "4 intents, 4 archives")]
    [InlineData(Loss.MissingWithArchivesAlone, "is missing", "4 archives")]
    [InlineData(Loss.MissingWithItsLogAlone, "is missing", "its -wal file")]
    [InlineData(Loss.BeganAnew, "is empty", "4 intents")]
    public async Task A_lost_database_is_refused_for_writing_and_reading_and_no_row_is_asked_again(Loss loss, string what, string traces)
    {
        await using var trial = await Trial.StartAsync();
        await trial.ShouldBeDoneAsync(await trial.RunAsync());
        var folder = StoreFolder.Of(trial.Job);
        await LoseAsync(folder, loss);
        var before = Files(folder);
        var asked = trial.Api.Truth.RequestsAccepted;

        var refused = await Should.ThrowAsync<StoreException>(() => trial.RunAsync());

        refused.Message.ShouldContain(Path.Combine(folder, "muster.db") + " " + what);
        refused.Message.ShouldContain(traces);
        refused.Hint.ShouldContain("from a backup");
        refused.Hint.ShouldContain("move the whole folder away");
        Should.Throw<StoreException>(() => SqliteStore.OpenForReading(folder)).Message.ShouldBe(refused.Message);
        Files(folder).ShouldBe(before);
        trial.Api.Truth.RequestsAccepted.ShouldBe(asked);
    }

    [Fact]
    public async Task A_write_ahead_log_that_was_deleted_is_noticed_by_the_intents_of_the_runs_it_held()
    {
        await using var trial = await Trial.StartAsync();
        var folder = StoreFolder.Of(trial.Job);
        var copy = Some.Folder();
        trial.Heard.OnEvent = e =>
        {
            if (e.Kind == RunEventKind.BatchSettled && !File.Exists(Path.Combine(copy, "muster.db")))
                File.Copy(Path.Combine(folder, "muster.db"), Path.Combine(copy, "muster.db"));
        };
        await trial.RunAsync();
        File.Exists(Path.Combine(copy, "muster.db")).ShouldBeTrue();
        File.Copy(Path.Combine(folder, "intents.log"), Path.Combine(copy, "intents.log"));

        Should.Throw<StoreException>(() => SqliteStore.Open(copy, "a test", TimeProvider.System)).Message.ShouldContain("Nothing was changed");
    }

    [Fact]
    public async Task A_copy_older_than_the_last_batch_is_refused_for_writing_and_read()
    {
        await using var trial = await Trial.StartAsync();
        var folder = StoreFolder.Of(trial.Job);
        await DieAsync(trial, RunEventKind.BatchCreated);
        var old = File.ReadAllBytes(Path.Combine(folder, "muster.db"));
        var sealedThen = File.ReadLines(Path.Combine(folder, "intents.log")).Count(line => line.Contains("\"sealed\":", StringComparison.Ordinal));
        await trial.ShouldBeDoneAsync(await trial.RunAsync());
        var asked = trial.Api.Truth.RequestsAccepted;
        var sealedNow = IntentLog.Read(Path.Combine(folder, "intents.log"), out _);
        sealedNow.Count.ShouldBeGreaterThan(sealedThen);
        sealedNow.ShouldAllBe(line => line.IsSealed);
        File.WriteAllBytes(Path.Combine(folder, "muster.db"), old);

        var refused = await Should.ThrowAsync<StoreException>(() => trial.RunAsync());

        refused.Message.ShouldContain($"it lacks {sealedNow[sealedThen].Batch} with");
        refused.Hint.ShouldContain("muster reconcile");
        trial.Api.Truth.RequestsAccepted.ShouldBe(asked);
        await using var reader = SqliteStore.OpenForReading(folder).ShouldNotBeNull();
        var notices = (await new Reconciler(reader, TimeProvider.System).ReconcileAsync(null, "a test", null, TestContext.Current.CancellationToken)).Notices;
        notices.ShouldContain(notice => notice.Text.Contains(sealedNow[sealedThen].Nonce, StringComparison.Ordinal) && notice.Hint.Contains("Restore a newer copy", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("b-3", "R", false, 0)]
    [InlineData("b-2", "R", false, 0)]
    [InlineData("b-1", "R", false, 0)]
    [InlineData("b-4", "R", false, 1)]
    [InlineData("b-3", "R", true, 1)]
    [InlineData("b-2", "R", true, 1)]
    [InlineData("b-3", "GONE", false, 1)]
    public void Only_what_was_committed_for_certain_counts_as_lost(string batch, string run, bool isSealed, int lost) =>
        StoreWitness.Lost([new("b-1", "R", "N1", 7) { IsSealed = true }, new("b-2", "R", "N2", 7), new(batch, run, "X", 7) { IsSealed = isSealed }], Held)
            .Count.ShouldBe(lost);

    [Fact]
    public async Task Processes_that_died_before_their_commit_are_no_loss_and_a_cut_line_takes_no_other_with_it()
    {
        await using var trial = await Trial.StartAsync();
        var log = Path.Combine(StoreFolder.Of(trial.Job), "intents.log");
        await DieAsync(trial, RunEventKind.BatchCreated);
        var last = IntentLog.Read(log, out _)[^1];
        var next = last.Number + 1;
        var stray = File.ReadLines(log).Last(line => line.Contains("\"requests\":", StringComparison.Ordinal)).Replace($"\"{last.Batch}\"", $"\"b-{next}\"", StringComparison.Ordinal);
        File.AppendAllText(log, string.Concat(((string[])["NONCEAAA", "NONCEBBB"]).Select(nonce => $"{stray.Replace(last.Nonce, nonce, StringComparison.Ordinal)}\n")) + stray[..20]);

        await trial.ShouldBeDoneAsync(await trial.RunAsync());

        var logged = IntentLog.Read(log, out var unreadable);
        unreadable.ShouldBe(1);
        logged.Where(line => !line.IsSealed).Select(line => line.Nonce).ShouldBe(["NONCEAAA", "NONCEBBB"]);
        await using var store = trial.Read();
        logged.Where(line => line.IsSealed).Select(line => line.Nonce).ShouldBe((await store.BatchesAsync((await store.RunsAsync())[^1].Id)).Select(batch => batch.Nonce));
    }

    private static async Task DieAsync(Trial trial, RunEventKind at)
    {
        trial.Heard.OnEvent = e =>
        {
            if (e.Kind == at)
                throw new KilledException();
        };
        await Should.ThrowAsync<KilledException>(() => trial.RunAsync());
        trial.Heard.OnEvent = null;
    }

    private static async Task LoseAsync(string folder, Loss loss)
    {
        var database = Path.Combine(folder, "muster.db");
        File.Delete(database);
        if (loss == Loss.Emptied)
            File.WriteAllBytes(database, []);
        if (loss is Loss.MissingWithArchivesAlone or Loss.MissingWithItsLogAlone)
            File.Delete(Path.Combine(folder, "intents.log"));
        if (loss is Loss.BeganAnew or Loss.MissingWithItsLogAlone)
            Directory.Delete(Path.Combine(folder, "archive"), recursive: true);
        if (loss == Loss.MissingWithItsLogAlone)
            File.WriteAllBytes(database + "-wal", new byte[100]);
        if (loss != Loss.BeganAnew)
            return;
        var fresh = Some.Folder();
        await SqliteStore.Open(fresh, "a test", TimeProvider.System).DisposeAsync();
        File.Copy(Path.Combine(fresh, "muster.db"), database);
        using var connection = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={database};Pooling=False");
        connection.Open();
        connection.Execute("pragma user_version = 0");
    }

    /// <summary>All but what taking the lock writes.</summary>
    private static string[] Files(string folder) =>
        [.. Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Where(path => Path.GetFileName(path) is not ("lock" or "owner.json") && !path.EndsWith("-shm", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal).Select(path => $"{path} {new FileInfo(path).Length}")];
}
