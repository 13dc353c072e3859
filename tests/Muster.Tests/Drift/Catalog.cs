using System.Text.Json;
using Muster.Drift;
using Muster.Results;

namespace Muster.Tests.Drift;

/// <summary>A made catalog and a machine that answers it: what an honest run looks like, row by row.</summary>
internal sealed record Catalog
{
    public static readonly string[] Categories = ["Food", "Drinks", "Tools", "Toys", "Clothing", "Household", "Garden", "Media"];

    private static readonly double[] Shares = [0.22, 0.16, 0.15, 0.12, 0.11, 0.10, 0.08, 0.06];
    private static readonly string[] Brands = ["Arden", "Bolt", "Corvo", "Dunja"];
    private static readonly string[] Stems = ["sole", "hammer", "cocoa", "linen", "beech", "valve", "apple", "cotton", "ruler", "candle", "pepper", "copper"];

    public const string Schema =
        """
        {"type":"object","required":["category","features","summary"],"properties":{
          "category":{"enum":["Food","Drinks","Tools","Toys","Clothing","Household","Garden","Media",null]},
          "features":{"type":"array","items":{"type":"string"}},
          "summary":{"type":"string"}}}
        """;

    public static readonly ProfileShape Shape = ProfileShape.Of(Schema, [new("sku", IsText: false), new("name"), new("brand", IsSlice: true)]);

    public int Seed { get; init; } = 1;

    public int Rows { get; init; } = 4000;

    public int BatchRows { get; init; } = 500;

    public string Prefix { get; init; } = "p";

    /// <summary>Each row, or what a fault makes of it; null loses it.</summary>
    public Func<Random, Answer, Answer?> Fault { get; init; } = (_, answer) => answer;

    public sealed record Answer(string Key, string Brand, string? Category, string Name, string Summary)
    {
        public string? Reason { get; init; }

        public string StopReason { get; init; } = "end_turn";

        public string Model { get; init; } = "claude-haiku-4-5-20251001";

        public string Batch { get; init; } = "";

        public TokenCounts Tokens { get; init; }

        public double CostUsd { get; init; }
    }

    public IReadOnlyList<Answer> Answers()
    {
        var random = new Random(Seed);
        var answers = new List<Answer>();
        for (var i = 0; i < Rows; i++)
        {
            var answer = Honest(random, i);
            if (Fault(random, answer) is { } seen)
                answers.Add(seen);
        }

        return answers;
    }

    public RunProfile Profile() => Profile(Answers());

    public static RunProfile Profile(IEnumerable<Answer> answers)
    {
        var profiler = new Profiler(Shape);
        foreach (var answer in answers)
            profiler.Add(Row(answer));
        return profiler.ToProfile();
    }

    public static RunRow Row(Answer answer) => new()
    {
        Key = answer.Key,
        Input = JsonSerializer.SerializeToUtf8Bytes(new[] { answer.Key, answer.Name, answer.Brand }),
        Output = answer.Reason is null or "HUM.REQUESTED"
            ? JsonSerializer.SerializeToUtf8Bytes(new { category = answer.Category, features = answer.Name.Split(' ').Take(2), summary = answer.Summary })
            : default,
        Reason = answer.Reason,
        StopReason = answer.StopReason,
        Model = answer.Model,
        Batch = answer.Batch,
        Tokens = answer.Tokens,
        MaxTokens = 300,
        CostUsd = answer.CostUsd,
    };

    private Answer Honest(Random random, int i)
    {
        var draw = random.NextDouble();
        var category = 0;
        while (category < Shares.Length - 1 && (draw -= Shares[category]) > 0)
            category++;
        var words = string.Join(' ', Enumerable.Range(0, 3 + random.Next(6)).Select(_ => Stems[random.Next(Stems.Length)] + random.Next(400)));
        var key = $"{Prefix}-{i:D6}";
        var isSparse = random.NextDouble() < 0.04;
        var isRejected = random.NextDouble() < 0.01;
        var isFallback = random.NextDouble() < 0.05;
        var extra = string.Join(' ', Enumerable.Range(0, random.Next(6)).Select(_ => "made" + random.Next(50)));
        var output = 40 + random.Next(30);
        return new Answer(key, Brands[random.Next(Brands.Length)], isSparse ? null : Categories[category], words, $"A product called {words} {extra}")
        {
            Reason = isRejected ? "SHP.SCHEMA./summary" : isSparse ? "HUM.REQUESTED" : null,
            Model = isFallback ? "claude-sonnet-5-5-20260301" : "claude-haiku-4-5-20251001",
            Batch = $"b-{Prefix}-{i / BatchRows}",
            Tokens = new TokenCounts(60 + random.Next(20), output, 0, 0, random.NextDouble() < 0.9 ? 1024 : 0, 0, 0, InUs: false),
            CostUsd = 0.0001 + output * 0.000002,
        };
    }
}
