using Microsoft.Data.Sqlite;
using Muster.Stores;
using Muster.Stores.Sqlite;

namespace Muster.Tests.Stores;

public sealed class MigrationTests
{
    /// <summary>A store as the first schema left it.</summary>
    private static string First()
    {
        SQLitePCL.Batteries_V2.Init();
        var folder = Some.Folder();
        using var connection = new SqliteConnection($"Data Source={Path.Combine(folder, "muster.db")};Pooling=False");
        connection.Open();
        connection.Execute($"pragma application_id = {StoreDefaults.ApplicationId}");
        connection.Execute("pragma journal_mode = wal");
        connection.Execute(Sql.Named("001_lifecycle"));
        connection.Execute("pragma user_version = 1");
        connection.Execute("insert into run (run_id, name, tag, job, job_version, snapshot, kind, state, fingerprint, columns, opened_at)"
            + " values (1, 'r-1', 'RUN001', 'catalog', 'v1', '{}', 'full', 'done', '{}', '[]', '2026-11-21T00:00:00.0000000+00:00')");
        return folder;
    }

    [Fact]
    public async Task A_store_of_the_first_schema_is_brought_up_to_date_by_a_reader_and_by_a_writer()
    {
        await using (var reader = SqliteStore.OpenForReading(First()).ShouldNotBeNull())
        {
            (await reader.RunsAsync()).ShouldHaveSingleItem().Name.ShouldBe("r-1");
            reader.Purges(1).ShouldBeEmpty();
            (await reader.AuditAsync(1)).ShouldBeEmpty();
        }

        await using var writer = SqliteStore.Open(First(), "a test", TimeProvider.System);
        writer.Purges(1).ShouldBeEmpty();
    }

    [Fact]
    public void A_reader_of_an_older_store_that_another_process_holds_says_so()
    {
        var folder = First();
        using var held = DirectoryLock.Take(folder, "run catalog", DateTimeOffset.UnixEpoch);

        Should.Throw<StoreHeldException>(() => SqliteStore.OpenForReading(folder)).Owner.ShouldContain("run catalog");
    }
}
