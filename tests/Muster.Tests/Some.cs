using System.Text;
using Muster.Claude;
using Muster.Jobs;
using Muster.Simulator;

namespace Muster.Tests;

/// <summary>Don't-care values: what a test leaves out of a call does not matter to it.</summary>
internal static class Some
{
    public const string Schema =
        """
        {"type":"object","required":["category","summary"],"properties":{
          "category":{"enum":["Shoes","Tools","Toys",null]},
          "features":{"type":"array","items":{"type":"string"},"maxItems":5},
          "summary":{"type":"string","maxLength":119}}}
        """;

    /// <summary>A fresh folder that the test's process leaves to the temporary directory.</summary>
    public static string Folder() => Directory.CreateTempSubdirectory("muster-test-").FullName;

    public static Job Job(string folder, IReadOnlyList<string>? rows = null, string human = """{"required":["category"],"properties":{"category":{"const":null}}}""")
    {
        var path = Path.Combine(folder, "products.csv");
        if (!File.Exists(path))
            File.WriteAllText(path, "sku,name\n" + string.Join("\n", rows ?? Rows(20)) + "\n", new UTF8Encoding(false));
        return new Job
        {
            Name = "catalog",
            Directory = folder,
            Source = new SourceSpec(SourceFormat.Csv, [path], new KeySpec(["sku"])),
            Prompt = new PromptSpec("Sort the product.", "{{name}}", new Dictionary<string, string>()),
            Tiers = [new TierSpec("claude-haiku-4-5", 300), new TierSpec("claude-sonnet-5-5", 2000)],
            Contract = new ContractSpec(Schema, "schema.json") { HumanQueueJson = human },
            Limits = new LimitSpec { BatchRows = 7 },
            Pilot = new PilotSpec(Required: false),
        };
    }

    public static IReadOnlyList<string> Rows(int count) =>
        Enumerable.Range(1, count).Select(i => $"p-{i:D5},Running shoes with a light sole number {i}").ToList();

    public static ClaudeOptions Claude(SimulatedApi api) => new(api.BaseUrl, new Secret("sk-sim"));

    public static Muster.Runs.PipelineOptions Options(IProgress<Muster.Runs.RunEvent>? progress = null, int seed = 1) => new()
    {
        Chance = Chance.Seeded(seed), PollInterval = TimeSpan.FromMilliseconds(20), QuietPeriod = TimeSpan.FromMilliseconds(400),
        Progress = progress,
    };
}
