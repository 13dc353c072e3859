using Muster.Batches;
using Muster.Claude;
using Muster.Runs;

namespace Muster.Cli.Output;

/// <summary>The parts of a run as <c>--json</c> prints them; docs/json-output.md is the contract.</summary>
internal static class RunJson
{
    public static object Run(Run run) => new
    {
        run.Name, run.Job, run.JobVersion, run.Kind, run.State, run.Why, run.OpenedAt, run.EndedAt, run.Records, run.Merged, run.Failed, run.Unpiloted,
    };

    public static object Ledger(Ledger ledger) => new
    {
        ledger.Rows, ledger.Succeeded, ledger.Errored, ledger.Expired, ledger.Canceled, ledger.Quarantined, ledger.HumanQueued,
        ledger.Pending, ledger.InFlight, ledger.Open, ledger.Balances,
    };

    /// <summary>The books of the gold rows; null when the run carries none.</summary>
    public static object? Gold(RunReport report) => report.Gold is { } gold ? Ledger(gold) : null;

    public static object Money(IReadOnlyList<Usage> by)
    {
        var spend = Spend.Of(by);
        return new
        {
            CostUsd = Usd.Of(spend.CostPicoUsd), SyncUsd = Usd.Of(spend.SyncPicoUsd), SavedUsd = Usd.Of(spend.SavedPicoUsd),
            spend.Requests, UnpricedRequests = spend.Unpriced,
            ByTier = by.Select(usage => new
            {
                Tier = usage.Tier + 1, usage.Model, usage.Requests, usage.InputTokens, usage.OutputTokens, usage.CacheReadTokens,
                cache_write_5m_tokens = usage.CacheWrite5mTokens, cache_write_1h_tokens = usage.CacheWrite1hTokens, usage.ThinkingTokens, CostUsd = Usd.Of(usage.CostPicoUsd),
                SyncUsd = Usd.Of(usage.SyncPicoUsd), UnpricedRequests = usage.Unpriced,
            }),
        };
    }

    /// <summary>What the synchronous lane did; null when it did nothing.</summary>
    public static object? Lane(RunReport report) => report.Lane is not { } lane ? null : new
    {
        lane.Requests, lane.Succeeded, lane.Lost, CostUsd = Usd.Of(lane.CostPicoUsd),
    };

    public static object Reasons(RunReport report) => report.Reasons.Select(reason => new { reason.State, reason.Reason, reason.Rows });

    public static object BatchCounts(RunReport report) => new
    {
        Total = report.Batches.Count, Open = report.OpenBatches, Settled = report.SettledBatches,
        Withdrawn = report.Batches.Count(batch => batch.State == BatchState.Withdrawn),
        Adopted = report.Batches.Count(batch => batch.Proof is Proof.Count or Proof.Tag),
    };

    public static object Batch(Batch batch, CoveredLines? lines) => new
    {
        batch.Name, batch.State, batch.Lane, Tier = batch.Tier + 1, Rows = batch.Requests, FirstLine = lines?.First, LastLine = lines?.Last,
        batch.RemoteId, batch.Proof, batch.Why, batch.BodyBytes, batch.BodySha256, batch.SealedAt, batch.GateAt,
        RemoteStatus = batch.Remote?.Status, batch.Remote?.CreatedAt, batch.Remote?.ExpiresAt, batch.Remote?.EndedAt,
        batch.Remote?.Counts.Succeeded, batch.Remote?.Counts.Errored, batch.Remote?.Counts.Canceled, batch.Remote?.Counts.Expired,
        ResultsKeptUntil = BatchTimes.ResultsKeptUntil(batch), ArchiveFile = batch.Archive?.File, ArchiveSha256 = batch.Archive?.Sha256,
        ArchiveLines = batch.Archive?.Lines,
    };
}
