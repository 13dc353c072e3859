using Muster.Batches;
using Muster.Stores;

namespace Muster.Runs;

public enum ReportScope
{
    /// <summary>Without the reasons, which are counted from the rows: for looking every second.</summary>
    Progress,
    Full,
}

/// <summary>What every surface shows of a run: one read of the books, the money, the batches and the reasons.</summary>
public sealed record RunReport(
    Run Run, Ledger Ledger, IReadOnlyList<Usage> Usage, IReadOnlyList<Batch> Batches, IReadOnlyList<ReasonCount> Reasons)
{
    internal Spend Spend => Spend.Of(Usage);

    /// <summary>The books of the gold rows that rode in its batches: billed with it, no rows of it. Null when it carries none.</summary>
    public Ledger? Gold { get; init; }

    /// <summary>Billed beside <see cref="Usage"/>.</summary>
    internal IReadOnlyList<Duplicate> Duplicates { get; init; } = [];

    /// <summary>What the synchronous lane did; null when it did nothing.</summary>
    public LaneUse? Lane { get; init; }

    /// <summary>Batches that left us, or may have.</summary>
    public IEnumerable<Batch> Sent => Batches.Where(batch => batch.State != BatchState.Withdrawn);

    public int OpenBatches => Batches.Count(batch => !BatchStates.IsOver(batch.State));

    public int SettledBatches => Batches.Count(batch => batch.State == BatchState.Settled);

    /// <summary>Rows in a terminal state.</summary>
    public long ClosedRows => Ledger.Rows - Ledger.Open;

    /// <summary>Null before the first batch has ended.</summary>
    internal Turnaround? Turnaround => Turnaround.Of(Batches);

    /// <summary>Rows that reached a terminal state per minute since the first batch was sealed; null before a batch is settled.</summary>
    public double? RowsPerMinute(DateTimeOffset now)
    {
        if (SettledBatches == 0)
            return null;
        var minutes = ((Run.EndedAt ?? now) - Batches.Min(batch => batch.SealedAt)).TotalMinutes;
        return minutes > 0 ? ClosedRows / minutes : null;
    }

    /// <summary>The job's last run, or null when it has none.</summary>
    internal static async Task<RunReport?> LatestAsync(
        IStore store, string job, ReportScope scope = ReportScope.Full, CancellationToken cancellationToken = default) =>
        (await store.RunsAsync(cancellationToken)).LastOrDefault(run => run.Job == job) is { } last
            ? await ReadAsync(store, last, scope, cancellationToken)
            : null;

    internal static async Task<RunReport> ReadAsync(
        IStore store, Run run, ReportScope scope = ReportScope.Full, CancellationToken cancellationToken = default)
    {
        var batches = await store.BatchesAsync(run.Id, cancellationToken);
        return new(run, await store.LedgerAsync(run.Id, cancellationToken), await store.UsageAsync(run.Id, cancellationToken), batches,
            scope == ReportScope.Full ? await store.ReasonsAsync(run.Id, cancellationToken) : [])
        {
            Duplicates = await store.DuplicatesAsync(run.Id, cancellationToken),
            Gold = run.CarriesGold ? await store.GoldLedgerAsync(run.Id, cancellationToken) : null,
            Lane = batches.Any(batch => batch.Lane == Muster.Batches.Lane.Synchronous) ? await store.LaneUseAsync(run.Id, cancellationToken) : null,
        };
    }
}

/// <summary>What a run cost so far, beside what the same requests cost at the synchronous price.</summary>
/// <param name="Unpriced">Requests whose model has no price: they are in neither sum.</param>
internal sealed record Spend(long CostPicoUsd, long SyncPicoUsd, long Requests, long Unpriced, long InputTokens, long OutputTokens, long CacheReadTokens)
{
    public long SavedPicoUsd => SyncPicoUsd - CostPicoUsd;

    /// <summary>0 to 1 of all prompt tokens; null when there are none.</summary>
    public double? CacheReadShare { get; init; }

    public static Spend Of(IReadOnlyList<Usage> usage)
    {
        var prompt = usage.Sum(u => u.InputTokens + u.CacheReadTokens + u.CacheWrite5mTokens + u.CacheWrite1hTokens);
        return new Spend(usage.Sum(u => u.CostPicoUsd), usage.Sum(u => u.SyncPicoUsd), usage.Sum(u => u.Requests), usage.Sum(u => u.Unpriced),
            usage.Sum(u => u.InputTokens), usage.Sum(u => u.OutputTokens), usage.Sum(u => u.CacheReadTokens))
        {
            CacheReadShare = prompt > 0 ? (double)usage.Sum(u => u.CacheReadTokens) / prompt : null,
        };
    }
}

/// <summary>How long ended batches took at the remote: the only ground for an estimate, as nothing is known inside a batch.</summary>
internal sealed record Turnaround(int Batches, TimeSpan Median, TimeSpan Shortest, TimeSpan Longest)
{
    /// <summary>Half the distance between the shortest and the longest.</summary>
    public TimeSpan Spread => (Longest - Shortest) / 2;

    public static Turnaround? Of(IEnumerable<Batch> batches)
    {
        var took = batches.Select(batch => batch.Remote is { EndedAt: { } ended } remote ? ended - remote.CreatedAt : (TimeSpan?)null)
            .OfType<TimeSpan>().Order().ToList();
        return took.Count == 0 ? null : new Turnaround(took.Count, took[took.Count / 2], took[0], took[^1]);
    }

    /// <summary>When the last of the batches under way ends if it takes as long as the median; null when none is under way.</summary>
    public DateTimeOffset? Eta(IEnumerable<Batch> batches) =>
        batches.Where(batch => batch.State == BatchState.Created && batch.Remote is not null)
            .Max(batch => (DateTimeOffset?)(batch.Remote!.CreatedAt + Median));
}
