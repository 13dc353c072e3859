using Muster.Batches;
using Muster.Requests;
using Muster.Runs;

namespace Muster.Results;

/// <summary>A request as the results are joined to it.</summary>
/// <param name="Spent">Requests already made for the row that count against the job's limit.</param>
/// <param name="Tries">Requests at this tier whose answer was not acceptable.</param>
internal sealed record RequestRow(
    long RequestId, long RowId, string Key, int Attempt, string? IdPart, int Tier, int Spent, int Tries, VariantKind Variant);

public enum ResultType { Succeeded, Errored, Canceled, Expired }

/// <summary>One result and what becomes of its row, ready to be recorded.</summary>
internal sealed record ResultRecord(long RequestId, long RowId, ResultType Type, RowMove Move)
{
    /// <summary>Null unless succeeded: only succeeded requests are billed.</summary>
    public Billing? Billing { get; init; }

    /// <summary>The row ends with it and is one of the job's <c>budget.failures</c>.</summary>
    public bool FailsRow { get; init; }

    /// <summary>The platform failed the request, which counts against its batch.</summary>
    public bool FailsBatch { get; init; }

    /// <summary>The accepted output, or what a person must look at; empty for none.</summary>
    public ReadOnlyMemory<byte> Output { get; init; }

    /// <summary>What was wrong, for a person and for a re-ask.</summary>
    public string? Message { get; init; }
}

/// <summary>Where the row goes.</summary>
internal sealed record RowMove(RowState State, int Tier, int Spent, int Tries, VariantKind Variant, string? Reason);

/// <param name="CostPicoUsd">Null when the model has no price.</param>
internal sealed record Billing(
    string Model, long InputTokens, long OutputTokens, long CacheWrite5mTokens, long CacheWrite1hTokens, long CacheReadTokens,
    long ThinkingTokens, long? CostPicoUsd, long? SyncPicoUsd);
