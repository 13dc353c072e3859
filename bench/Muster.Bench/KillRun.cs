using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Data.Sqlite;
using Muster.Batches;
using Muster.Runs;
using Muster.Stores.Sqlite;

namespace Muster.Bench;

/// <summary>One kill: what was waited for, if it was reached, and how the run then stood in its store.</summary>
internal sealed record Kill(string? Point, string Standing);

/// <summary>One run from an empty store to a promoted table, killed on the way.</summary>
internal sealed record KilledRun(int Number, IReadOnlyList<Kill> Kills, string Table, RemoteTruth Truth, long Booked, IReadOnlyList<string> Faults, IReadOnlyCollection<string> Stops, TimeSpan Took);

/// <summary>Drives one run through its kills and looks at what is left.</summary>
internal sealed class KillRun(int number, int rows, int seed, int port, PointTally tally)
{
    /// <summary>Starts that may end paused or held before the run must be done; each is followed by another, as a person would.</summary>
    private const int MaxStops = 60;
    private const int PromotionKills = 4;

    private readonly Random chance = new(unchecked(seed * 7919 + number));
    private readonly List<Kill> kills = [];
    private readonly List<string> faults = [];
    private readonly ConcurrentBag<Task> foreign = [];
    private readonly HashSet<string> endings = new(StringComparer.Ordinal);

    /// <param name="most">Kills at most; 0 for the undisturbed run, which has no faults either.</param>
    /// <param name="heard">Told after each kill.</param>
    public async Task<KilledRun> RunAsync(int most, Action heard)
    {
        var began = TimeProvider.System.GetTimestamp();
        var folder = Write();
        try
        {
            await using var simulator = await FaultySimulator.StartAsync(folder, port, seed, FaultySimulator.Plan(most == 0 ? null : seed + number));
            var muster = new MusterProcess(folder, new Dictionary<string, string>
            {
                ["ANTHROPIC_BASE_URL"] = simulator.BaseUrl, ["ANTHROPIC_API_KEY"] = "sk-sim", ["MUSTER_POLL_INTERVAL"] = "0.2", ["MUSTER_QUIET_PERIOD"] = "2",
            }, tally) { Heard = point => Intrude(simulator, folder, most, point) };
            await ToDoneAsync(muster, folder, most, heard);
            await PromoteAsync(muster, folder, most, heard);
            await Task.WhenAll(foreign);
            var reconciled = await muster.RunAsync(["reconcile"], null);
            if (reconciled.ExitCode != 0)
                faults.Add($"reconcile ended with {reconciled.ExitCode}: {Tail(reconciled)}");
            var truth = await simulator.TruthAsync();
            var booked = await BookedAsync(folder);
            if (truth.PairsMoreThanOnce != 0)
                faults.Add($"{truth.PairsMoreThanOnce} pairs were accepted more than once");
            if (truth.Billed != booked)
                faults.Add($"{truth.Billed} rows were billed and {booked} stand in the books");
            return new KilledRun(number, kills, Table(folder), truth, booked, faults, endings, TimeProvider.System.GetElapsedTime(began));
        }
        finally
        {
            if (faults.Count == 0)
                Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>
    /// While a create's outcome is not known another program posts a batch of as many requests: where ours never arrived it is taken for
    /// it by its count, and released when its results are read.
    /// </summary>
    private void Intrude(FaultySimulator simulator, string folder, int most, string point)
    {
        if (most > 0 && point == Muster.Cli.Output.Figures.Snake(RunEventKind.BatchUnknown))
            foreign.Add(Task.Run(PostAsync));

        async Task PostAsync()
        {
            await using var store = SqliteStore.OpenForReading(Path.Combine(folder, ".muster"))!;
            foreach (var batch in (await store.OpenBatchesAsync()).Where(batch => batch.State == BatchState.Unknown))
                await simulator.PostForeignAsync(batch.Requests);
        }
    }

    private async Task ToDoneAsync(MusterProcess muster, string folder, int most, Action heard)
    {
        var stopped = 0;
        var last = most - PromotionKills - 1;
        while (true)
        {
            var moment = kills.Count < last ? KillMoment.Draw(chance, kills.Count, tally, muster.Told)
                : kills.Count == last ? KillMoment.DrawForTheEnd() : null;
            var end = await muster.RunAsync(["run"], moment);
            if (end.Killed)
            {
                kills.Add(new Kill(end.Point, await StandingAsync(folder)));
                heard();
            }
            else if (end.ExitCode == 0)
            {
                return;
            }
            else
            {
                endings.Add(Ending(end));
                if (++stopped <= MaxStops)
                    continue;
                faults.Add($"the run ended with {end.ExitCode}: {Tail(end)}");
                return;
            }
        }
    }

    private async Task PromoteAsync(MusterProcess muster, string folder, int most, Action heard)
    {
        for (var kill = 0; kill < PromotionKills && kills.Count < most; kill++)
        {
            var end = await muster.RunAsync(["promote", "--yes"], KillMoment.DrawForPromotion(chance));
            if (!end.Killed)
                continue;
            kills.Add(new Kill(end.Point, $"promoting: {(HasReceipt(folder) ? "after" : "before")} its commit"));
            heard();
        }

        var promoted = await muster.RunAsync(["promote", "--yes"], null);
        if (promoted.ExitCode != 0)
            faults.Add($"promote ended with {promoted.ExitCode}: {Tail(promoted)}");
    }

    /// <summary>The run's state, and that of the newest batch that is not final.</summary>
    private static async Task<string> StandingAsync(string folder)
    {
        SqliteStore? store;
        try
        {
            store = SqliteStore.OpenForReading(Path.Combine(folder, ".muster"));
        }
        catch (Stores.StoreException)
        {
            // The database's file is there, and its first transaction is not committed.
            return "store being created";
        }

        if (store is null)
            return "no store yet";
        await using (store)
        {
            var runs = await store.RunsAsync();
            if (runs.Count == 0)
                return "no run yet";
            var run = runs[^1];
            var batches = await store.BatchesAsync(run.Id);
            var open = batches.LastOrDefault(batch => !BatchStates.IsOver(batch.State));
            var standing = open is not null ? $"newest open batch {Muster.Cli.Output.Figures.Snake(open.State)}"
                : batches.Count == 0 ? "no batch yet" : "no batch open";
            return run.State == RunState.Running ? standing : $"run {Muster.Cli.Output.Figures.Snake(run.State)}";
        }
    }

    private static async Task<long> BookedAsync(string folder)
    {
        await using var store = SqliteStore.OpenForReading(Path.Combine(folder, ".muster"))!;
        return (await store.UsageAsync((await store.RunsAsync())[^1].Id)).Sum(usage => usage.Requests);
    }

    private string Write()
    {
        var folder = BenchJob.Write(rows);
        var job = Path.Combine(folder, "bench.job.yaml");
        File.AppendAllText(job,
            $$"""

              - { model: claude-sonnet-5-5, max_tokens: 2000 }
            target: { sqlite: shop.db, table: products, key: sku, columns: { category: /category, features: /features, summary: /summary } }
            limits: { batch_rows: {{Math.Max(10, rows / 15)}}, batch_bytes: 3000000, attempts: 15 }
            budget: { failures: 20% }
            """);
        var text = Replaced(Replaced(File.ReadAllText(job), "contract: { schema: schema.json }", ""), "key: sku }\npilot", "key: sku, max_field_chars: 5000000 }\npilot");
        File.WriteAllText(job, text.TrimEnd() + "\ncontract: { schema: schema.json }\n", new UTF8Encoding(false));
        // A key that occurs twice, a row that no source may have and one that no batch can hold are set aside, in every run alike.
        File.AppendAllText(Path.Combine(folder, "products.csv"), $"P0000001,Again\nP-LARGE,{new string('x', 9_000_000)}\n");
        var source = Path.Combine(folder, "products.csv");
        File.WriteAllText(source, Replaced(File.ReadAllText(source), "sku,name\n", $"sku,name\nP-WIDE,{new string('x', 4_000_000)}\n"));
        Query(folder, "create table products (sku text primary key, category text, features text, summary text);"
            + $"with recursive n(i) as (select 0 union all select i + 1 from n where i < {rows / 4}) insert into products select printf('P%07d', i), 'Old', null, null from n");
        return folder;
    }

    private static string Replaced(string text, string what, string by) => text.Contains(what, StringComparison.Ordinal)
        ? text.Replace(what, by, StringComparison.Ordinal)
        : throw new InvalidOperationException($"The bench's job or source no longer has {what}.");

    private static string Table(string folder)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using var connection = Open(folder);
        using var command = connection.CreateCommand();
        command.CommandText = "select sku, category, features, summary from products order by sku";
        using var reader = command.ExecuteReader();
        var count = 0;
        for (; reader.Read(); count++)
        {
            for (var column = 0; column < reader.FieldCount; column++)
                hash.AppendData(Encoding.UTF8.GetBytes((reader.IsDBNull(column) ? "\u0001" : reader.GetString(column)) + "\u001f"));
        }

        return string.Create(CultureInfo.InvariantCulture, $"{count} rows, SHA-256 {Convert.ToHexStringLower(hash.GetHashAndReset())[..16]}");
    }

    private static bool HasReceipt(string folder)
    {
        return Query(folder, "select count(*) from sqlite_master where name = 'muster_promotion'") != "0"
            && Query(folder, "select count(*) from muster_promotion") != "0";
    }

    private static string Query(string folder, string sql)
    {
        using var connection = Open(folder);
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return Convert.ToString(command.ExecuteScalar(), CultureInfo.InvariantCulture) ?? "";
    }

    private static SqliteConnection Open(string folder)
    {
        SQLitePCL.Batteries_V2.Init();
        var connection = new SqliteConnection($"Data Source={Path.Combine(folder, "shop.db")};Pooling=False");
        connection.Open();
        return connection;
    }

    /// <summary>Why a process ended by itself before the run was done.</summary>
    private static string Ending(ProcessEnd end) =>
        $"exit code {end.ExitCode}: {(end.Output + end.Talk).Split('\n').FirstOrDefault(line => line.StartsWith("Paused", StringComparison.Ordinal) || line.StartsWith("Held", StringComparison.Ordinal)) ?? Tail(end)}";

    private static string Tail(ProcessEnd end) => string.Join(" | ", (end.Output + end.Talk).Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).TakeLast(4));
}
