namespace Muster.Simulator;

/// <summary>What really happened at the remote, whatever any client believes; a snapshot.</summary>
public sealed record Truth
{
    /// <summary>Batches that exist or existed, also those whose reply was lost.</summary>
    public long BatchesCreated { get; init; }

    public long RequestsAccepted { get; init; }

    /// <summary>Distinct (row, attempt) pairs accepted; see docs/simulator.md for what makes two ids one pair.</summary>
    public long PairsAccepted { get; init; }

    /// <summary>Pairs accepted in more than one batch: each is a row that was, or could have been, paid twice.</summary>
    public long PairsAcceptedMoreThanOnce { get; init; }

    /// <summary>The first custom_ids among those.</summary>
    public IReadOnlyList<string> RepeatedIds { get; init; } = [];

    public long CreateCalls { get; init; }

    /// <summary>Calls with <c>x-stainless-retry-count</c> above 0.</summary>
    public long ResentCalls { get; init; }

    /// <summary>Rows that succeeded in ended batches, and their tokens. Batches that nobody downloaded count too.</summary>
    public long RowsBilled { get; init; }

    /// <summary>US dollars of those rows at the batch rate, by the prices of 2026-11-20; models without a known price add 0.</summary>
    public decimal CostDollars { get; init; }

    public long InputTokens { get; init; }

    public long OutputTokens { get; init; }

    public long CacheWriteTokens { get; init; }

    public long CacheReadTokens { get; init; }

    /// <summary>Synchronous messages answered, and their tokens; in no figure above.</summary>
    public long MessagesAnswered { get; init; }

    public long MessageInputTokens { get; init; }

    public long MessageOutputTokens { get; init; }

    /// <summary>Synchronous messages whose body had been answered before.</summary>
    public long MessagesRepeated { get; init; }
}
