using Muster.Batches;
using Muster.Requests;
using Muster.Results;
using Muster.Runs;
using Muster.Sources;
using Muster.Staging;
using Muster.Stores;
using Muster.Verdicts;

namespace Muster.Simulation.Stores;

/// <summary>The store's verbs over <see cref="MemoryState"/>. Each one changes everything or, when it throws or refuses, nothing.</summary>
internal sealed partial class MemoryStore(MemoryState state) : IStore
{
    /// <summary>For a mutant: a result that a request already has is taken once more.</summary>
    public bool ForgetsResults { get; init; }

    public Task<Run> OpenRunAsync(RunOpening opening, CancellationToken cancellationToken = default)
    {
        var id = state.Runs.Count + 1;
        var run = new Run
        {
            Id = id, Name = $"r-{id}", Tag = opening.Tag, Job = opening.Job, JobVersion = opening.JobVersion, Snapshot = opening.Snapshot,
            Kind = opening.Kind, State = RunState.Reading, Fingerprint = opening.Fingerprint, Columns = opening.Columns, OpenedAt = opening.At,
            Unpiloted = opening.Unpiloted,
        };
        state.Runs.Add(run);
        state.Books[id] = new long[8];
        if (opening.Pick is not null)
            state.Picks[id] = opening.Pick;
        return Task.FromResult(run);
    }

    public Task<Run> RunAsync(long runId, CancellationToken cancellationToken = default) => Task.FromResult(RunOf(runId));

    public Task<IReadOnlyList<Run>> RunsAsync(CancellationToken cancellationToken = default) => Task.FromResult<IReadOnlyList<Run>>([.. state.Runs]);

    public Task<bool> MoveRunAsync(long runId, RunState to, string? why, DateTimeOffset at, CancellationToken cancellationToken = default)
    {
        var run = RunOf(runId);
        var books = state.Books[runId];
        if (!RunStates.CanMove(run.State, to) || (to == RunState.Done && books[(int)RowState.Pending] + books[(int)RowState.InFlight] > 0))
            return Task.FromResult(false);
        state.Runs[(int)runId - 1] = run with { State = to, Why = why, EndedAt = RunStates.IsFinal(to) ? at : null };
        if (to != RunState.Canceled)
            return Task.FromResult(true);
        foreach (var row in state.Rows.Where(row => row.RunId == runId && row.State == RowState.Pending))
        {
            Move(row, RowState.Canceled);
            row.Reason = Reasons.Canceled;
        }

        return Task.FromResult(true);
    }

    public Task<Recorded> RecordRowsAsync(
        long runId, long after, IReadOnlyList<SourceRow> rows, RepeatedKey repeated, CancellationToken cancellationToken = default)
    {
        var run = RunOf(runId);
        if (run.Records != after || run.State != RunState.Reading)
            throw Refused($"Recording source records after {after}: the run is {run.State} after {run.Records}.");
        int merged = 0, duplicates = 0, added = 0;
        foreach (var source in rows)
        {
            var key = source.Fault is null ? source.Key : null;
            var (reason, detail) = (source.Fault?.Reason, source.Fault?.Detail);
            if (key is not null && state.Rows.Exists(row => row.RunId == runId && row.Key == key))
            {
                if (repeated == RepeatedKey.Merge)
                {
                    merged++;
                    continue;
                }

                duplicates++;
                (key, reason, detail) = (null, Reasons.DuplicateKey, $"The key {Excerpt.Quoted(source.Key!)} stands on an earlier line.");
            }

            var to = reason is null ? RowState.Pending : RowState.Quarantined;
            var row = new MemoryRow { Id = state.Rows.Count + 1, RunId = runId, Key = key, Line = source.Line, Input = source.Input, State = to, Reason = reason };
            state.Rows.Add(row);
            state.Books[runId][(int)to]++;
            if (reason is not null)
                state.Evidence[row.Id] = new MemoryEvidence(0, detail, default);
            added++;
        }

        state.Runs[(int)runId - 1] = run with { Records = run.Records + rows.Count, Merged = run.Merged + merged };
        return Task.FromResult(new Recorded(added, merged, duplicates));
    }

    public Task<IReadOnlyList<PendingCount>> PendingAsync(long runId, LaneRows of, CancellationToken cancellationToken = default) =>
        Task.FromResult<IReadOnlyList<PendingCount>>(
            [.. state.Rows.Where(row => row.RunId == runId && row.State == RowState.Pending && of.Has(row.Spent)).GroupBy(row => row.Tier).OrderBy(tier => tier.Key)
                .Select(tier => new PendingCount(tier.Key, tier.Count(row => row.Attempt == 0), tier.Count(row => row.Attempt > 0)))]);

    public async IAsyncEnumerable<AskRow> ReadPendingAsync(
        long runId, int tier, LaneRows of, int limit, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        foreach (var row in Pending(runId, tier).Where(row => of.Has(row.Spent)).Take(limit).ToList())
            yield return Ask(row, row.Attempt + 1, null);
    }

    public Task SetAsideAsync(long runId, IReadOnlyList<SetAside> rows, CancellationToken cancellationToken = default)
    {
        foreach (var aside in rows)
        {
            if (state.Row(aside.RowId) is not { State: RowState.Pending } row || row.RunId != runId)
                continue;
            Move(row, RowState.Quarantined);
            row.Reason = aside.Reason;
            state.Evidence[row.Id] = new MemoryEvidence(0, aside.Detail, default);
        }

        return Task.CompletedTask;
    }

    /// <summary>Nobody decides anything in a simulation.</summary>
    public Task<DateTimeOffset?> DecidedAtAsync(long runId, CancellationToken cancellationToken = default) => Task.FromResult<DateTimeOffset?>(null);

    public Task<Ledger> LedgerAsync(long runId, CancellationToken cancellationToken = default)
    {
        var run = RunOf(runId);
        var books = state.Books[runId];
        return Task.FromResult(new Ledger(run.Records - run.Merged, books[2], books[3], books[4], books[5], books[6], books[7], books[0], books[1]));
    }

    public Task<IReadOnlyList<Usage>> UsageAsync(long runId, CancellationToken cancellationToken = default) =>
        Task.FromResult<IReadOnlyList<Usage>>(
            [.. state.Usage.Where(entry => entry.Key.Run == runId).Select(entry =>
            {
                var s = entry.Value;
                return new Usage(entry.Key.Tier, entry.Key.Model, s[0], s[1], s[2], s[3], s[4], s[5], s[6], s[7], s[8], s[9]);
            })]);

    public Task<IReadOnlyList<ReasonCount>> ReasonsAsync(long runId, CancellationToken cancellationToken = default) =>
        Task.FromResult<IReadOnlyList<ReasonCount>>(
            [.. state.Rows.Where(row => row.RunId == runId && row.State > RowState.Succeeded).GroupBy(row => (row.State, Reason: row.Reason ?? ""))
                .Select(group => new ReasonCount(group.Key.State, group.Key.Reason, group.Count()))
                .OrderByDescending(count => count.Rows).ThenBy(count => count.Reason, StringComparer.Ordinal)]);

    public Task<IReadOnlyDictionary<long, CoveredLines>> CoveredLinesAsync(long runId, CancellationToken cancellationToken = default) =>
        Task.FromResult<IReadOnlyDictionary<long, CoveredLines>>(state.Batches.Where(batch => batch.Value.RunId == runId).ToDictionary(
            batch => batch.Value.Id, batch => new CoveredLines(state.Row(batch.Value.FirstRowId).Line, state.Row(batch.Value.LastRowId).Line)));

    /// <summary>No simulated scenario writes a report.</summary>
    public Task<Ladder> LadderAsync(long runId, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    /// <inheritdoc cref="LadderAsync"/>
    public Task<LaneUse> LaneUseAsync(long runId, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    /// <inheritdoc cref="LadderAsync"/>
    public Task<IReadOnlyList<ValuePair>> ValuesAsync(long runId, ValueQuery query, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public async IAsyncEnumerable<StagedRow> StagedAsync(
        long runId, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        foreach (var (id, staged) in state.Staging.ToList())
        {
            if (state.Row(id) is { State: RowState.Succeeded } row && row.RunId == runId)
                yield return new StagedRow(row.Key!, staged.Attempt, staged.Output, SourceRow.SourceHash(row.Input.Span));
        }
    }

    public async IAsyncEnumerable<EvidenceRow> EvidenceAsync(
        long runId, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        foreach (var row in state.Rows.Where(row => row.RunId == runId && row.State > RowState.Succeeded).ToList())
        {
            var kept = state.Evidence.GetValueOrDefault(row.Id);
            yield return new EvidenceRow(row.Key, row.Line, row.State, row.Reason ?? "", kept?.Message, kept?.Output ?? default);
        }
    }

    public Task<IReadOnlyList<string>> AuditAsync(long runId, CancellationToken cancellationToken = default) =>
        Task.FromResult<IReadOnlyList<string>>(state.Differences(runId));

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private Run RunOf(long runId) => state.Runs[(int)runId - 1];

    private IEnumerable<MemoryRow> Pending(long runId, int tier) =>
        state.Rows.Where(row => row.RunId == runId && row.Tier == tier && row.State == RowState.Pending);

    private AskRow Ask(MemoryRow row, int attempt, string? idPart) =>
        new(row.Id, row.Key!, attempt, row.Variant, row.Variant == VariantKind.Reask ? state.Evidence.GetValueOrDefault(row.Id)?.Message : null,
            row.Input, idPart);

    private void Move(MemoryRow row, RowState to)
    {
        var books = state.Books[row.RunId];
        books[(int)row.State]--;
        books[(int)to]++;
        row.State = to;
    }

    private static StoreException Refused(string what) => new(what, "The transaction was rolled back.");
}
