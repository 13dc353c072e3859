using Muster.Claude;

namespace Muster.Runs;

/// <summary>The equation that always balances: rows = succeeded + errored + expired + canceled + quarantined + human-queued + open.</summary>
public sealed record Ledger(
    long Rows, long Succeeded, long Errored, long Expired, long Canceled, long Quarantined, long HumanQueued, long Pending, long InFlight)
{
    public long Open => Pending + InFlight;

    public long Accounted => Succeeded + Errored + Expired + Canceled + Quarantined + HumanQueued + Open;

    public bool Balances => Rows == Accounted;

    public override string ToString() =>
        $"{Amount.Of(Rows, "row")} = {Amount.Grouping(Succeeded)} succeeded + {Amount.Grouping(Errored)} errored + {Amount.Grouping(Expired)} expired"
        + $" + {Amount.Grouping(Canceled)} canceled + {Amount.Grouping(Quarantined)} quarantined + {Amount.Grouping(HumanQueued)} human-queued"
        + $" + {Amount.Grouping(Open)} open";
}

/// <summary>Tokens and money by tier and returned model, counted once per succeeded request.</summary>
/// <param name="CostPicoUsd">What the batch cost, in 10⁻¹² US dollars; only of requests whose model has a price.</param>
/// <param name="SyncPicoUsd">What the same requests cost at the synchronous price.</param>
/// <param name="Unpriced">Requests whose model has no price: their cost is unknown, not zero.</param>
public sealed record Usage(
    int Tier, string Model, long Requests, long InputTokens, long OutputTokens, long CacheWrite5mTokens, long CacheWrite1hTokens,
    long CacheReadTokens, long ThinkingTokens, long CostPicoUsd, long SyncPicoUsd, long Unpriced);

/// <summary>Requests of the synchronous lane; their usage and cost are part of the run's.</summary>
/// <param name="Lost">Requests that left and were never answered: they may be billed, and are in no sum.</param>
public sealed record LaneUse(long Requests, long Succeeded, long Lost, long CostPicoUsd)
{
    /// <summary>As every surface says it.</summary>
    public override string ToString() =>
        $"synchronous lane: {Amount.Of(Requests, "call")}, {Amount.Grouping(Succeeded)} answered, {Usd.Text(CostPicoUsd)} at the full price"
        + (Lost > 0 ? $"; {Amount.Grouping(Lost)} lost without a reply, which may be billed and are in no sum" : "");
}

public sealed record ReasonCount(RowState State, string Reason, long Rows);

/// <param name="Added">New rows.</param>
/// <param name="Merged">Records joined to an earlier row with the same content key.</param>
/// <param name="Duplicates">Records whose key an earlier row has: rows in quarantine.</param>
internal sealed record Recorded(int Added, int Merged, int Duplicates);

/// <summary>What a key that an earlier row has means.</summary>
internal enum RepeatedKey
{
    /// <summary>The key is a key column: the record is a row of its own in quarantine, <c>REQ.DUPLICATE_KEY</c>.</summary>
    SetAside,

    /// <summary>The key is the content's hash: the record is the same row.</summary>
    Merge,
}

/// <param name="FirstAsk">Rows never asked before.</param>
/// <param name="Again">Rows to be asked again, or at a further tier.</param>
internal sealed record PendingCount(int Tier, long FirstAsk, long Again);

/// <summary>What is kept of a row that a person must look at.</summary>
internal sealed record EvidenceRow(string? Key, string Line, RowState State, string Reason, string? Message, ReadOnlyMemory<byte> Output)
{
    /// <summary>In the store.</summary>
    public long RowId { get; init; }

    /// <summary>Of the last request; 0 when it was never asked.</summary>
    public int Attempt { get; init; }

    /// <summary>True when a rerun asked the row again: its answer there is the one that stands.</summary>
    public bool IsTakenOver { get; init; }
}

/// <summary>The source lines of a batch's first and last row, as <c>products.csv:17</c>; a tail batch leaves out rows between them.</summary>
internal sealed record CoveredLines(string First, string Last);
