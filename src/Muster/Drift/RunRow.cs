using Muster.Results;

namespace Muster.Drift;

/// <summary>One row of a run as its profile sees it: where it ended and what answered it last.</summary>
internal readonly record struct RunRow
{
    public required string Key { get; init; }

    /// <summary>The source's values as UTF-8 JSON, an array in the order of the shape's columns.</summary>
    public ReadOnlyMemory<byte> Input { get; init; }

    /// <summary>The answer as UTF-8 JSON; empty when there is none, or none that is JSON.</summary>
    public ReadOnlyMemory<byte> Output { get; init; }

    /// <summary>Why the row was not accepted, with its detail; null when it was.</summary>
    public string? Reason { get; init; }

    public string? StopReason { get; init; }

    /// <summary>The id that the API returned, not the one asked for.</summary>
    public string? Model { get; init; }

    public string? Batch { get; init; }

    public TokenCounts Tokens { get; init; }

    /// <summary>The cap the request carried; 0 when unknown.</summary>
    public int MaxTokens { get; init; }

    public double CostUsd { get; init; }
}
