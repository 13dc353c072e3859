using Microsoft.Data.Sqlite;
using Muster.Jobs;
using Muster.Sources;
using static Muster.Tests.Sources.Folder;

namespace Muster.Tests.Sources;

public sealed class SqliteSourceTests : IDisposable
{
    private readonly Folder folder = new();

    static SqliteSourceTests() => SQLitePCL.Batteries_V2.Init();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Values_keep_their_type_and_faults_name_their_row()
    {
        var spec = Database(
            "CREATE TABLE t (id, v)",
            """
            INSERT INTO t VALUES (1, 'a"b'), ('two', NULL), (3, 1.0), (4, -0.5), (5, 1e300), (6, 9223372036854775807), (7, x'00ff'),
              (8, CAST(x'61ff' AS TEXT)), (9, CAST(x'610062' AS TEXT)), (NULL, 1), ('', 1), (12, 9e999), (1.5, 'Цена')
            """,
            "SELECT id, v FROM t ORDER BY rowid");

        var rows = await ReadAsync(spec);
        rows.Where(row => row.Fault is null).Select(Json).ShouldBe(
        [
            """[1,"a\"b"]""", """["two",null]""", "[3,1.0]", "[4,-0.5]", "[5,1E+300]", "[6,9223372036854775807]", """[1.5,"Цена"]""",
        ]);
        rows.Where(row => row.Fault is not null).Select(Told).ShouldBe(
        [
            "row 7 REQ.BAD_RECORD.blob",
            "row 8 REQ.BAD_RECORD.bytes",
            "row 9 REQ.BAD_RECORD.nul",
            "row 10 REQ.BAD_RECORD.empty_key",
            "row 11 REQ.BAD_RECORD.empty_key",
            "row 12 REQ.BAD_RECORD.number",
        ]);
        rows[^1].Key.ShouldBe("1.5");
        rows[6].Key.ShouldBe("7");
        rows[7].Fault!.Detail.ShouldBe("column 'v': byte 0xFF at byte 2 is not UTF-8, after \"a\"");
        (await ReadAsync(spec, skip: 11)).Select(row => row.Line).ShouldBe(["row 12", "row 13"]);
    }

    [Fact]
    public async Task Text_of_a_UTF16_database_comes_as_UTF8()
    {
        var spec = Database("PRAGMA encoding = 'UTF-16le'", "CREATE TABLE t (id, v); INSERT INTO t VALUES ('a', 'Цена 😀')", "SELECT * FROM t");

        (await ReadAsync(spec)).Select(Json).ShouldBe(["""["a","Цена 😀"]"""]);
    }

    [Theory]
    [InlineData("WITH x AS (SELECT 1 AS id) SELECT id FROM x")]
    [InlineData("-- a note\n/* and / another */ select 1 as id ; -- the end")]
    [InlineData("VALUES (1)")]
    public async Task One_statement_that_only_reads_is_run(string query)
    {
        var spec = Database("CREATE TABLE t (id)", "", query) with { Key = Key(query.StartsWith('V') ? "column1" : "id") };

        (await ReadAsync(spec)).Select(Told).ShouldBe(["1"]);
    }

    [Theory]
    [InlineData("SELECT id FROM nowhere", "no such table: nowhere")]
    [InlineData("SELEC id", "syntax error")]
    [InlineData("SELECT 1 AS id; SELECT 2 AS id", "more than one statement")]
    [InlineData("SELECT 1 AS id; DROP TABLE t", "more than one statement")]
    [InlineData("DELETE FROM t RETURNING id", "only a SELECT")]
    [InlineData("WITH x AS (SELECT 1) INSERT INTO t SELECT 1 FROM x", "only a SELECT")]
    [InlineData("PRAGMA table_info(t)", "only a SELECT")]
    [InlineData("ATTACH 'x.db' AS x", "only a SELECT")]
    [InlineData("EXPLAIN SELECT 1", "only a SELECT")]
    [InlineData("SELECT id FROM t WHERE id = :p", "has parameters")]
    [InlineData("SELECT load_extension('x') AS id", "not authorized")]
    [InlineData("SELECT 1 AS id, 2 AS id", "without a name of their own")]
    [InlineData(" ; -- nothing", "the query is empty")]
    [InlineData("SELECT 1 AS ids", "has no key column 'id'")]
    public async Task Anything_else_is_refused_with_the_query(string query, string message)
    {
        var spec = Database("CREATE TABLE t (id); INSERT INTO t VALUES (1)", "", query);

        (await Should.ThrowAsync<SourceException>(() => ReadAsync(spec))).Message.ShouldContain(message);
        (await ReadAsync(spec with { Query = "SELECT id FROM t" })).Count.ShouldBe(1);
        File.Exists("x.db").ShouldBeFalse();
    }

    [Fact]
    public async Task A_missing_file_another_file_and_two_databases_are_refused()
    {
        var spec = new SourceSpec(SourceFormat.Sqlite, [folder.PathOf("none.db")], Key("id")) { Query = "SELECT 1 AS id" };
        (await Should.ThrowAsync<SourceException>(() => ReadAsync(spec))).Message.ShouldContain("there is no such file");
        File.Exists(spec.Paths[0]).ShouldBeFalse();

        var text = folder.Write("text.db", new string('x', 5000));
        var other = spec with { Paths = [text], Query = "SELECT id FROM t" };
        (await Should.ThrowAsync<SourceException>(() => ReadAsync(other))).Message.ShouldContain("file is not a database");
        (await Should.ThrowAsync<SourceException>(() => ReadAsync(spec with { Paths = [text, text] }))).Message.ShouldContain("names 2 databases");
    }

    [Fact]
    public async Task A_query_that_fails_midway_and_a_corrupt_database_are_refused()
    {
        var spec = Database("CREATE TABLE t (id, v)", "INSERT INTO t VALUES (1, '{}'), (2, '{')", "SELECT id, json(v) AS v FROM t ORDER BY id");
        (await Should.ThrowAsync<SourceException>(() => ReadAsync(spec))).Message.ShouldContain("malformed JSON");

        var large = Database("CREATE TABLE t (id, v)", "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000) INSERT INTO t SELECT i, hex(i) || 'padding padding' FROM n", "SELECT * FROM t");
        var bytes = await File.ReadAllBytesAsync(large.Paths[0]);
        bytes.AsSpan(4096 * 3, 4096 * 4).Fill(0xA5);
        await File.WriteAllBytesAsync(large.Paths[0], bytes);
        (await Should.ThrowAsync<SourceException>(() => ReadAsync(large))).Message.ShouldContain("malformed");
    }

    [Fact]
    public async Task A_write_that_lies_in_the_log_alone_changes_the_fingerprint_and_reading_does_not()
    {
        var spec = Database("PRAGMA journal_mode = WAL", "CREATE TABLE t (id); INSERT INTO t VALUES (1)", "SELECT id FROM t");
        var before = await SourceFingerprint.ComputeAsync(spec);
        (await ReadAsync(spec)).Count.ShouldBe(1);
        (await SourceFingerprint.ComputeAsync(spec)).ChangeSince(before).ShouldBeNull();

        using var writer = new SqliteConnection($"Data Source={spec.Paths[0]};Pooling=False");
        writer.Open();
        using var insert = writer.CreateCommand();
        insert.CommandText = "INSERT INTO t VALUES (2)";
        insert.ExecuteNonQuery();

        (await ReadAsync(spec)).Count.ShouldBe(2);
        (await SourceFingerprint.ComputeAsync(spec)).ChangeSince(before).ShouldNotBeNull();
    }

    [Fact]
    public async Task An_endless_query_stops_when_it_is_cancelled()
    {
        var spec = Database("CREATE TABLE t (id)", "", "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) AS id FROM n");
        await using var source = await Source.OpenAsync(spec);
        using var stop = new CancellationTokenSource(TimeSpan.FromMilliseconds(50));

        await Should.ThrowAsync<OperationCanceledException>(async () => await source.ReadAsync(cancellationToken: stop.Token).GetAsyncEnumerator().MoveNextAsync());
    }

    private SourceSpec Database(string first, string then, string query)
    {
        var path = folder.PathOf($"{Guid.NewGuid():n}.db");
        using var connection = new SqliteConnection($"Data Source={path};Pooling=False");
        connection.Open();
        foreach (var sql in new[] { first, then }.Where(sql => sql.Length > 0))
        {
            using var command = connection.CreateCommand();
            command.CommandText = sql;
            command.ExecuteNonQuery();
        }

        return new SourceSpec(SourceFormat.Sqlite, [path], Key("id")) { Query = query };
    }
}
