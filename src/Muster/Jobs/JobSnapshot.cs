using System.Text.Json;
using System.Text.Json.Serialization;

namespace Muster.Jobs;

/// <summary>A job as JSON, so that a run keeps the job it was started with. Equal jobs give equal text.</summary>
internal static class JobSnapshot
{
    public static string ToJson(Job job) => JsonSerializer.Serialize(Sorted(job), JobSnapshotContext.Default.Job);

    /// <exception cref="JsonException">The text is not a snapshot of this form.</exception>
    public static Job FromJson(string json) =>
        JsonSerializer.Deserialize(json, JobSnapshotContext.Default.Job) ?? throw new JsonException("The snapshot is null.");

    private static Job Sorted(Job job) => job with
    {
        Prompt = job.Prompt with { Values = Sorted(job.Prompt.Values) },
        Tiers = [.. job.Tiers.Select(tier => tier with { Params = Sorted(tier.Params) })],
    };

    private static SortedDictionary<string, string> Sorted(IReadOnlyDictionary<string, string> texts) => new(texts.ToDictionary(), StringComparer.Ordinal);
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    UseStringEnumConverter = true,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(Job))]
internal sealed partial class JobSnapshotContext : JsonSerializerContext;
