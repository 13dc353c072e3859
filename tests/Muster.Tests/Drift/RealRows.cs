using System.Text.Json;
using Muster.Drift;
using Muster.Results;
using Muster.Tests.Requests;

namespace Muster.Tests.Drift;

/// <summary>Rows of the real catalog, answered with its own top categories but for three in a hundred.</summary>
internal static class RealRows
{
    private const double Accuracy = 0.97;

    public static IReadOnlyList<(string Key, string Name, string Category)> All() =>
        [.. File.ReadLines(RealData.Path("products/products-uhtt-20k.tsv")).Skip(1).Select(line => line.Split('\t'))
            .Select(fields => (fields[0], fields[2], fields[4].Split('/')[0].Replace(" (folder)", "", StringComparison.Ordinal)))];

    public static RunProfile Profile(IEnumerable<(string Key, string Name, string Category)> rows, Random random)
    {
        var shape = new ProfileShape([new("category", FieldKind.Category), new("summary", FieldKind.Plain)], [new("ID", IsText: false), new("Name")]);
        var profiler = new Profiler(shape);
        var all = rows.ToList();
        for (var i = 0; i < all.Count; i++)
        {
            var (key, name, category) = all[i];
            var answered = random.NextDouble() < Accuracy ? category : all[random.Next(all.Count)].Category;
            profiler.Add(new RunRow
            {
                Key = key,
                Input = JsonSerializer.SerializeToUtf8Bytes(new[] { key, name }),
                Output = JsonSerializer.SerializeToUtf8Bytes(new { category = answered, summary = name }),
                Reason = random.NextDouble() < 0.01 ? "SHP.SCHEMA./summary" : null,
                StopReason = "end_turn",
                Model = "claude-haiku-4-5-20251001",
                Batch = $"b-{i / 500}",
                Tokens = new TokenCounts(200 + name.Length, 40 + random.Next(20), 0, 0, 0, 0, 0, InUs: false),
                MaxTokens = 300,
                CostUsd = 0.0004,
            });
        }

        return profiler.ToProfile();
    }
}
