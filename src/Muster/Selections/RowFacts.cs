using System.Text.Json;
using Muster.Runs;

namespace Muster.Selections;

/// <summary>What a selector may ask of a row.</summary>
/// <param name="Key">Empty for a row that has none.</param>
internal sealed record RowFacts(string Key, RowState State)
{
    /// <summary>With its detail, as <c>SHP.SCHEMA./category</c>; null when nothing is wrong.</summary>
    public string? Reason { get; init; }

    public string? Run { get; init; }

    /// <summary>Local and remote names of every batch that carried it.</summary>
    public IReadOnlyList<string> Batches { get; init; } = [];

    public string? Issue { get; init; }

    /// <summary>What its run's profile counts it under, as <c>script=Latin</c>.</summary>
    public IReadOnlyList<string> Slices { get; init; } = [];

    /// <summary>From 1.</summary>
    public int Tier { get; init; } = 1;

    public DateTimeOffset ChangedAt { get; init; }

    /// <summary>The answer as it is kept, or null.</summary>
    public JsonElement? Output { get; init; }
}

/// <summary>What a selector's words refer to: the time, and the keys of each file it names.</summary>
internal sealed record SelectorContext(DateTimeOffset Now, IReadOnlyDictionary<string, IReadOnlySet<string>> KeyFiles)
{
    /// <summary>Numbers of issues by fingerprint; a selector may name an issue either way.</summary>
    public IReadOnlyDictionary<string, string> IssueNames { get; init; } = new Dictionary<string, string>();
}
