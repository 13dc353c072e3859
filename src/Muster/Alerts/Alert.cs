using Muster.Jobs;
using Muster.Runs;

namespace Muster.Alerts;

/// <summary>Something a person should hear of. Counts, names of ours and reason codes only: text of rows and of answers never leaves.</summary>
/// <param name="Id">Names the alert, also when it is delivered more than once.</param>
/// <param name="Reason">The reason code, or null.</param>
/// <param name="Text">One sentence of ours.</param>
/// <param name="Batches">Batches whose results are about to be lost.</param>
internal sealed record Alert(
    string Id, AlertKind Kind, DateTimeOffset At, string Job, string Run, string? Reason, string Text, Ledger Ledger, long CostPicoUsd,
    IReadOnlyList<ExpiringBatch> Batches);

internal sealed record ExpiringBatch(string Batch, string RemoteId, DateTimeOffset LostAt);
