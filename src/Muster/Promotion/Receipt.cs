namespace Muster.Promotion;

/// <param name="PlanId">The plan to apply.</param>
/// <param name="PromotionId">Names the promotion from now on; unused until now.</param>
/// <param name="Seed">Chooses the keys that are read back.</param>
public sealed record ApplyRequest(string PlanId, string PromotionId, int Seed)
{
    public string Actor { get; init; } = "";

    /// <summary>The hash of the plan that was looked at; another one stored under the same id is refused. Null does not ask.</summary>
    public string? PlanHash { get; init; }

    /// <summary>As <see cref="PlanRequest.SourceNow"/>, judged once more.</summary>
    public IAsyncEnumerable<SourceState>? SourceNow { get; init; }
}

public enum PromotionState
{
    Live,
    RolledBack,

    /// <summary>Live for good: its images are removed.</summary>
    Final,
}

/// <summary>What a promotion did.</summary>
/// <param name="Listed">Up to 20 keys that were not written and why; <see cref="ITarget.RowsAsync"/> has them all.</param>
public sealed record Receipt(
    string PromotionId,
    string PlanId,
    string RunId,
    string Target,
    string PlanHash,
    string Actor,
    DateTimeOffset At,
    PromotionState State,
    PromotionCounts Counts,
    IReadOnlyList<PromotionExample> Listed)
{
    /// <summary>True when keys changed between plan and apply: they are skipped, the rest is written.</summary>
    public bool Stale { get; init; }

    /// <summary>True when this call wrote nothing because the plan was applied before.</summary>
    public bool AlreadyApplied { get; init; }
}

/// <summary>One key of a promotion.</summary>
/// <param name="Undone">What a rollback did with it; null when there was none or it had nothing to do.</param>
public sealed record PromotedRow(string Key, int Attempt, PromotionOp Op, string? Detail, UndoOutcome? Undone);

public enum UndoOutcome { Restored, Deleted, Conflict }

public enum RollbackMode
{
    /// <summary>Count and list, write nothing.</summary>
    DryRun,
    Write,
}

public sealed record RollbackRequest(string PromotionId, RollbackMode Mode = RollbackMode.Write)
{
    /// <summary>Keys that are put back although someone changed them since.</summary>
    public IReadOnlySet<string> ForceKeys { get; init; } = new HashSet<string>();
}

/// <summary>What a rollback did, or would do.</summary>
/// <param name="Restored">Updates whose before-image is back.</param>
/// <param name="Deleted">Inserts that are gone.</param>
/// <param name="Conflicts">Keys left alone: changed or removed by someone since.</param>
/// <param name="Listed">The first 20 conflicts with both values.</param>
public sealed record RollbackReceipt(
    string PromotionId, RollbackMode Mode, long Restored, long Deleted, long Conflicts, IReadOnlyList<RollbackConflict> Listed)
{
    /// <summary>True when the promotion was rolled back before; the counts are those of that time.</summary>
    public bool AlreadyRolledBack { get; init; }
}

/// <param name="Written">What the promotion wrote; null when it is no longer kept.</param>
/// <param name="Now">What is there now; null when the row is gone.</param>
public sealed record RollbackConflict(string Key, string Detail, string? Written, string? Now);

/// <param name="Keys">Keys read back.</param>
/// <param name="Wrong">Keys among them that do not hold what was written, at most all of them.</param>
/// <param name="Written">Rows the log says were written.</param>
/// <param name="Present">Rows of those that the target has.</param>
public sealed record Verification(int Keys, IReadOnlyList<string> Wrong, long Written, long Present)
{
    public bool Holds => Wrong.Count == 0 && Written == Present;
}
