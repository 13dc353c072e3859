using Muster.Checks;
using Muster.Claude;
using Muster.Stores;
using Muster.Stores.Sqlite;
using Muster.Tests.Runs;

namespace Muster.Tests.Checks;

public sealed class ArchiveVerifierTests
{
    private static string ArchiveOf(Trial trial, string batch) => Path.Combine(StoreFolder.Of(trial.Job), "archive", $"{batch}.jsonl.gz");

    private static async Task<VerifiedRun> VerifyAsync(Trial trial, TimeProvider? time = null)
    {
        await using var store = trial.Read();
        return (await new ArchiveVerifier(store, time ?? TimeProvider.System).VerifyAsync("r-1")).Runs.ShouldHaveSingleItem();
    }

    private static void Damage(string file, string how)
    {
        var bytes = File.ReadAllBytes(file);
        switch (how)
        {
            case "flip":
                bytes[bytes.Length / 2] ^= 4;
                File.WriteAllBytes(file, bytes);
                break;
            case "cut":
                File.WriteAllBytes(file, bytes[..^20]);
                break;
            case "delete":
                File.Delete(file);
                break;
        }
    }

    [Theory]
    [InlineData("flip", "checksum")]
    [InlineData("cut", "bytes instead of")]
    [InlineData("delete", "missing")]
    public async Task A_damaged_archive_is_named_and_can_be_fetched_again(string how, string said)
    {
        await using var trial = await Trial.StartAsync();
        await trial.ShouldBeDoneAsync(await trial.RunAsync());
        var whole = await VerifyAsync(trial);
        whole.Bad.ShouldBeEmpty();
        whole.Archives.ShouldBe(4);
        whole.Lines.ShouldBe(20);
        Damage(ArchiveOf(trial, "b-2"), how);

        var bad = (await VerifyAsync(trial)).Bad.ShouldHaveSingleItem();
        bad.Batch.ShouldBe("b-2");
        bad.What.ShouldContain(said);
        bad.Hint.ShouldContain("muster verify --repair");

        await using (var store = SqliteStore.Open(StoreFolder.Of(trial.Job), "a test", TimeProvider.System))
        {
            using var client = new BatchesClient(Some.Claude(trial.Api));
            var repaired = (await new ArchiveVerifier(store, TimeProvider.System, client).VerifyAsync(null)).Runs.Single();
            repaired.Bad.ShouldBeEmpty();
            repaired.Repaired.ShouldBe(1);
        }

        // Line order, and with it the compressed length, may differ from download to download.
        var again = await VerifyAsync(trial);
        (again.Bad.Count, again.Archives, again.Lines, again.RawBytes).ShouldBe((0, whole.Archives, whole.Lines, whole.RawBytes));
        await trial.BooksShouldBalanceAsync();
    }

    [Fact]
    public async Task A_line_count_that_is_not_the_books_is_found_although_the_checksum_holds()
    {
        await using var trial = await Trial.StartAsync();
        await trial.RunAsync();
        Execute(trial, "update batch set archive_lines = 6 where name = 'b-1'");

        (await VerifyAsync(trial)).Bad.ShouldHaveSingleItem().What.ShouldContain("7 lines");
    }

    [Fact]
    public async Task After_29_days_only_a_backup_is_offered()
    {
        await using var trial = await Trial.StartAsync();
        await trial.RunAsync();
        Damage(ArchiveOf(trial, "b-1"), "delete");
        Execute(trial, "update batch set created_at = '2020-01-01T00:00:00.0000000+00:00'");

        var bad = (await VerifyAsync(trial)).Bad.ShouldHaveSingleItem();
        bad.IsFetchable.ShouldBeFalse();
        bad.Hint.ShouldContain("backup");
    }

    [Fact]
    public async Task A_run_that_is_not_there_is_refused()
    {
        await using var trial = await Trial.StartAsync();
        await trial.RunAsync();
        await using var store = trial.Read();

        (await Should.ThrowAsync<MusterException>(() => new ArchiveVerifier(store, TimeProvider.System).VerifyAsync("r-9"))).Message.ShouldContain("r-1");
    }

    private static void Execute(Trial trial, string sql)
    {
        using var connection = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={Path.Combine(StoreFolder.Of(trial.Job), "muster.db")};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
