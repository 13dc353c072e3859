using System.Text;
using Muster.Simulator;

namespace Muster.Cli.Tests;

/// <summary>Don't-care values: what a test leaves out of a call does not matter to it.</summary>
internal static class Some
{
    public const string Key = "sk-sim";

    /// <summary>A fresh folder with a job over so many rows; the temporary directory keeps it.</summary>
    public static string JobFolder(int rows = 30, int batchRows = 12, string target = "")
    {
        var folder = Directory.CreateTempSubdirectory("muster-cli-").FullName;
        File.WriteAllText(Path.Combine(folder, "schema.json"),
            """{"type":"object","properties":{"category":{"enum":["Shoes","Tools",null]},"summary":{"type":"string","maxLength":119}},"required":["category","summary"]}""");
        File.WriteAllText(Path.Combine(folder, "goods.job.yaml"),
            $$$"""
            job: goods
            source: { csv: goods.csv, key: sku }
            prompt: { system: Sort the product., user: "{{name}}" }
            tiers:
              - { model: claude-haiku-4-5, max_tokens: 300 }
              - { model: claude-sonnet-5-5, max_tokens: 2000 }
            contract: { schema: schema.json }
            limits: { batch_rows: {{{batchRows}}} }
            pilot: { required: false }
            {{{target}}}
            """);
        using var source = new StreamWriter(Path.Combine(folder, "goods.csv"), append: false, new UTF8Encoding(false));
        source.Write("sku,name\n");
        for (var row = 1; row <= rows; row++)
            source.Write($"g-{row:D5},Running shoes with a light sole number {row}\n");
        return folder;
    }

    public static Dictionary<string, string> Environment(SimulatedApi api, string key = Key) => new()
    {
        ["ANTHROPIC_BASE_URL"] = api.BaseUrl.ToString(), ["ANTHROPIC_API_KEY"] = key, ["MUSTER_POLL_INTERVAL"] = "0.1", ["MUSTER_QUIET_PERIOD"] = "2",
    };

    public static Task<SimulatedApi> Api(bool instant = true, Muster.Simulator.Faults.FaultPlan? faults = null) => SimulatedApi.StartAsync(
        new SimulatorOptions
        {
            Instant = instant, Faults = faults ?? Muster.Simulator.Faults.FaultPlan.None, RequestsPerMinute = null, QueuedRequests = null,
        });
}
