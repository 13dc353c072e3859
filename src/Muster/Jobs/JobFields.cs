namespace Muster.Jobs;

/// <param name="Name">As it is written in the file.</param>
/// <param name="Example">The field with a value, for a hint.</param>
/// <param name="Required">True when its map is not valid without it.</param>
internal sealed record JobField(string Name, string Example, bool Required = false);

/// <summary>The fields one map of the job file may hold.</summary>
/// <param name="Name">The map's name, which is also its definition's name in <c>job.schema.json</c>.</param>
/// <param name="Fields">In the order a reader expects them.</param>
internal sealed record FieldSet(string Name, IReadOnlyList<JobField> Fields)
{
    public JobField this[string name] => Fields.First(field => field.Name == name);
}

/// <param name="What">What happens without the field.</param>
internal sealed record AbsentField(string What, string Hint);

/// <summary>Every field of the job file. The loader knows no other, and a test holds <c>job.schema.json</c> to this table.</summary>
internal static class JobFields
{
    public static readonly FieldSet Job = new("job",
    [
        new("job", "job: catalog-enrichment", Required: true),
        new("source", "source: { csv: products.csv, key: sku }", Required: true),
        new("prompt", "prompt: { user: \"{{description}}\" }", Required: true),
        new("tiers", "tiers: [ { model: claude-haiku-4-5, max_tokens: 300 } ]", Required: true),
        new("contract", "contract: { schema: product.schema.json }", Required: true),
        new("target", "target: { sqlite: catalog.db, table: products, key: sku, columns: { category: /category } }"),
        new("pilot", "pilot: { rows: 100, pass: 0.97 }"),
        new("budget", "budget: { usd: 150, failures: 0.02 }"),
        new("limits", "limits: { attempts: 6 }"),
        new("fallback", "fallback: { usd: 5 }"),
        new("slices", "slices: [ brand, country ]"),
        new("evals", "evals: { set: gold.evalset.jsonl }"),
        new("alerts", "alerts: { webhook: https://hooks.example.com/muster, on: [budget, held] }"),
    ]);

    /// <summary>Fields that people look for and that do not exist, with what there is instead.</summary>
    public static readonly IReadOnlyDictionary<string, AbsentField> Absent = new Dictionary<string, AbsentField>(StringComparer.Ordinal)
    {
        ["dedupe"] = new("rows with keys of their own are asked one by one, also when their inputs are equal",
            "Remove it. With `key: { content: [ COLUMNS ] }` rows of equal content are one row, asked and paid once."),
    };

    public static readonly FieldSet Source = new("source",
    [
        new("csv", "csv: products.csv"),
        new("tsv", "tsv: products.tsv.gz"),
        new("jsonl", "jsonl: [ part1.jsonl, part2.jsonl ]"),
        new("sqlite", "sqlite: shop.db"),
        new("query", "query: \"select id, name from products\""),
        new("key", "key: sku", Required: true),
        new("sensitive_key", "sensitive_key: true"),
        new("max_field_chars", "max_field_chars: 100000"),
    ]);

    public static readonly FieldSet ContentKey = new("contentKey",
    [
        new("content", "key: { content: [ text ] }", Required: true),
    ]);

    public static readonly FieldSet Prompt = new("prompt",
    [
        new("system", "system: You sort customer messages."),
        new("system_file", "system_file: system.txt"),
        new("user", "user: \"{{text}}\""),
        new("user_file", "user_file: user.txt"),
        new("values", "values: { tone: plain }"),
    ]);

    public static readonly FieldSet ContractValue = new("contractValue",
    [
        new("contract", "values: { categories: { contract: /properties/category/enum } }", Required: true),
    ]);

    public static readonly FieldSet Tier = new("tier",
    [
        new("model", "model: claude-haiku-4-5", Required: true),
        new("max_tokens", "max_tokens: 300", Required: true),
        new("thinking", "thinking: off"),
        new("effort", "effort: low"),
        new("structured_output", "structured_output: true"),
        new("expected_output_tokens", "expected_output_tokens: 80"),
        new("params", "params: { stop_sequences: [\"END\"] }"),
    ]);

    public static readonly FieldSet ThinkingBudget = new("thinkingBudget",
    [
        new("budget", "thinking: { budget: 2048 }", Required: true),
    ]);

    public static readonly FieldSet Contract = new("contract",
    [
        new("schema", "schema: product.schema.json", Required: true),
        new("human_queue", "human_queue: { properties: { category: { const: null } } }"),
        new("on_violation", "on_violation: reask"),
    ]);

    public static readonly FieldSet Target = new("target",
    [
        new("sqlite", "sqlite: catalog.db"),
        new("csv", "csv: answers.csv"),
        new("jsonl", "jsonl: answers.jsonl"),
        new("table", "table: products"),
        new("key", "key: sku", Required: true),
        new("columns", "columns: { category: /category }", Required: true),
        new("insert", "insert: false"),
    ]);

    public static readonly FieldSet Pilot = new("pilot", [new("rows", "rows: 100"), new("pass", "pass: 0.97"), new("required", "required: false")]);

    public static readonly FieldSet Budget = new("budget", [new("usd", "usd: 150"), new("failures", "failures: 0.02"), new("batches", "batches: 10%")]);

    public static readonly FieldSet Evals = new("evals",
    [
        new("set", "set: gold.evalset.jsonl", Required: true),
        new("gold_rows", "gold_rows: 40"),
        new("judge", "judge: claude-sonnet-5-5"),
    ]);

    public static readonly FieldSet Alerts = new("alerts",
    [
        new("webhook", "webhook: https://hooks.example.com/muster"),
        new("slack", "slack: https://hooks.slack.com/services/T0/B0/X"),
        new("on", "on: [budget, paused, held, done, expiring]"),
    ]);

    public static readonly FieldSet Limits = new("limits",
    [
        new("batch_rows", "batch_rows: 100000"),
        new("batch_bytes", "batch_bytes: 240000000"),
        new("queued_requests", "queued_requests: 200000"),
        new("attempts", "attempts: 6"),
    ]);

    public static readonly FieldSet Fallback = new("fallback", [new("usd", "usd: 5", Required: true), new("concurrent", "concurrent: 20")]);

    public static readonly IReadOnlyList<FieldSet> All =
        [Job, Source, ContentKey, Prompt, ContractValue, Tier, ThinkingBudget, Contract, Target, Pilot, Budget, Limits, Fallback, Evals, Alerts];
}

/// <summary>The bounds on numbers of the job file, and where they come from.</summary>
internal static class JobBounds
{
    public const int MaxTiers = 10;

    /// <summary>Rows, paths, columns and values that one file may list.</summary>
    public const int MaxListed = 1_000;

    /// <summary>The API's cap on requests in one batch.</summary>
    public const int MaxBatchRows = 100_000;

    /// <summary>The API's cap on a create body, 256 MB, read as the smaller of its two meanings.</summary>
    public const long MaxBatchBytes = 256_000_000;

    /// <summary>The queue of the API's highest published tier.</summary>
    public const int MaxQueuedRequests = 500_000;

    public const int MaxAttempts = 20;

    /// <summary>Synchronous calls at once; the API's rate limits are per minute, and a wave waits for its slowest call.</summary>
    public const int MaxConcurrent = 100;

    /// <summary>Above every model's cap; the model's own is checked by the request rules.</summary>
    public const int MaxOutputTokens = 1_000_000;

    /// <summary>A row must fit a request of 32 MB, the API's cap on a single message.</summary>
    public const int MaxFieldChars = 10_000_000;

    public const int MaxPilotRows = 10_000;

    /// <summary>Of a batch of 100,000 requests.</summary>
    public const int MaxGoldRows = 1_000;
    public const decimal MaxUsd = 10_000_000m;
}
