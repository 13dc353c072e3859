using Muster.Drift;
using Muster.Evals;

namespace Muster.Tests.Drift;

/// <summary>One thing that goes wrong while every row by itself looks well, and the checks that must name it.</summary>
/// <param name="Spoil">What becomes of an honest run.</param>
internal sealed record QualityFault(string Name, IReadOnlyList<string> CaughtBy, Func<IReadOnlyList<Catalog.Answer>, IEnumerable<Catalog.Answer>> Spoil)
{
    /// <summary>Answers to the gold rows; as the baseline unless the fault says otherwise.</summary>
    public Func<EvalSet, int, bool> GoldPasses { get; init; } = (_, i) => i % 20 != 0;

    public bool HasTransitions { get; init; }
}

internal static class Faults
{
    public const string BadBatch = "b-now-3";

    private static readonly Lazy<IReadOnlyList<Catalog.Answer>> Honest = new(() => new Catalog { Seed = 42, Prefix = "now" }.Answers());
    private static readonly Lazy<RunProfile> Before = new(() => new Catalog { Seed = 1042, Prefix = "before" }.Profile());

    public static IReadOnlyList<QualityFault> All { get; } =
    [
        new("rows lost", ["A1"], rows => rows.Where((_, i) => i % 100 != 7)),
        new("as many rows lost as counted twice", ["A1"], rows => rows.Select((row, i) => i % 100 == 7 ? rows[i - 1] : row)),
        new("a new failure mode", ["A2"], rows => rows.Select((row, i) => i % 20 == 0 ? row with { Reason = "GEN.REFUSAL" } : row)),
        new("a field silently null", ["A3"], rows => rows.Select((row, i) => i % 10 == 0 ? row with { Summary = "" } : row)),
        new("collapse to one answer", ["A4", "A11"], rows => rows.Select((row, i) => i % 3 == 0
            ? row with { Category = "Food", Name = "fixed words only", Summary = "A product." } : row)),
        new("the category mix changes", ["A5"], rows => rows.Select(row => row.Category is "Garden" or "Media" or "Household" ? row with { Category = "Tools" } : row)),
        new("one category answered as its neighbour in one slice", ["A5.confusion", "A15.confusion"], rows => Confuse(rows, new Random(77))) { HasTransitions = true },
        new("a new label", ["A6"], rows => rows.Select((row, i) => i % 25 == 0 ? row with { Category = "Footwear" } : row)),
        new("truncated outputs whose stop reason hides it", ["A8"], rows => rows.Select((row, i) => i % 4 == 0 ? row with { Summary = row.Summary[..9] } : row)),
        new("truncated outputs", ["A9"], rows => rows.Select((row, i) => i % 12 == 0
            ? row with { StopReason = "max_tokens", Reason = "GEN.MAX_TOKENS", Tokens = row.Tokens with { Output = 300 } } : row)),
        new("outputs joined to the next row", ["A13"], rows => rows.Select((row, i) => i % 5 == 0 && i + 1 < rows.Count ? row with { Summary = rows[i + 1].Summary } : row)),
        new("quality drop with valid shape", ["A15"], rows => rows) { GoldPasses = (_, i) => i % 20 != 0 && i % 7 != 0 },
        new("one bad batch", ["A17"], rows => rows.Select((row, i) => row.Batch == BadBatch && i % 4 == 0 ? row with { Reason = "SHP.NOT_JSON" } : row)),
        new("one slice fails", ["A17"], rows => rows.Select((row, i) => row.Brand == "Bolt" && i % 6 == 0 ? row with { Reason = "SHP.SCHEMA./summary" } : row)),
        new("prompt cache lost", ["A18"], rows => rows.Select(row => row with { Tokens = row.Tokens with { Input = row.Tokens.Input + row.Tokens.CacheRead, CacheRead = 0 } })),
        new("silent model change", ["A19"], rows => rows.Select((row, i) => i > 3000 ? row with { Model = "claude-haiku-4-5-20260901" } : row)),
    ];

    /// <summary>Food answered as Drinks for 60 % of one brand, by the small model only.</summary>
    public static IEnumerable<Catalog.Answer> Confuse(IReadOnlyList<Catalog.Answer> rows, Random random) => rows.Select(row =>
        row is { Category: "Food", Brand: "Corvo" } && row.Model.Contains("haiku") && random.NextDouble() < 0.6 ? row with { Category = "Drinks" } : row);

    public static DriftReport Judge(QualityFault fault)
    {
        var honest = Honest.Value;
        var spoiled = fault.Spoil(honest).ToList();
        var keys = honest.Aggregate(0UL, (sum, row) => unchecked(sum + Profiler.KeyHash(row.Key)));
        var set = Gold(200);
        return DriftJudge.Judge(new DriftInput(Catalog.Profile(spoiled), Before.Value)
        {
            Ledger = new LedgerCount(honest.Count, keys),
            Gold = EvalComparison.Of(Graded(set, i => i % 20 != 0), Graded(set, i => fault.GoldPasses(set, i))),
            Transitions = fault.HasTransitions ? Moves(honest, spoiled) : null,
        });
    }

    public static Transitions Moves(IReadOnlyList<Catalog.Answer> from, IReadOnlyList<Catalog.Answer> to)
    {
        var moves = new Transitions();

        // As if every fifth row's right answer were known.
        foreach (var (right, got) in from.Zip(to).Where((_, i) => i % 5 == 0))
            moves.Add("/category", [$"brand={right.Brand}"], right.Category ?? "null", got.Category ?? "null");
        return moves;
    }

    private static EvalSet Gold(int cases) => new("gold", 1, "sha256:0", new Dictionary<string, Comparator> { ["/category"] = new(CompareKind.Exact) },
        [.. Enumerable.Range(0, cases).Select(i => new EvalCase($"g-{i}", new Dictionary<string, System.Text.Json.JsonElement>
        {
            ["/category"] = System.Text.Json.JsonSerializer.SerializeToElement("Food"),
        }))]);

    private static EvalGrade Graded(EvalSet set, Func<int, bool> passes)
    {
        var number = set.Cases.Select((one, i) => (one.Key, i)).ToDictionary(pair => pair.Key, pair => pair.i);
        return Grader.Grade(set, "v1", one => new EvalAnswer(AnswerState.Answered, System.Text.Encoding.UTF8.GetBytes(passes(number[one.Key]) ? """{"category":"Food"}""" : """{"category":"Toys"}""")));
    }
}
