using Microsoft.Data.Sqlite;
using Muster.Jobs;
using Muster.Promotion;
using Muster.Runs;
using Muster.Selections;
using Muster.Simulator.Faults;
using Muster.Stores;
using Muster.Stores.Sqlite;
using Muster.Tests.Runs;

namespace Muster.Tests.Selections;

/// <summary>A job with a table to promote into, whose rows are run, promoted and run again.</summary>
internal sealed class RerunFolder : IAsyncDisposable
{
    private int opened;

    private RerunFolder(Trial trial) => Trial = trial;

    public Trial Trial { get; }

    public Job Job => Trial.Job;

    public string Database => Job.Target!.Path;

    public static async Task<RerunFolder> StartAsync(int rows = 30, FaultPlan? faults = null)
    {
        var trial = await Trial.StartAsync(faults, job => job with
        {
            Target = new TargetSpec(TargetKind.Sqlite, Path.Combine(job.Directory, "shop.db"), "sku", [new("category", "/category"), new("summary", "/summary")]) { Table = "products" },
        }, Some.Rows(rows));
        var folder = new RerunFolder(trial);
        folder.Do("create table products (sku text primary key, name text, category text, summary text)");
        foreach (var row in Some.Rows(rows))
            folder.Do($"insert into products (sku, name) values ('{row.Split(',')[0]}', 'as it was')");
        return folder;
    }

    /// <summary>The job with another prompt, as a person changes it who adds examples.</summary>
    public Job WithExamples() => Job with { Prompt = Job.Prompt with { System = "Sort the product. Examples: a hammer is Tools; a teddy bear is Toys." } };

    public async Task<RerunPlan> PlanAsync(string select, Job? with = null, string? run = null)
    {
        await using var store = Trial.Read();
        return await new Rerunner(store, TimeProvider.System).PlanAsync(new RerunRequest(with ?? Job, Selector.Parse(select), run));
    }

    public async Task<Run> OpenAsync(string select, Job? with = null, string? hash = null, string? run = null)
    {
        await using var store = SqliteStore.Open(StoreFolder.Of(Job), "a test", TimeProvider.System);
        return await new Rerunner(store, TimeProvider.System).OpenAsync(new RerunRequest(with ?? Job, Selector.Parse(select), run) { Hash = hash }, Chance.Seeded(77 + opened++));
    }

    /// <summary>Opens a rerun and goes on with it to its end.</summary>
    public async Task<RunEnd> RerunAsync(string select, Job? with = null, string? run = null)
    {
        await OpenAsync(select, with, run: run);
        return await GoOnAsync(with);
    }

    public async Task<RunEnd> GoOnAsync(Job? with = null)
    {
        var job = Job;
        Trial.Job = with ?? job;
        try
        {
            return await Trial.RunAsync(options => options with { Scope = RunScope.Rerun });
        }
        finally
        {
            Trial.Job = job;
        }
    }

    public async Task<Receipt> PromoteAsync(string run, int seed = 1, string? despite = null)
    {
        await using var store = SqliteStore.Open(StoreFolder.Of(Job), "a test", TimeProvider.System);
        var promotions = Promotions.Open(Job, new PromotionsOptions { Chance = Chance.Seeded(seed), DespiteDrift = despite });
        var chosen = await promotions.ChooseAsync(store, run, Completeness.Whole);
        return await promotions.ApplyAsync(store, await promotions.PlanAsync(store, chosen));
    }

    /// <summary>Every column of every row, by key.</summary>
    public Dictionary<string, string> Rows()
    {
        using var connection = new SqliteConnection($"Data Source={Database};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "select sku, quote(name) || '|' || quote(category) || '|' || quote(summary) from products";
        using var reader = command.ExecuteReader();
        var rows = new Dictionary<string, string>();
        while (reader.Read())
            rows[reader.GetString(0)] = reader.GetString(1);
        return rows;
    }

    public void Do(string sql)
    {
        using var connection = new SqliteConnection($"Data Source={Database};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    public string Keys(params int[] numbers)
    {
        var path = Path.Combine(Job.Directory, "keys.txt");
        File.WriteAllLines(path, numbers.Select(number => $"p-{number:D5}"));
        return $"key:@\"{path}\"";
    }

    public ValueTask DisposeAsync() => Trial.DisposeAsync();
}
