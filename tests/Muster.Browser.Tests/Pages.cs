using Muster.Claude;
using Muster.Jobs;
using Muster.Pilots;
using Muster.Reports;
using Muster.Runs;
using Muster.Simulator;
using Muster.Stores;
using Muster.Stores.Sqlite;
using Muster.Tests.Reports;

namespace Muster.Browser.Tests;

/// <summary>The pages that the product writes, as files: of made-up accounts, and of real runs over rows that try to be markup.</summary>
public sealed class Pages : IAsyncLifetime
{
    private const string Schema = """{"type":"object","required":["category","summary"],"properties":{"category":{"enum":["Shoes","Tools","Toys",null]},"summary":{"type":"string","maxLength":119}}}""";

    private readonly string folder = Directory.CreateTempSubdirectory("muster-pages-").FullName;

    public static readonly IReadOnlyList<string> Names = ["full", "hostile", "one", "none", "run", "pilot"];

    public string PathOf(string name) => Path.Combine(folder, $"{name}.html");

    public async ValueTask InitializeAsync()
    {
        Write("full", SomeAccount.Of());
        Write("hostile", SomeAccount.Of(foreign: SomeAccount.Hostile, categories: 40));
        Write("one", SomeAccount.Of(rows: 1) with { Drift = null, Review = null });
        Write("none", SomeAccount.Of(rows: 0) with { Drift = null, Review = null });
        await RunAsync();
    }

    public ValueTask DisposeAsync()
    {
        Directory.Delete(folder, recursive: true);
        return ValueTask.CompletedTask;
    }

    private void Write(string name, RunAccount account)
    {
        using var file = new StreamWriter(PathOf(name));
        new ReportPage(account, "catalog.job.yaml", SomeAccount.Start.AddHours(5)).Write(file);
    }

    private async Task RunAsync()
    {
        var rows = Path.Combine(folder, "rows.csv");
        File.WriteAllText(rows, "sku,name,category\n" + string.Concat(Enumerable.Range(1, 40).Select(i => $"p-{i:D3},Running shoes number {i},{(i % 3 == 0 ? "Tools" : "Shoes")}\n"))
            + $"p-001,again,Shoes\n\"{SomeAccount.Hostile.Replace("\"", "\"\"")}\",\"{SomeAccount.Hostile.Replace("\"", "\"\"")}\",\"<b>Toys</b>\"\n\"{SomeAccount.Hostile.Replace("\"", "\"\"")}\",x,y\n");
        var job = new Job
        {
            Name = "tags", Directory = folder, Source = new SourceSpec(SourceFormat.Csv, [rows], new KeySpec(["sku"])), Prompt = new PromptSpec("Sort the product.", "{{name}}", new Dictionary<string, string>()),
            Tiers = [new TierSpec("claude-haiku-4-5", 300), new TierSpec("claude-sonnet-5-5", 2_000)],
            Contract = new ContractSpec(Schema, "schema.json") { HumanQueueJson = """{"required":["category"],"properties":{"category":{"const":null}}}""" }, Limits = new LimitSpec { BatchRows = 12 }, Pilot = new PilotSpec(Required: false),
        };
        await using var api = await SimulatedApi.StartAsync(new SimulatorOptions { Instant = true });
        foreach (var stage in (PilotStage[])[PilotStage.Pilot, PilotStage.Full])
        {
            await using var runner = Runner.Open(job, new ClaudeOptions(api.BaseUrl, new Secret("sk-sim")), new PipelineOptions
            {
                Chance = Chance.Seeded((int)stage + 1), PollInterval = TimeSpan.FromMilliseconds(20), QuietPeriod = TimeSpan.FromMilliseconds(400), Scope = new RunScope(stage),
            });
            await runner.RunAsync();
        }

        await RunReports.WriteHtmlAsync(job, PathOf("run"));
        await using var store = SqliteStore.OpenForReading(StoreFolder.Of(job))!;
        using var file = new StreamWriter(PathOf("pilot"));
        PilotPage.Write(await new PilotReader(store, store.ArchiveFolder, Prices.BuiltIn).ReadAsync(await store.RunAsync(1), null), file);
    }
}
