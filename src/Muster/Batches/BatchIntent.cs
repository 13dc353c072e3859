using Muster.Evals;

namespace Muster.Batches;

/// <summary>What is made durable before any byte of a create leaves.</summary>
/// <param name="LastRowId">The batch is the first pending rows of the tier in row order, up to this one, and <see cref="Gold"/>; 0 when that is all.</param>
/// <param name="HashedIds">Rows whose key does not stand readable in the <c>custom_id</c>, with what stands there.</param>
/// <param name="ReservedPicoUsd">The estimated cost, held against the cap until the batch settles.</param>
/// <param name="CapPicoUsd">The job's spending cap, or null.</param>
/// <param name="ListedUntil">Creation time of the newest batch that the remote listed before the seal, on its clock; ours is not older.</param>
/// <param name="QueueCap">How many requests of ours may be unfinished at once, over all runs of the store.</param>
internal sealed record BatchIntent(
    long RunId, int Tier, string Nonce, int Requests, long LastRowId, IReadOnlyList<HashedId> HashedIds, long BodyBytes, string BodySha256,
    string ApiVersion, long ReservedPicoUsd, long? CapPicoUsd, int QueueCap, DateTimeOffset? ListedUntil, DateTimeOffset At)
{
    /// <summary>The gold rows among its requests, behind the run's own rows.</summary>
    public IReadOnlyList<GoldRider> Gold { get; init; } = [];

    /// <summary>Whose pending rows it takes.</summary>
    public LaneRows Rows { get; init; } = LaneRows.All;

    /// <summary>What the run may spend in the synchronous lane; of interest there alone.</summary>
    public long? LaneCapPicoUsd { get; init; }
}

internal sealed record HashedId(long RowId, string IdPart);

/// <summary>The store's answer to an intent.</summary>
internal abstract record IntendOutcome
{
    private IntendOutcome() { }

    public sealed record Sealed(Batch Batch) : IntendOutcome;

    /// <summary>Spent plus reserved plus this estimate would pass the cap.</summary>
    public sealed record OverCap(long SpentPicoUsd, long ReservedPicoUsd) : IntendOutcome;

    /// <summary>The same of what the synchronous lane may spend.</summary>
    public sealed record OverLaneCap(long SpentPicoUsd, long ReservedPicoUsd) : IntendOutcome;

    /// <summary>Too many requests of ours are unfinished; wait for batches to end.</summary>
    public sealed record QueueFull(int Unfinished) : IntendOutcome;

    /// <summary>The pending rows are not those that the intent was made from.</summary>
    public sealed record RowsMoved(int Found) : IntendOutcome;
}

/// <summary>Remote ids as one intent sees them.</summary>
/// <param name="Excluded">Proven to be another batch's, or shown by their tag not to be this one's.</param>
/// <param name="Contested">Held by another batch by count alone: perhaps this one's, until a tag decides.</param>
internal sealed record RemoteClaims(IReadOnlySet<string> Excluded, IReadOnlySet<string> Contested);

/// <summary>The store's answer to a confirmation.</summary>
internal abstract record ConfirmOutcome
{
    private ConfirmOutcome() { }

    public sealed record Confirmed : ConfirmOutcome;

    /// <summary>Another id is proven for this intent, or its nonce was replaced: the id given is a duplicate.</summary>
    public sealed record Duplicate(string? ProvenId) : ConfirmOutcome;
}
