using Muster.Evals;
using Muster.Promotion;
using Muster.Runs;

namespace Muster.Simulation.Stores;

/// <summary>The simulated jobs carry no gold rows and are graded by nobody.</summary>
internal sealed partial class MemoryStore
{
    public Task<StoredEvalSet?> EvalSetAsync(long runId, CancellationToken cancellationToken = default) => Task.FromResult<StoredEvalSet?>(null);

    public Task<Ledger?> GoldLedgerAsync(long runId, CancellationToken cancellationToken = default) => Task.FromResult<Ledger?>(null);

    public Task<long> NextRowIdAsync(CancellationToken cancellationToken = default) => Task.FromResult(state.Rows.Count + 1L);

    public Task<RowAnswer?> AnswerAsync(long runId, string key, CancellationToken cancellationToken = default) =>
        Task.FromResult(state.Rows.Find(row => row.RunId == runId && row.Key == key) is { } row ? AnswerOf(row) : null);

    public async IAsyncEnumerable<RowAnswer> AnswersAsync(
        long runId, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        foreach (var row in state.Rows.Where(row => row.RunId == runId && row.Key is not null).ToList())
            yield return AnswerOf(row);
    }

    public Task<StoredGrade> RecordGradeAsync(StoredGrade grade, CancellationToken cancellationToken = default) => throw Refused("Keeping a grade");

    public Task<IReadOnlyList<StoredGrade>> GradesAsync(string job, CancellationToken cancellationToken = default) => Task.FromResult<IReadOnlyList<StoredGrade>>([]);

    public Task LockBaselineAsync(StoredGrade grade, string who, DateTimeOffset at, CancellationToken cancellationToken = default) => throw Refused("Locking a baseline");

    public Task<EvalBaseline?> BaselineAsync(string job, string setName, CancellationToken cancellationToken = default) => Task.FromResult<EvalBaseline?>(null);

    public Task RecordOverrideAsync(PromotionOverride overruled, CancellationToken cancellationToken = default) => throw Refused("Overruling a gate");

    public Task<IReadOnlyList<PromotionOverride>> OverridesAsync(long runId, CancellationToken cancellationToken = default) => Task.FromResult<IReadOnlyList<PromotionOverride>>([]);

    private RowAnswer AnswerOf(MemoryRow row) => new(row.Key!, row.State, row.Reason, row.Input,
        state.Staging.TryGetValue(row.Id, out var staged) ? staged.Output : state.Evidence.GetValueOrDefault(row.Id)?.Output ?? default);
}
