using Muster.Drift;
using Muster.Tests.Requests;

namespace Muster.Tests.Drift;

public sealed class ConfusionTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    public void One_category_answered_as_its_neighbour_in_one_slice_is_named_with_the_slice(int seed)
    {
        var honest = new Catalog { Seed = seed, Rows = 5000 }.Answers();
        var biased = Catalog.Profile(Faults.Confuse(honest, new Random(seed)));
        var report = DriftJudge.Judge(new DriftInput(biased, Catalog.Profile(honest)));

        var found = report.Findings.Where(finding => finding.Check == "A5.confusion").ShouldHaveSingleItem();
        found.Severity.ShouldBe(Severity.Block);
        found.Sentence.ShouldStartWith("/category \"Food\" is answered as \"Drinks\" in slice brand=Corvo");
        found.Reason.ShouldBe("AGG.DRIFT.A5.confusion");
    }

    [Fact]
    public void Known_answers_name_it_from_few_rows_and_without_a_reference()
    {
        var honest = new Catalog { Seed = 8, Rows = 1500 }.Answers();
        var biased = Faults.Confuse(honest, new Random(8)).ToList();
        var report = DriftJudge.Judge(new DriftInput(Catalog.Profile(biased), null) { Transitions = Faults.Moves(honest, biased) });

        var found = report.Findings.Where(finding => finding.Check == "A15.confusion").ShouldHaveSingleItem();
        found.Severity.ShouldBeOneOf(Severity.Warn, Severity.Block);
        found.Sentence.ShouldStartWith("/category \"Food\" is answered as \"Drinks\" in slice brand=Corvo");
    }

    [Fact]
    public void Confusion_in_both_directions_alike_is_no_direction()
    {
        var random = new Random(5);
        var moves = new Transitions();
        for (var i = 0; i < 2000; i++)
        {
            var (right, other) = i % 2 == 0 ? ("Food", "Drinks") : ("Drinks", "Food");
            moves.Add("/category", [], right, random.NextDouble() < 0.3 ? other : right);
        }

        var report = DriftJudge.Judge(new DriftInput(new Catalog { Rows = 100 }.Profile(), null) { Transitions = moves });
        report.Findings.Where(finding => finding.Check == "A15.confusion").ShouldAllBe(finding => finding.Severity == Severity.Ok);
    }

    /// <summary>The real catalog: its own top-level categories are the answers of an honest machine.</summary>
    [Fact]
    public void On_the_real_catalog_the_pair_and_the_slice_are_named_and_nothing_else_alarms()
    {
        var lines = File.ReadLines(RealData.Path("products/products-uhtt-20k.tsv")).Skip(1).Select(line => line.Split('\t')).ToList();
        var honest = lines.Select(fields => Row(fields, Top(fields[4]))).ToList();
        var from = Top("Продукты питания (folder)");
        var random = new Random(21);
        var biased = lines.Zip(honest, (fields, row) => Top(fields[4]) == from && Script(fields[2]) == "Cyrillic" && random.NextDouble() < 0.6
            ? Row(fields, Top("Посуда (folder)")) : row).ToList();

        var reference = Profile(honest);
        var report = DriftJudge.Judge(new DriftInput(Profile(biased), reference));
        var found = report.Findings.Where(finding => finding.Check == "A5.confusion").ShouldHaveSingleItem();
        TestContext.Current.TestOutputHelper?.WriteLine(found.ToString());
        found.Severity.ShouldBe(Severity.Block);
        found.Sentence.ShouldStartWith("/category \"Продукты питания\" is answered as \"Посуда\" in slice script=Cyrillic:");

        DriftJudge.Judge(new DriftInput(reference, reference)).Worst.ShouldBeOneOf(Severity.Ok, Severity.Info, Severity.NotApplicable);

        // Halves drawn by chance are two runs over other rows of the same catalog.
        for (var seed = 1; seed <= 5; seed++)
        {
            var draw = new Random(seed);
            var halves = honest.ToLookup(_ => draw.Next(2));
            var other = DriftJudge.Judge(new DriftInput(Profile(halves[0]), Profile(halves[1])));
            other.Blocks.ShouldBeFalse($"seed {seed}: {other.Sentence}");
        }
    }

    private static string Top(string category) => category.Split('/')[0].Replace(" (folder)", "", StringComparison.Ordinal);

    private static string Script(string name)
    {
        var words = new Words(8);
        words.Add(name);
        return words.Script;
    }

    private static RunRow Row(string[] fields, string category) => new()
    {
        Key = fields[0],
        Input = System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(new[] { fields[0], fields[2] }),
        Output = System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(new { category, summary = fields[2] }),
        StopReason = "end_turn",
        Model = "claude-haiku-4-5-20251001",
        Batch = "b-1",
    };

    private static RunProfile Profile(IEnumerable<RunRow> rows)
    {
        var shape = new ProfileShape([new("category", FieldKind.Category), new("summary", FieldKind.Plain)], [new("ID", IsText: false), new("Name")]);
        var profiler = new Profiler(shape);
        foreach (var row in rows)
            profiler.Add(row);
        return profiler.ToProfile();
    }
}
