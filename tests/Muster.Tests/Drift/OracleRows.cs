using System.Text.Json;
using Muster.Drift;
using Muster.Results;
using Muster.Simulator;
using Muster.Simulator.Answers;
using Muster.Simulator.Faults;
using Muster.Simulator.Rules;
using Muster.Tests.Requests;

namespace Muster.Tests.Drift;

/// <summary>
/// Rows of the real catalog, answered by the engine of the simulator that the story of the bias is told with, by its file and its draws, without a
/// service in between: what differs from a run is that no row is lost, asked twice or sent to a larger model.
/// </summary>
internal sealed class OracleRows
{
    private const int BatchRows = 5_000;

    private readonly ProfileShape shape;
    private readonly List<(string Key, byte[] Id, byte[] Text, byte[] Input)> rows = [];
    private readonly OracleEngine engine;
    private readonly SchemaPart schema;
    private readonly ModelFacts model = ModelFacts.Lookup([])["claude-haiku-4-5"];

    /// <param name="isBiased">As in the story: 60 % of one category in one slice.</param>
    public OracleRows(bool isBiased = false)
    {
        var source = RealData.Path("products/products-uhtt-20k.tsv");
        var schemaJson = File.ReadAllText(Path.Combine(RealData.Root(), "samples", "catalog", "product.schema.json"));
        // As the sample's prompt uses the columns.
        shape = ProfileShape.Of(schemaJson, [.. File.ReadLines(source).First().Split('\t').Select(name => new ShapeColumn(name, IsText: name is "Name" or "BrandName"))]);
        foreach (var fields in File.ReadLines(source).Skip(1).Select(line => line.Split('\t')))
        {
            var text = fields[2] + (fields[6].Length > 0 ? $"\\nBrand: {fields[6]}" : "") + "\\n";
            rows.Add((fields[0], System.Text.Encoding.UTF8.GetBytes(fields[0]), System.Text.Encoding.UTF8.GetBytes(text), JsonSerializer.SerializeToUtf8Bytes(fields)));
        }

        var oracle = Path.Combine(Some.Folder(), "oracle.jsonl");
        File.WriteAllLines(oracle, RealStory.OracleLines(source, isBiased));
        engine = OracleEngine.Load(new SimulatorOptions { Engine = "oracle", OracleFile = oracle });
        using var document = JsonDocument.Parse(schemaJson);
        schema = new SchemaPart(schemaJson.Length, SchemaNode.Compile(document.RootElement));
    }

    public int Count => rows.Count;

    /// <summary>The profile of a run over these rows, while the simulator has this seed.</summary>
    public RunProfile Profile(ulong seed, Range range)
    {
        var profiler = new Profiler(shape);
        var (from, count) = range.GetOffsetAndLength(rows.Count);
        var output = new ByteBuffer();
        var ask = new Ask { Model = model, System = new SystemPart(0, 0, [], "", null), Schema = schema, Fate = RowFate.Succeeded };
        for (var i = from; i < from + count; i++)
        {
            var row = rows[i];
            ask.Id = row.Id;
            ask.Hash = Simulator.Chance.Hash(Simulator.Chance.Hash(seed, model.IdUtf8), row.Text);
            output.Clear();
            engine.Answer(ask, output);
            profiler.Add(new RunRow
            {
                Key = row.Key, Input = row.Input, Output = output.Memory, StopReason = "end_turn", Model = "claude-haiku-4-5-20251001", Batch = $"b-{(i - from) / BatchRows}",
                Tokens = new TokenCounts(600 + row.Text.Length, output.Length / 3, 0, 0, 0, 0, 0, InUs: false), MaxTokens = 300, CostUsd = 0.0005,
            });
        }

        return profiler.ToProfile();
    }
}
