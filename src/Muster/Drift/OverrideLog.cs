using System.Text.Json;

namespace Muster.Drift;

/// <summary>Overrides of holds, one JSON object a line, appended in the store's folder before the promotion they let through.</summary>
internal sealed class OverrideLog(string folder)
{
    private static readonly JsonSerializerOptions Form = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private readonly string path = Path.Combine(folder, "drift-overrides.jsonl");

    public void Append(DriftOverride one)
    {
        using var file = OwnerOnly.Open(path, FileMode.Append);
        file.Write(JsonSerializer.SerializeToUtf8Bytes(one, Form));
        file.WriteByte((byte)'\n');
        file.Flush(flushToDisk: true);
    }

    /// <summary>Oldest first; a line that a kill cut off is none.</summary>
    public IReadOnlyList<DriftOverride> Read()
    {
        if (!File.Exists(path))
            return [];
        var overrides = new List<DriftOverride>();
        foreach (var line in File.ReadLines(path))
        {
            try
            {
                if (JsonSerializer.Deserialize<DriftOverride>(line, Form) is { } one)
                    overrides.Add(one);
            }
            catch (JsonException)
            {
                // Its promotion was never begun.
            }
        }

        return overrides;
    }
}
