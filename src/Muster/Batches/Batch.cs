namespace Muster.Batches;

/// <summary>Requests submitted together. The local identity comes first, the remote one second.</summary>
public sealed record Batch
{
    public required long Id { get; init; }

    /// <summary>What people call it: <c>b-1</c>.</summary>
    public required string Name { get; init; }

    public required long RunId { get; init; }
    public required int Tier { get; init; }
    public required BatchState State { get; init; }
    public Lane Lane { get; init; }

    /// <summary>Eight Crockford characters: the name of one try to create it.</summary>
    public required string Nonce { get; init; }

    /// <summary>Requests in it: a fingerprint, distinct among open intents.</summary>
    public required int Requests { get; init; }

    public required long BodyBytes { get; init; }
    public required string BodySha256 { get; init; }
    public required string ApiVersion { get; init; }
    public required DateTimeOffset SealedAt { get; init; }

    /// <summary>When the last bytes were let go, on the remote's clock; null before.</summary>
    public DateTimeOffset? GateAt { get; init; }

    /// <summary>Creation time of the newest batch listed before the seal, on the remote's clock; null when there was none.</summary>
    public DateTimeOffset? ListedUntil { get; init; }

    public string? RemoteId { get; init; }
    public Proof? Proof { get; init; }

    /// <summary>The last the remote said of it.</summary>
    public RemoteBatch? Remote { get; init; }

    public DateTimeOffset? NextPollAt { get; init; }
    public Results.Archive? Archive { get; init; }

    /// <summary>Why it is withdrawn or unknown.</summary>
    public string? Why { get; init; }

    public long FirstRowId { get; init; }
    public long LastRowId { get; init; }
}

public enum BatchState
{
    /// <summary>Its intent is durable; no complete body has left.</summary>
    Sealed,

    /// <summary>The gate is open: the last bytes may have left.</summary>
    Sending,

    /// <summary>The create's outcome is not known; it is looked for in the list.</summary>
    Unknown,

    /// <summary>It exists at the remote under a known id.</summary>
    Created,

    /// <summary>The remote finished it; results are to be fetched.</summary>
    Ended,

    /// <summary>Its results are ours, whole.</summary>
    Archived,

    /// <summary>Every result is applied.</summary>
    Settled,

    /// <summary>It was never created; its rows wait again.</summary>
    Withdrawn,

    /// <summary>
    /// Its results are gone for good and the run was canceled, or the process died while it waited for synchronous replies: its rows
    /// are errored, and what it cost is not known.
    /// </summary>
    Lost,
}

/// <summary>The legal moves, written once; CHECK constraints and docs/lifecycle.md repeat the states.</summary>
public static class BatchStates
{
    private static readonly Dictionary<BatchState, BatchState[]> Moves = new()
    {
        [BatchState.Sealed] = [BatchState.Sending, BatchState.Withdrawn],
        // Without a remote batch, replies are all there is: kept, or lost with the process.
        [BatchState.Sending] = [BatchState.Created, BatchState.Unknown, BatchState.Withdrawn, BatchState.Archived, BatchState.Lost],
        [BatchState.Unknown] = [BatchState.Created, BatchState.Withdrawn],
        [BatchState.Created] = [BatchState.Ended, BatchState.Unknown, BatchState.Lost],
        // A late reply outranks a candidate taken by count, however far that one is.
        [BatchState.Ended] = [BatchState.Archived, BatchState.Unknown, BatchState.Created, BatchState.Lost],
        [BatchState.Archived] = [BatchState.Settled],
        [BatchState.Settled] = [],
        [BatchState.Withdrawn] = [],
        [BatchState.Lost] = [],
    };

    /// <summary>True when nothing of the batch is awaited any more.</summary>
    public static bool IsOver(BatchState state) => Moves[state].Length == 0;

    public static bool CanMove(BatchState from, BatchState to) => Array.IndexOf(Moves[from], to) >= 0;

    public static IEnumerable<(BatchState From, BatchState To)> All() =>
        Moves.SelectMany(move => move.Value.Select(to => (move.Key, to)));
}

/// <summary>Why we hold a remote id to be ours: the create's reply, a unique candidate of the same count, or our tag in its results.</summary>
public enum Proof
{
    Reply,
    Count,
    Tag,
}
