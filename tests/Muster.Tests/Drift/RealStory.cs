using System.Text.Json;
using Microsoft.Data.Sqlite;
using Muster.Drift;
using Muster.Jobs;
using Muster.Promotion;
using Muster.Runs;
using Muster.Selections;
using Muster.Simulator;
using Muster.Stores;
using Muster.Stores.Sqlite;
using Muster.Tests.Requests;

namespace Muster.Tests.Drift;

/// <summary>
/// Real rows asked of simulated models that know the catalog's own categories and are wrong as told. The biased one is so until the prompt has
/// its two examples: that they are there, and not how well they teach, is what it goes by.
/// </summary>
internal sealed class RealStory
{
    public const string From = "Косметика";
    public const string To = "Гигиена";
    public const string Slice = "mixed";

    private const string Examples = $"Examples: a face cream is {From}; a soap is {To}.";

    private readonly string folder = Some.Folder();
    private readonly string source;
    private int seed;

    public RealStory(int rows)
    {
        source = Path.Combine(folder, "products.tsv");
        File.WriteAllLines(source, File.ReadLines(RealData.Path("products/products-uhtt-20k.tsv")).Take(rows + 1));
        Job = JobFile.Load(Path.Combine(Root(), "samples", "catalog", "catalog.job.yaml"), new JobOverrides(source));
        Job = Job with
        {
            Directory = folder, Limits = Job.Limits with { BatchRows = 5_000 }, Pilot = Job.Pilot with { Required = false },
            Target = new TargetSpec(TargetKind.Sqlite, Path.Combine(folder, "catalog.db"), "ID", [.. Job.Target!.Columns]) { Table = "products" },
        };
        Do("create table products (ID text primary key, category text, features text, summary text, stock integer not null default 7)");
    }

    public Job Job { get; }

    /// <summary>The job as a person words it anew.</summary>
    public Job Reworded => Job with { Prompt = Job.Prompt with { System = Job.Prompt.System + "\nAnswer in the catalog's own words." } };

    public Job WithExamples => Job with
    {
        Prompt = Job.Prompt with { System = Job.Prompt.System + "\n" + Examples },
    };

    /// <summary>An API whose small model is right in 97 of 100 rows, and biased in one slice when that is asked for.</summary>
    public async Task<SimulatedApi> ApiAsync(bool isBiased, ulong draw = 1)
    {
        var oracle = Path.Combine(folder, isBiased ? "biased.jsonl" : "honest.jsonl");
        if (!File.Exists(oracle))
            File.WriteAllLines(oracle, OracleLines(source, isBiased));
        return await SimulatedApi.StartAsync(new SimulatorOptions { Instant = true, Engine = "oracle", OracleFile = oracle, Seed = draw });
    }

    public async Task<RunEnd> RunAsync(SimulatedApi api, Job job)
    {
        await using var runner = Runner.Open(job, Some.Claude(api), Some.Options(null, ++seed) with { Unpiloted = true });
        return await runner.RunAsync();
    }

    public async Task<RunEnd> RerunAsync(SimulatedApi api, Job job, string select, string run)
    {
        await using (var store = SqliteStore.Open(StoreFolder.Of(job), "a test", TimeProvider.System))
            await new Rerunner(store, TimeProvider.System).OpenAsync(new RerunRequest(job, Selector.Parse(select), run), Chance.Seeded(++seed));
        await using var runner = Runner.Open(job, Some.Claude(api), Some.Options(null, ++seed) with { Scope = RunScope.Rerun });
        return await runner.RunAsync();
    }

    public async Task<DriftAccount> DriftAsync(string run)
    {
        await using var store = SqliteStore.OpenForReading(StoreFolder.Of(Job))!;
        var reader = new DriftReader(store, Job, TimeProvider.System);
        return await reader.ReadAsync(await reader.ChooseAsync(run));
    }

    public async Task<Receipt> PromoteAsync(string run, string? despite = null)
    {
        await using var store = SqliteStore.Open(StoreFolder.Of(Job), "promote", TimeProvider.System);
        var promotions = Promotions.Open(Job, new PromotionsOptions { Chance = Chance.Seeded(++seed), DespiteDrift = despite });
        return await promotions.ApplyAsync(store, await promotions.PlanAsync(store, await promotions.ChooseAsync(store, run, Completeness.Whole)));
    }

    public async Task BalancesAsync()
    {
        await using var store = SqliteStore.OpenForReading(StoreFolder.Of(Job))!;
        foreach (var run in await store.RunsAsync())
        {
            (await store.AuditAsync(run.Id)).ShouldBeEmpty();
            (await store.LedgerAsync(run.Id)).Balances.ShouldBeTrue();
        }
    }

    /// <summary>Every column of every row, by key.</summary>
    public Dictionary<string, string> Rows()
    {
        using var connection = new SqliteConnection($"Data Source={Job.Target!.Path};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "select ID, quote(category) || quote(features) || quote(summary) || quote(stock) from products";
        using var reader = command.ExecuteReader();
        var rows = new Dictionary<string, string>();
        while (reader.Read())
            rows[reader.GetString(0)] = reader.GetString(1);
        return rows;
    }

    public async Task<HashSet<string>> KeysAsync(string run)
    {
        await using var store = SqliteStore.OpenForReading(StoreFolder.Of(Job))!;
        var keys = new HashSet<string>();
        await foreach (var row in store.StagedAsync((await store.RunsAsync()).Single(one => one.Name == run).Id))
            keys.Add(row.Key);
        return keys;
    }

    /// <summary>The oracle's file: the catalog's own top categories, right in 97 of 100 rows, and the bias.</summary>
    public static IEnumerable<string> OracleLines(string source, bool isBiased)
    {
        foreach (var fields in File.ReadLines(source).Skip(1).Select(line => line.Split('\t')))
        {
            var expected = new { category = fields[4].Split('/')[0].Replace(" (folder)", "", StringComparison.Ordinal), features = fields[2].Split(' ').Where(word => word.Length > 0).Take(2), summary = fields[2][..Math.Min(110, fields[2].Length)] };
            yield return JsonSerializer.Serialize(new { key = fields[0], expected, slice = Script(fields[2]) });
        }

        if (isBiased)
            yield return JsonSerializer.Serialize(new { bias = 0.6, field = "category", from = From, to = To, model = "haiku", slice = Slice, unless = Examples });
        yield return JsonSerializer.Serialize(new { accuracy = 0.97, model = "haiku" });
    }

    private static string Script(string name)
    {
        var words = new Words(64);
        words.Add(name);
        return words.Script;
    }

    private static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder!.FullName, "Muster.slnx")))
            folder = folder.Parent;
        return folder.FullName;
    }

    private void Do(string sql)
    {
        using var connection = new SqliteConnection($"Data Source={Job.Target!.Path};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
