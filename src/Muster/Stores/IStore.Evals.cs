using Muster.Evals;
using Muster.Promotion;
using Muster.Runs;

namespace Muster.Stores;

/// <summary>Evals: the sets that runs were opened with, the gold rows they carry, grades, the baseline and what was overruled.</summary>
internal partial interface IStore
{
    /// <summary>The eval set that a run was opened with; null when it has none.</summary>
    Task<StoredEvalSet?> EvalSetAsync(long runId, CancellationToken cancellationToken = default);

    /// <summary>The books of a run's gold rows; null when it carries none.</summary>
    Task<Ledger?> GoldLedgerAsync(long runId, CancellationToken cancellationToken = default);

    /// <summary>The number that the next new row gets.</summary>
    Task<long> NextRowIdAsync(CancellationToken cancellationToken = default);

    /// <summary>One row as it stands, by its key; null when the run has none such.</summary>
    Task<RowAnswer?> AnswerAsync(long runId, string key, CancellationToken cancellationToken = default);

    /// <summary>The rows with a key as they stand, in row order; for runs of a few rows.</summary>
    IAsyncEnumerable<RowAnswer> AnswersAsync(long runId, CancellationToken cancellationToken = default);

    /// <summary>Keeps a grade; one of the same run, source, set and judge takes the place of an earlier one.</summary>
    Task<StoredGrade> RecordGradeAsync(StoredGrade grade, CancellationToken cancellationToken = default);

    /// <summary>The grades of a job's runs, oldest first.</summary>
    Task<IReadOnlyList<StoredGrade>> GradesAsync(string job, CancellationToken cancellationToken = default);

    /// <summary>Makes a grade the one that later grades of the set are compared with.</summary>
    Task LockBaselineAsync(StoredGrade grade, string who, DateTimeOffset at, CancellationToken cancellationToken = default);

    Task<EvalBaseline?> BaselineAsync(string job, string setName, CancellationToken cancellationToken = default);

    Task RecordOverrideAsync(PromotionOverride overruled, CancellationToken cancellationToken = default);

    /// <summary>What was overruled to promote a run, oldest first.</summary>
    Task<IReadOnlyList<PromotionOverride>> OverridesAsync(long runId, CancellationToken cancellationToken = default);
}
