using System.Text;
using System.Text.Json;
using Muster.Jobs;
using Muster.Requests;
using Muster.Sources;

namespace Muster.Simulation;

/// <summary>The job that every seed runs: product names to be sorted, each with an answer that names its key.</summary>
internal static class Scenario
{
    private const string Schema =
        """
        {"type":"object","required":["category","summary"],"additionalProperties":false,"properties":{
          "category":{"enum":["Shoes","Tools","Toys",null]},"summary":{"type":"string","maxLength":119}}}
        """;

    private const int MostRows = 100;

    /// <summary>The right answer of each key; every thirteenth one is for a person.</summary>
    public static IReadOnlyDictionary<string, string> Expected { get; } = Enumerable.Range(1, MostRows).ToDictionary(
        Key, i => i % 13 == 0 ? $$"""{"category":null,"summary":"{{Key(i)}}"}""" : $$"""{"category":"Shoes","summary":"{{Key(i)}}"}""", StringComparer.Ordinal);

    /// <summary>The texts of <see cref="Expected"/>.</summary>
    public static IReadOnlySet<string> RightAnswers { get; } = Expected.Values.ToHashSet(StringComparer.Ordinal);

    private static readonly Lazy<string> Shared = new(() =>
    {
        var folder = Directory.CreateDirectory(Path.Combine(Root, $"muster-simulation-{Environment.ProcessId}")).FullName;
        // The simulated remote keeps its requests in a temporary folder of its own.
        Environment.SetEnvironmentVariable("TMPDIR", folder);
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(folder, recursive: true);
        File.WriteAllLines(Path.Combine(folder, "oracle.tsv"), Expected.Select(
            answer => $"{(CustomId.IsReadable(answer.Key) ? answer.Key : CustomId.HashedPart(answer.Key, []))}\t{answer.Value}"));
        return folder;
    });

    private static readonly Dictionary<int, string> Fingerprints = [];

    /// <summary>In memory where the system offers that.</summary>
    private static string Root => Directory.Exists("/dev/shm") ? "/dev/shm" : Path.GetTempPath();

    public static string Folder => Shared.Value;

    public static string Oracle => Path.Combine(Folder, "oracle.tsv");

    public static Job Job(Swarm swarm, string folder) => new()
    {
        Name = "catalog",
        Directory = folder,
        Source = new SourceSpec(SourceFormat.Csv, [SourceFile(swarm.Rows)], new KeySpec(["sku"])),
        Prompt = new PromptSpec("Sort the product.", "{{name}}", new Dictionary<string, string>()),
        Tiers = [new TierSpec("claude-haiku-4-5", 300), new TierSpec("claude-sonnet-5-5", 2000)],
        Contract = new ContractSpec(Schema, "schema.json")
        {
            HumanQueueJson = """{"required":["category"],"properties":{"category":{"const":null}}}""",
            OnViolation = swarm.LargerAnswersAsk ? OnViolation.Reask : OnViolation.Escalate,
        },
        Pilot = new PilotSpec(Required: false),
        Budget = new BudgetSpec(swarm.Cap),
        Fallback = swarm.LaneCalls is { } calls ? new FallbackSpec(1_000) { Concurrent = calls } : null,
        Limits = new LimitSpec { BatchRows = swarm.BatchRows, Attempts = swarm.Attempts, QueuedRequests = swarm.QueuedRequests },
    };

    public static IReadOnlyList<SourceRow> Rows(int count) =>
        [.. Enumerable.Range(1, count).Select(i => new SourceRow($"products.csv:{i + 1}", Key(i), Encoding.UTF8.GetBytes(JsonSerializer.Serialize(new[] { Key(i), Name(i) }))))];

    /// <summary>What the source of so many rows looks like; taken once.</summary>
    public static string Fingerprint(Job job, int rows)
    {
        lock (Fingerprints)
        {
            if (!Fingerprints.TryGetValue(rows, out var text))
                Fingerprints[rows] = text = JsonSerializer.Serialize(SourceFingerprint.ComputeAsync(job.Source).GetAwaiter().GetResult());
            return text;
        }
    }

    private static string SourceFile(int rows)
    {
        var path = Path.Combine(Folder, $"products-{rows}.csv");
        lock (Fingerprints)
        {
            if (!File.Exists(path))
                File.WriteAllText(path, "sku,name\n" + string.Concat(Enumerable.Range(1, rows).Select(i => $"{Key(i)},{Name(i)}\n")));
        }

        return path;
    }

    // Every seventh key cannot stand in an id as it is.
    public static string Key(int i) => i % 7 == 0 ? $"p/{i:D5}" : $"p-{i:D5}";

    /// <summary>The id under which the oracle knows the row whose name stands in a text.</summary>
    public static string OracleId(string text)
    {
        var key = Key(int.Parse(System.Text.RegularExpressions.Regex.Match(text, @"light sole number (\d+)").Groups[1].ValueSpan, System.Globalization.CultureInfo.InvariantCulture));
        return CustomId.IsReadable(key) ? key : CustomId.HashedPart(key, []);
    }

    private static string Name(int i) => $"Running shoes with a light sole number {i}";
}
