using System.Text.Json;

namespace Muster.Evals;

/// <summary>Frozen cases with what is expected of them, and how each field is compared.</summary>
/// <param name="Hash">SHA-256 over comparators and cases: the same content has the same hash, whatever the order of its cases.</param>
/// <param name="Fields">How each expected field is compared, by JSON pointer.</param>
internal sealed record EvalSet(string Id, int Version, string Hash, IReadOnlyDictionary<string, Comparator> Fields, IReadOnlyList<EvalCase> Cases)
{
    public override string ToString() => $"{Id}@{Version}";
}

/// <param name="Key">The row's key in the source.</param>
/// <param name="Expect">Expected values by JSON pointer, as JSON.</param>
internal sealed record EvalCase(string Key, IReadOnlyDictionary<string, JsonElement> Expect)
{
    /// <summary>What is asked, by column; null when the source's row of this key is.</summary>
    public IReadOnlyDictionary<string, string>? Input { get; init; }

    /// <summary>Hex of the source row's hash for which the answer is expected; null when any row of this key will do.</summary>
    public string? InputHash { get; init; }

    /// <summary>Its failure alone stops a promotion.</summary>
    public bool MustPass { get; init; }

    /// <summary>For the reported mean; tests count each case once.</summary>
    public double Weight { get; init; } = 1;

    public string? Cluster { get; init; }

    public IReadOnlyList<string> Slices { get; init; } = [];

    /// <summary>Where the case is from, as <c>review#8812</c>.</summary>
    public string? Origin { get; init; }
}
