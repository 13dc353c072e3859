using Microsoft.Data.Sqlite;
using Muster.Batches;
using Muster.Runs;
using Muster.Stores;
using Muster.Stores.Sqlite;

namespace Muster.Tests.Stores;

public sealed class SqliteStoreTests : StoreContract
{
    private protected override Task<IStore> OpenAsync() => Task.FromResult<IStore>(Open(Some.Folder()));

    private static SqliteStore Open(string folder) => SqliteStore.Open(folder, "a test", TimeProvider.System);

    /// <summary>Changes the database behind the store's back.</summary>
    private static void Tamper(string folder, params string[] statements)
    {
        using var connection = new SqliteConnection($"Data Source={Path.Combine(folder, "muster.db")};Pooling=False");
        connection.Open();
        foreach (var statement in statements)
        {
            using var command = connection.CreateCommand();
            command.CommandText = statement;
            command.ExecuteNonQuery();
        }
    }

    [Theory]
    [InlineData("update ledger set rows = rows + 1 where state = 2", "the books say 3 rows, counting says 2")]
    [InlineData("update row set state = 6, reason = 'X' where state = 2 and row_id = 1", "state 2")]
    [InlineData("delete from staging where row_id = 1", "staged outputs: 1, succeeded rows: 2")]
    [InlineData("delete from request where row_id = 4", "b-2: 2 requests sealed, 1 recorded")]
    [InlineData("delete from result where request_id = 1", "is settled with 2 requests, 1 results")]
    [InlineData("update batch set archive_lines = 1 where batch_id = 1", "1 archived lines")]
    [InlineData("update batch set succeeded = 1, errored = 1 where batch_id = 1", "2 succeeded results, the remote counted 1")]
    [InlineData("update row set batch_id = null where row_id = 3", "row p.csv:3 is in flight in no open batch")]
    [InlineData("update batch set state = 'withdrawn' where batch_id = 2", "is in flight in no open batch")]
    [InlineData("insert into request (batch_id, row_id, attempt) values (2, 1, 1)", "row p.csv:1 attempt 1 was asked 2 times")]
    [InlineData("update usage set input_tokens = input_tokens - 1", "usage: the books say")]
    [InlineData("update result set cost_pico = 0", "cost: the books say 200 pico-dollars, the results say 0")]
    [InlineData("update run set state = 'done'", "the run is done with 3 open rows")]
    [InlineData("update run set records = records + 1", "the ledger does not balance")]
    [InlineData("delete from row where row_id = 5", "counting says 0")]
    public async Task The_audit_names_each_planted_discrepancy(string tampering, string finding)
    {
        var folder = Some.Folder();
        await using (var store = Open(folder))
        {
            var run = await RunWithRowsAsync(store, 5);
            var batch = await ArchivedAsync(store, run, 2, "NONCE001");
            await store.RecordResultsAsync(batch.Id, [.. (await RequestsAsync(store, batch)).Select(row => Result(row))]);
            await store.SettleBatchAsync(batch.Id, Now);
            await SentAsync(store, run, 2, "NONCE002");
            await BalancesAsync(store, run);
        }

        Tamper(folder, tampering);

        await using var reopened = Open(folder);
        (await reopened.AuditAsync(1)).ShouldContain(text => text.Contains(finding, StringComparison.Ordinal), string.Join("\n", await reopened.AuditAsync(1)));
    }

    [Fact]
    public async Task A_second_process_is_refused_and_told_who_holds_the_store()
    {
        var folder = Some.Folder();
        await using var store = Open(folder);

        var refused = Should.Throw<StoreException>(() => Open(folder));

        refused.Message.ShouldContain($"process {Environment.ProcessId}");
        refused.Message.ShouldContain("a test");
        refused.Hint.ShouldContain("muster status");
    }

    [Fact]
    public async Task A_reader_sees_whole_transactions_beside_the_writer_and_writes_nothing()
    {
        var folder = Some.Folder();
        SqliteStore.OpenForReading(folder).ShouldBeNull();
        await using var writer = Open(folder);
        var run = await RunWithRowsAsync(writer, 3);
        await using var reader = SqliteStore.OpenForReading(folder)!;

        (await reader.LedgerAsync(run.Id)).Pending.ShouldBe(3);
        await SealAsync(writer, run, 2, "NONCE001");

        (await reader.LedgerAsync(run.Id)).InFlight.ShouldBe(2);
        await Should.ThrowAsync<SqliteException>(() => reader.MoveRunAsync(run.Id, RunState.Paused, null, Now));
    }

    [Fact]
    public async Task Files_copied_at_any_moment_open_as_after_a_kill()
    {
        var folder = Some.Folder();
        await using var store = Open(folder);
        var run = await RunWithRowsAsync(store, 3);
        await SentAsync(store, run, 2, "NONCE001");
        var wanted = await StateAsync(store, run.Id);
        var copy = Some.Folder();
        using (var half = new SqliteConnection($"Data Source={Path.Combine(folder, "muster.db")};Pooling=False"))
        {
            // Another transaction is under way and never commits.
            half.Open();
            using var begun = half.BeginTransaction();
            using var command = half.CreateCommand();
            command.Transaction = begun;
            command.CommandText = "update row set state = 2";
            command.ExecuteNonQuery();
            foreach (var file in Directory.EnumerateFiles(folder, "muster.db*").Where(name => !name.EndsWith("-shm", StringComparison.Ordinal)))
                File.Copy(file, Path.Combine(copy, Path.GetFileName(file)));
        }

        await using var reopened = Open(copy);

        (await StateAsync(reopened, run.Id)).ShouldBe(wanted);
        await BalancesAsync(reopened, run);
    }

    [Fact]
    public async Task An_empty_file_left_by_a_kill_becomes_a_store_where_nothing_else_is()
    {
        var folder = Some.Folder();
        File.WriteAllBytes(Path.Combine(folder, "muster.db"), []);

        SqliteStore.OpenForReading(folder).ShouldBeNull();
        await using var store = Open(folder);

        await RunWithRowsAsync(store, 1);
    }

    [Theory]
    [InlineData("pragma user_version = 99", "schema version 99")]
    [InlineData("pragma application_id = 7", "not a Muster store")]
    public async Task A_newer_or_foreign_database_is_refused_and_not_touched(string change, string said)
    {
        var folder = Some.Folder();
        await Open(folder).DisposeAsync();
        Tamper(folder, change);
        var before = File.ReadAllBytes(Path.Combine(folder, "muster.db"));

        Should.Throw<StoreException>(() => Open(folder)).Message.ShouldContain(said);
        Should.Throw<StoreException>(() => SqliteStore.OpenForReading(folder)).Message.ShouldContain(said);

        File.ReadAllBytes(Path.Combine(folder, "muster.db")).ShouldBe(before);
    }

    [Theory]
    [InlineData(0, 4096)]
    [InlineData(100, 3000)]
    [InlineData(16384, 16384)]
    public async Task A_damaged_file_is_refused_by_name(int from, int length)
    {
        var folder = Some.Folder();
        await using (var store = Open(folder))
            await RunWithRowsAsync(store, 50);
        var path = Path.Combine(folder, "muster.db");
        var bytes = File.ReadAllBytes(path);
        bytes.AsSpan(from, Math.Min(length, bytes.Length - from)).Fill(0x5A);
        File.WriteAllBytes(path, bytes);

        var refused = await Should.ThrowAsync<StoreException>(() => StoreRefusal.NamedAsync(folder, async () =>
        {
            await using var store = Open(folder);
            await StateAsync(store, 1);
            return await store.AuditAsync(1);
        }));

        refused.Message.ShouldStartWith($"{path} is damaged: ");
        refused.Hint.ShouldContain("from a backup");
    }

    [Fact]
    [System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
    public async Task Everything_belongs_to_its_owner_alone()
    {
        if (OperatingSystem.IsWindows())
            Assert.Skip("Windows has no file modes.");
        var folder = Path.Combine(Some.Folder(), "state");
        await using var store = Open(folder);
        await SentAsync(store, await RunWithRowsAsync(store, 2), 1, "NONCE001");
        KeySecret.Of(folder, Chance.Seeded(1)).Length.ShouldBe(32);

        const UnixFileMode others = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite;
        foreach (var path in Directory.EnumerateFiles(folder, "muster.db*").Append(Path.Combine(folder, "intents.log")).Append(Path.Combine(folder, "key-secret")))
            (File.GetUnixFileMode(path) & others).ShouldBe(UnixFileMode.None, path);
        foreach (var path in new[] { folder, store.ArchiveFolder })
            File.GetUnixFileMode(path).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, path);
    }

    [Fact]
    public void A_key_secret_cut_short_is_refused_instead_of_hashing_plainly()
    {
        var folder = Some.Folder();
        var secret = KeySecret.Of(folder, Chance.Seeded(1));
        KeySecret.Of(folder, Chance.Seeded(2)).ShouldBe(secret);
        File.WriteAllBytes(Path.Combine(folder, "key-secret"), []);

        Should.Throw<StoreException>(() => KeySecret.Of(folder, Chance.Seeded(1)));
    }

    [Fact]
    public async Task Each_seal_leaves_a_line_that_outlives_the_database()
    {
        var folder = Some.Folder();
        await using var store = Open(folder);
        await SealAsync(store, await RunWithRowsAsync(store, 3), 3, "NONCE001");

        var lines = await File.ReadAllLinesAsync(Path.Combine(folder, "intents.log"));

        lines.Length.ShouldBe(2);
        lines[1].ShouldBe("{\"sealed\":\"b-1\",\"nonce\":\"NONCE001\"}");
        var line = lines[0];
        line.ShouldContain("\"nonce\":\"NONCE001\"");
        line.ShouldContain("\"run\":\"RUN001\"");
        line.ShouldContain("\"requests\":3");
    }

    [Fact]
    public void States_stand_in_the_schema_as_they_stand_in_code()
    {
        var schema = Sql.Named("001_lifecycle");
        foreach (var state in Enum.GetValues<RunState>())
            schema.ShouldContain($"'{Sql.Snake(state)}'");
        foreach (var state in Enum.GetValues<BatchState>())
            schema.ShouldContain($"'{Sql.Snake(state)}'");
        BatchStates.All().ShouldAllBe(move => !BatchStates.IsOver(move.From));
    }
}
