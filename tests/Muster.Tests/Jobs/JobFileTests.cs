using Muster.Jobs;

namespace Muster.Tests.Jobs;

public sealed class JobFileTests
{
    private const string Full = """
        job: catalog-2
        source:
          tsv: [ one.tsv, sub/../two.tsv.gz ]
          key: { content: [ name, brand ] }
          sensitive_key: true
          max_field_chars: 500
        prompt:
          system: |
            Tone {{tone}}. Allowed: {{categories}}.
            {{#brand}}Brand {{brand}}{{/brand}}
          user_file: user.txt
          values: { categories: { contract: /properties/category/enum }, tone: plain, list: [ a, b, 3 ], year: 2026 }
        tiers:
          - { model: claude-haiku-4-5, max_tokens: 300, thinking: off, effort: low, structured_output: false, expected_output_tokens: 80 }
          - { model: claude-sonnet-4-6, max_tokens: 4000, thinking: { budget: 2048 }, params: { stop_sequences: ["x"], metadata: { user_id: null, n: 1.50, b: true, t: "1" } } }
          - { model: claude-opus-5-5, max_tokens: 4000, thinking: adaptive }
        contract: { schema: product.schema.json, human_queue: { properties: { category: { const: null } } }, on_violation: reask }
        target: { jsonl: out/answers.jsonl, key: id, columns: { all: "", cat: /category/0/a~1b }, insert: false }
        pilot: { rows: 50, pass: 97.5% }
        budget: { usd: 12.50, failures: 0 }
        limits: { batch_rows: 3, batch_bytes: 1000, queued_requests: 5, attempts: 2 }
        evals: { set: gold.evalset.jsonl, gold_rows: 40, judge: claude-sonnet-5-5 }
        """;

    [Fact]
    public void Every_field_arrives()
    {
        using var folder = new TempFolder();
        folder.Write("product.schema.json", JobText.Schema);
        folder.Write("user.txt", "\uFEFFName: {{name}}\n");

        var job = JobFile.Load(folder.Write("catalog.job.yaml", Full));

        job.Name.ShouldBe("catalog-2");
        job.Directory.ShouldBe(folder.Path);
        job.Source.Format.ShouldBe(SourceFormat.Tsv);
        job.Source.Paths.ShouldBe([Path.Combine(folder.Path, "one.tsv"), Path.Combine(folder.Path, "two.tsv.gz")]);
        job.Source.Key.Columns.ShouldBe(["name", "brand"]);
        (job.Source.Key.FromContent, job.Source.Key.Sensitive, job.Source.MaxFieldChars).ShouldBe((true, true, 500));
        job.Prompt.System.ShouldBe("Tone {{tone}}. Allowed: {{categories}}.\n{{#brand}}Brand {{brand}}{{/brand}}\n");
        job.Prompt.User.ShouldBe("Name: {{name}}\n");
        job.Prompt.Values.ShouldBe(new Dictionary<string, string> { ["categories"] = "Tea, Coffee", ["tone"] = "plain", ["list"] = "a, b, 3", ["year"] = "2026" });
        job.Contract.SchemaJson.ShouldBe(JobText.Schema);
        job.Contract.SchemaPath.ShouldBe(Path.Combine(folder.Path, "product.schema.json"));
        job.Contract.HumanQueueJson.ShouldBe("""{"properties":{"category":{"const":null}}}""");
        job.Contract.OnViolation.ShouldBe(OnViolation.Reask);
        job.Target!.Kind.ShouldBe(TargetKind.Jsonl);
        job.Target.Path.ShouldBe(Path.Combine(folder.Path, "out", "answers.jsonl"));
        job.Target.Columns.ShouldBe([new ColumnSpec("all", ""), new ColumnSpec("cat", "/category/0/a~1b")]);
        job.Target.Insert.ShouldBeFalse();
        job.Pilot.ShouldBe(new PilotSpec(50, 0.975));
        job.Budget.ShouldBe(new BudgetSpec(12.50m, 0));
        job.Limits.ShouldBe(new LimitSpec { BatchRows = 3, BatchBytes = 1000, QueuedRequests = 5, Attempts = 2 });
        job.Evals.ShouldBe(new EvalSpec(Path.Combine(folder.Path, "gold.evalset.jsonl")) { GoldRows = 40, Judge = "claude-sonnet-5-5" });
    }

    [Fact]
    public void Every_field_of_a_tier_arrives()
    {
        using var folder = new TempFolder();
        folder.Write("product.schema.json", JobText.Schema);
        folder.Write("user.txt", "x");

        var tiers = JobFile.Load(folder.Write("catalog.job.yaml", Full)).Tiers;

        tiers.Select(t => t.Model).ShouldBe(["claude-haiku-4-5", "claude-sonnet-4-6", "claude-opus-5-5"]);
        tiers.Select(t => t.Thinking).ShouldBe([ThinkingKind.Disabled, ThinkingKind.Enabled, ThinkingKind.Adaptive]);
        (tiers[0].Effort, tiers[0].StructuredOutput, tiers[0].ExpectedOutputTokens).ShouldBe(("low", false, 80));
        tiers[1].ThinkingBudgetTokens.ShouldBe(2048);
        tiers[1].Params["stop_sequences"].ShouldBe("""["x"]""");
        tiers[1].Params["metadata"].ShouldBe("""{"user_id":null,"n":1.50,"b":true,"t":"1"}""");
    }

    [Fact]
    public void What_is_left_out_has_the_documented_default()
    {
        var job = JobText.Load(string.Join('\n', JobText.Good.Split('\n').Take(5)));

        job.Target.ShouldBeNull();
        job.Pilot.ShouldBe(new PilotSpec());
        (job.Pilot.Required, job.Evals).ShouldBe((true, null));
        job.Budget.ShouldBe(new BudgetSpec());
        job.Limits.ShouldBe(new LimitSpec());
        job.Contract.OnViolation.ShouldBe(OnViolation.Escalate);
        (job.Tiers[0].Thinking, job.Tiers[0].Effort, job.Tiers[0].StructuredOutput).ShouldBe((ThinkingKind.Unset, null, true));
        job.Prompt.System.ShouldBeNull();
    }

    [Fact]
    public void A_database_is_a_source()
    {
        var job = JobText.Load(JobText.With("source", "source: { sqlite: shop.db, query: \"select 1 as id\", key: id }"));

        (job.Source.Format, job.Source.Query).ShouldBe((SourceFormat.Sqlite, "select 1 as id"));
    }

    [Fact]
    public void Another_source_file_replaces_the_jobs()
    {
        var job = JobText.Load(JobText.With("source", "source: { csv: [a.csv, b.csv], key: k }"), new JobOverrides("/data/./other.csv"));

        job.Source.Paths.ShouldBe(["/data/other.csv"]);
    }

    [Fact]
    public void In_another_source_folder_the_jobs_own_names_are_looked_for()
    {
        using var data = new TempFolder();

        var job = JobText.Load(JobText.With("source", "source: { csv: [x/a.csv, b.csv], key: k }"), new JobOverrides(data.Path));

        job.Source.Paths.ShouldBe([Path.Combine(data.Path, "a.csv"), Path.Combine(data.Path, "b.csv")]);
    }

    [Theory]
    [InlineData("no")]
    [InlineData("off")]
    [InlineData("2026-11-21")]
    [InlineData("\"12\"")]
    [InlineData("'true'")]
    public void Words_that_other_YAML_readers_convert_stay_text(string key)
    {
        JobText.Load(JobText.With("source", $"source: {{ csv: a.csv, key: {key} }}")).Source.Key.Columns.ShouldBe([key.Trim('"', '\'')]);
    }
}
