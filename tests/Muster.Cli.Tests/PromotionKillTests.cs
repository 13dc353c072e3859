using Microsoft.Data.Sqlite;

namespace Muster.Cli.Tests;

/// <summary>SIGKILL of the real process while it promotes and while it takes back: the target is as before or as after.</summary>
public sealed class PromotionKillTests
{
    private const int Rows = 50_000;
    private const int Kills = 2;

    private const string Before = "25000 rows, 25000 old, 0 written";
    private const string After = "50000 rows, 0 old, 50000 written";

    [Fact]
    public async Task A_promotion_and_its_rollback_killed_at_any_moment_leave_all_or_nothing_and_finish_the_next_time()
    {
        var seed = int.TryParse(Environment.GetEnvironmentVariable("MUSTER_KILL_SEED"), out var given) ? given : 4711;
        var moments = new Random(seed);
        await using var api = await Some.Api();
        var folder = Some.JobFolder(Rows, batchRows: 25_000,
            target: "target: { sqlite: shop.db, table: goods, key: sku, columns: { category: /category, summary: /summary } }");
        Query(folder, "create table goods (sku text primary key, category text, summary text);"
            + "with recursive n(i) as (select 1 union all select i + 1 from n where i < 25000) insert into goods select printf('g-%05d', i), 'Old', null from n");
        var environment = Some.Environment(api);
        (await Cli.RunAsync(folder, environment, "run")).ExitCode.ShouldBe(0);

        for (var kill = 0; kill < Kills; kill++)
            (await KilledAsync(folder, environment, moments.Next(0, 900), "promote", "--yes")).ShouldBeOneOf(Before, After);
        var promoted = await Cli.RunAsync(folder, environment, "promote", "--yes");
        promoted.ExitCode.ShouldBe(0, $"seed {seed}: {promoted.All}");
        State(folder).ShouldBe(After, $"seed {seed}");
        Query(folder, "select count(*) from muster_promotion where state = 'live'").ShouldBe("1", $"seed {seed}");

        var id = Query(folder, "select id from muster_promotion where state = 'live'");
        for (var kill = 0; kill < Kills; kill++)
            (await KilledAsync(folder, environment, moments.Next(0, 900), "rollback", id, "--yes")).ShouldBeOneOf(Before, After);
        var restored = await Cli.RunAsync(folder, environment, "rollback", id, "--yes");
        restored.ExitCode.ShouldBe(0, $"seed {seed}: {restored.All}");
        State(folder).ShouldBe(Before, $"seed {seed}");
    }

    /// <summary>Kills the command so long after it began to write to the target, and says what the target then holds.</summary>
    private static async Task<string> KilledAsync(string folder, IReadOnlyDictionary<string, string> environment, int milliseconds, params string[] arguments)
    {
        using var cli = Cli.Start(folder, environment, arguments);
        var end = cli.EndAsync();
        while (!end.IsCompleted && !IsWriting(folder))
            await Task.WhenAny(end, Task.Delay(5, TestContext.Current.CancellationToken));
        await Task.WhenAny(end, Task.Delay(milliseconds, TestContext.Current.CancellationToken));
        cli.Kill();
        await end;
        return State(folder);
    }

    private static bool IsWriting(string folder) => ((string[])["shop.db-journal", "shop.db-wal"])
        .Select(name => new FileInfo(Path.Combine(folder, name))).Any(file => file is { Exists: true, Length: > 0 });

    private static string State(string folder) => Query(folder,
        "select count(*) || ' rows, ' || ifnull(sum(category = 'Old'), 0) || ' old, ' || count(summary) || ' written' from goods");

    private static string Query(string folder, string sql)
    {
        SQLitePCL.Batteries_V2.Init();
        using var connection = new SqliteConnection($"Data Source={Path.Combine(folder, "shop.db")};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return Convert.ToString(command.ExecuteScalar(), System.Globalization.CultureInfo.InvariantCulture) ?? "";
    }
}
