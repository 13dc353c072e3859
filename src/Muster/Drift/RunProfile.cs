using System.Text.Json;
using Muster.Statistics;

namespace Muster.Drift;

/// <summary>
/// All that drift checks know of a run: counts and sums of bounded size, whatever the number of rows. Stored with the run, so that a
/// later run is compared without reading this one again.
/// </summary>
internal sealed record RunProfile
{
    public const int CurrentForm = 1;

    private static readonly JsonSerializerOptions Form = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public int FormVersion { get; init; } = CurrentForm;

    public required long Rows { get; init; }

    /// <summary>Rows with an output that is JSON.</summary>
    public required long Answered { get; init; }

    /// <summary>The sum of all keys' hashes: rows lost and rows doubled change it, their order does not.</summary>
    public required ulong KeySum { get; init; }

    public required IReadOnlyDictionary<string, long> Reasons { get; init; }

    public required IReadOnlyDictionary<string, long> StopReasons { get; init; }

    public required IReadOnlyDictionary<string, long> Models { get; init; }

    /// <summary>Rows that carried a cap, and those of them whose output ended within 2 % of it.</summary>
    public required Share NearCap { get; init; }

    public required IReadOnlyList<FieldProfile> Fields { get; init; }

    public required IReadOnlyList<long> LengthRatios { get; init; }

    public required OutputGroupProfile Groups { get; init; }

    public required PairingProfile Pairing { get; init; }

    public required EconomicsProfile Economics { get; init; }

    /// <summary>Slices of at least <see cref="SliceTable.MinRows"/> rows, by name; the first is the whole run.</summary>
    public required IReadOnlyList<SliceProfile> Slices { get; init; }

    /// <summary>Row-in-slice observations that found no room among <see cref="SliceTable.MaxSlices"/> slices.</summary>
    public required long SliceCuts { get; init; }

    public string ToJson() => JsonSerializer.Serialize(this, Form);

    /// <returns>Null when the text is of another form, so that a reference of another version counts as none.</returns>
    public static RunProfile? Parse(string json)
    {
        try
        {
            return JsonSerializer.Deserialize<RunProfile>(json, Form) is { FormVersion: CurrentForm } profile ? profile : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

internal readonly record struct Share(long Hits, long N)
{
    public double Value => N == 0 ? 0 : (double)Hits / N;
}

/// <param name="Empty">Null, missing, an empty text or an empty list.</param>
/// <param name="Categories">For a category: the values, the first of which stands for all beyond the bound.</param>
internal sealed record FieldProfile(string Pointer, FieldKind Kind, Share Empty, IReadOnlyList<string> Categories, IReadOnlyList<long> Counts);

/// <param name="Largest">Outputs in the largest group of equal ones, never more than there are.</param>
/// <param name="Distinct">Estimated number of different outputs; the estimate's error is about 3 %.</param>
internal sealed record OutputGroupProfile(long N, long Largest, double Distinct);

/// <param name="Matched">Share of an output's words found in its own input.</param>
/// <param name="Shifted">The same in another row's input.</param>
/// <param name="Gap">Matched less shifted, row by row.</param>
internal sealed record PairingProfile(Moments Matched, Moments Shifted, Moments Gap);

internal sealed record EconomicsProfile(Moments InputTokens, Moments OutputTokens, Moments CachedShare, Moments CostUsd);

/// <summary>One slice: rows that share one or two values.</summary>
/// <param name="Predicates"><c>name=value</c>, none for the whole run.</param>
/// <param name="Empty">For each field of the profile.</param>
/// <param name="Categories">For each category field, counts in the order of its categories, trailing zeros left out.</param>
internal sealed record SliceProfile(
    IReadOnlyList<string> Predicates, long N, long Answered, long NotAccepted, long CutOff, IReadOnlyList<long> Empty, IReadOnlyList<IReadOnlyList<long>> Categories)
{
    public const string BatchDimension = "batch";

    [System.Text.Json.Serialization.JsonIgnore]
    public string Name => Predicates.Count == 0 ? "all rows" : string.Join(" and ", Predicates);

    [System.Text.Json.Serialization.JsonIgnore]
    public bool IsBatch => Predicates.Count == 1 && Predicates[0].StartsWith(BatchDimension + "=", StringComparison.Ordinal);
}
