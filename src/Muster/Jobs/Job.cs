namespace Muster.Jobs;

/// <summary>The definition of the work: what is asked of whom, about which rows, and what an answer must satisfy.</summary>
public sealed record Job
{
    public required string Name { get; init; }

    /// <summary>The folder that relative paths in the job file start from.</summary>
    public required string Directory { get; init; }

    public required SourceSpec Source { get; init; }
    public required PromptSpec Prompt { get; init; }

    /// <summary>Smallest model first; at least one.</summary>
    public required IReadOnlyList<TierSpec> Tiers { get; init; }

    public required ContractSpec Contract { get; init; }

    /// <summary>Null when accepted outputs stay in staging and no promotion is wanted.</summary>
    public TargetSpec? Target { get; init; }

    public BudgetSpec Budget { get; init; } = new();
    public LimitSpec Limits { get; init; } = new();

    /// <summary>The synchronous lane for rows that batches never answered; null leaves them failed.</summary>
    public FallbackSpec? Fallback { get; init; }

    public PilotSpec Pilot { get; init; } = new();

    /// <summary>Columns by whose values a run is looked at in parts when it is compared with an earlier one; at most four.</summary>
    public IReadOnlyList<string> Slices { get; init; } = [];

    /// <summary>What grades each full run while it goes on; null when nothing does.</summary>
    public EvalSpec? Evals { get; init; }

    /// <summary>Who is told when a run stops. No part of what a run keeps: an address may be a secret.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public AlertSpec Alerts { get; init; } = new();
}

public enum SourceFormat { Csv, Tsv, Jsonl, Sqlite }

/// <param name="Format">How the records are written.</param>
/// <param name="Paths">Absolute paths, read in this order as one source; for <see cref="SourceFormat.Sqlite"/> exactly one database.</param>
/// <param name="Key">What makes a row itself.</param>
public sealed record SourceSpec(SourceFormat Format, IReadOnlyList<string> Paths, KeySpec Key)
{
    /// <summary>The query whose result columns are the row's columns; only for <see cref="SourceFormat.Sqlite"/>.</summary>
    public string? Query { get; init; }

    /// <summary>A field longer than this (UTF-16 characters) makes its row <c>REQ.INPUT_TOO_LARGE</c>. Default 100,000.</summary>
    public int MaxFieldChars { get; init; } = 100_000;
}

/// <summary>Either a key column, or columns whose content hash is the key (then equal content is one row, asked once).</summary>
/// <param name="Columns">One column for a key column; one or more for a content key.</param>
/// <param name="FromContent">True when the key is the hash of the columns' content.</param>
/// <param name="Sensitive">True when the key must not appear in a <c>custom_id</c>.</param>
public sealed record KeySpec(IReadOnlyList<string> Columns, bool FromContent = false, bool Sensitive = false);

/// <param name="System">Template of the system prompt, or null.</param>
/// <param name="User">Template of the user message.</param>
/// <param name="Values">Constants a template may name beside the columns, already resolved to text.</param>
public sealed record PromptSpec(string? System, string User, IReadOnlyDictionary<string, string> Values);

public enum ThinkingKind { Unset, Disabled, Adaptive, Enabled }

/// <summary>One rung of the ladder of models.</summary>
public sealed record TierSpec(string Model, int MaxTokens)
{
    public ThinkingKind Thinking { get; init; } = ThinkingKind.Unset;

    /// <summary>Tokens; only with <see cref="ThinkingKind.Enabled"/>.</summary>
    public int? ThinkingBudgetTokens { get; init; }

    /// <summary><c>output_config.effort</c>, or null to leave it to the model.</summary>
    public string? Effort { get; init; }

    /// <summary>True sends the contract's schema as <c>output_config.format</c>.</summary>
    public bool StructuredOutput { get; init; } = true;

    /// <summary>Further fields of <c>params</c>, as raw JSON values by name (for example <c>stop_sequences</c>, <c>tools</c>).</summary>
    public IReadOnlyDictionary<string, string> Params { get; init; } = new Dictionary<string, string>();

    /// <summary>Output tokens to expect per row when estimating; null estimates from the contract and <see cref="MaxTokens"/>.</summary>
    public int? ExpectedOutputTokens { get; init; }
}

public enum OnViolation { Escalate, Reask }

/// <param name="SchemaJson">The JSON Schema as text.</param>
/// <param name="SchemaPath">Where it was read from, for messages.</param>
public sealed record ContractSpec(string SchemaJson, string SchemaPath)
{
    /// <summary>A schema that, when an accepted output matches it, asks for a person; null for none.</summary>
    public string? HumanQueueJson { get; init; }

    public OnViolation OnViolation { get; init; } = OnViolation.Escalate;
}

public enum TargetKind { Sqlite, Csv, Jsonl }

/// <param name="Kind">What is written.</param>
/// <param name="Path">Absolute path of the database or file.</param>
/// <param name="KeyColumn">The target's column that holds the row's key; unique.</param>
/// <param name="Columns">The managed columns: the only ones read for comparison or written.</param>
public sealed record TargetSpec(TargetKind Kind, string Path, string KeyColumn, IReadOnlyList<ColumnSpec> Columns)
{
    /// <summary>The table; only for <see cref="TargetKind.Sqlite"/>.</summary>
    public string? Table { get; init; }

    /// <summary>False lists keys that the target lacks as missing and never inserts them.</summary>
    public bool Insert { get; init; } = true;
}

/// <param name="Column">Name of the target's column.</param>
/// <param name="Pointer">JSON pointer into the accepted output; the empty string is the whole output.</param>
public sealed record ColumnSpec(string Column, string Pointer);

/// <param name="Usd">Spending cap in US dollars, enforced before each submission; null for none.</param>
/// <param name="Failures">Share of rows (0 to 1) that may end quarantined or failed before the run stops with exit code 6.</param>
/// <param name="Batches">
/// Share of a run's batches (0 to 1) that may come back failed by the platform, with more than half of their requests expired or
/// errored by the service, before the run stops with exit code 6.
/// </param>
public sealed record BudgetSpec(decimal? Usd = null, double? Failures = null, double? Batches = null);

/// <summary>Bounds on what is sent. Each has the API's limit as its ceiling.</summary>
public sealed record LimitSpec
{
    /// <summary>Requests in a batch; the API takes 100,000.</summary>
    public int BatchRows { get; init; } = 100_000;

    /// <summary>Serialized bytes of a create body; the API takes 256 MB, and bodies near it have failed for others.</summary>
    public long BatchBytes { get; init; } = 240_000_000;

    /// <summary>Requests of ours that may be unfinished at once; 200,000 is the lowest current tier's queue.</summary>
    public int QueuedRequests { get; init; } = 200_000;

    /// <summary>Requests made for one row in all, over every tier, before it is given up.</summary>
    public int Attempts { get; init; } = 6;
}

/// <param name="Usd">What a run may spend in the synchronous lane, in US dollars, where a request costs twice its price in a batch. Part of the job's spending cap, not beside it.</param>
public sealed record FallbackSpec(decimal Usd)
{
    /// <summary>Calls at once: rows of one wave.</summary>
    public int Concurrent { get; init; } = 20;
}

/// <param name="Rows">Rows of a pilot.</param>
/// <param name="Pass">Share of accepted rows that a pilot must reach, 0 to 1.</param>
/// <param name="Required">True refuses a full run of a version without a locked pilot; false opens it and says so.</param>
public sealed record PilotSpec(int Rows = 100, double? Pass = null, bool Required = true);

/// <param name="SetPath">Absolute path of the eval set whose cases ride in every batch of a full run.</param>
public sealed record EvalSpec(string SetPath)
{
    /// <summary>Gold rows in each batch, 0 to 1,000; null takes one for a hundred rows, at least 30 and at most 200. 0 sends none.</summary>
    public int? GoldRows { get; init; }

    /// <summary>The model that judges fields compared by rubric; null leaves them ungraded.</summary>
    public string? Judge { get; init; }
}

public enum AlertKind
{
    /// <summary>A budget is exceeded: money, failed rows or failed batches.</summary>
    Budget,

    /// <summary>An account-level cause or creates that never arrive stopped submission.</summary>
    Paused,

    /// <summary>The books do not balance, or results of a batch cannot be had.</summary>
    Held,
    Done,

    /// <summary>Results that nobody has read are about to be removed by the remote.</summary>
    Expiring,
}

/// <param name="Webhook">Where alerts go as signed JSON; <c>MUSTER_WEBHOOK_URL</c> takes its place.</param>
/// <param name="Slack">A Slack-compatible incoming webhook; <c>MUSTER_SLACK_URL</c> takes its place.</param>
public sealed record AlertSpec(Uri? Webhook = null, Uri? Slack = null)
{
    /// <summary>What is worth an alert. Default: everything but <see cref="AlertKind.Done"/>.</summary>
    public IReadOnlyList<AlertKind> On { get; init; } = [AlertKind.Budget, AlertKind.Paused, AlertKind.Held, AlertKind.Expiring];
}
