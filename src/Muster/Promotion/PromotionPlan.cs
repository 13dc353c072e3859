using Muster.Staging;

namespace Muster.Promotion;

/// <summary>What a promotion does, or did, with one key.</summary>
public enum PromotionOp
{
    /// <summary>The target has no such key; the row is written.</summary>
    Insert,

    /// <summary>The managed columns differ; they are written.</summary>
    Update,

    /// <summary>The managed columns already hold the output.</summary>
    Unchanged,

    /// <summary><c>PRM.CONFLICT</c>: someone else's change is there and is kept.</summary>
    Conflict,

    /// <summary><c>PRM.SOURCE_CHANGED</c>: the row that was asked about is another one by now.</summary>
    SourceChanged,

    /// <summary>The target has no such key and the job may not insert.</summary>
    Missing,

    /// <summary><c>PRM.CONSTRAINT</c>: the target's own rules refuse the row.</summary>
    Constraint,
}

/// <param name="PlanId">Names the plan from now on; unused until now.</param>
/// <param name="RunId">The run that the staged rows come from.</param>
public sealed record PlanRequest(string PlanId, string RunId)
{
    /// <summary>The default of <see cref="MaxRows"/>: one transaction of this size was measured, more was not.</summary>
    public const int DefaultMaxRows = 2_000_000;

    /// <summary>Who asks, for the receipt.</summary>
    public string Actor { get; init; } = "";

    /// <summary>The source's rows as they are now; a staged key that differs, or is no longer among them, is
    /// <see cref="PromotionOp.SourceChanged"/>. Null takes the source as unchanged.</summary>
    public IAsyncEnumerable<SourceState>? SourceNow { get; init; }

    /// <summary>Keys whose later edits by others are given up: they are planned as updates instead of conflicts.</summary>
    public IReadOnlySet<string> ForceKeys { get; init; } = new HashSet<string>();

    /// <summary>More staged rows than this are refused. Default 2,000,000.</summary>
    public int MaxRows { get; init; } = DefaultMaxRows;
}

/// <summary>A row of the source as it is now.</summary>
/// <param name="Hash">Computed like <see cref="StagedRow.SourceHash"/>.</param>
public sealed record SourceState(string Key, ReadOnlyMemory<byte> Hash);

/// <summary>What a promotion would do.</summary>
/// <param name="Target">The table or file, for people.</param>
/// <param name="Hash">SHA-256 over every planned key, its operation and its content, in hex.</param>
/// <param name="Changes">For each managed column, in how many updates it changes.</param>
/// <param name="Examples">Up to 20 keys that would not stay as they are, in key order, some of each operation.</param>
public sealed record PromotionPlan(
    string PlanId,
    string RunId,
    string Target,
    string Hash,
    DateTimeOffset At,
    PromotionCounts Counts,
    IReadOnlyList<ColumnChange> Changes,
    IReadOnlyList<PromotionExample> Examples);

/// <summary>One number per <see cref="PromotionOp"/>; they add up to the plan's keys.</summary>
public sealed record PromotionCounts(
    long Insert, long Update, long Unchanged, long Conflict, long SourceChanged, long Missing, long Constraint)
{
    public long Total => Insert + Update + Unchanged + Conflict + SourceChanged + Missing + Constraint;

    /// <summary>Rows that are or were written.</summary>
    public long Written => Insert + Update;
}

public sealed record ColumnChange(string Column, long Rows);

/// <param name="Reason">A code of <see cref="Verdicts.Reasons"/>, or null where the operation needs none.</param>
/// <param name="Detail">What stands in the way, for people; null when nothing does.</param>
/// <param name="Before">The managed columns as they are, as a JSON object; null when there is no row.</param>
/// <param name="After">The managed columns as the output has them, as a JSON object.</param>
public sealed record PromotionExample(string Key, PromotionOp Op, string? Reason, string? Detail, string? Before, string? After);
