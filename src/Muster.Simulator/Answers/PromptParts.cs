using System.Collections.Concurrent;
using System.Text.Json;
using Muster.Simulator.Rules;

namespace Muster.Simulator.Answers;

/// <summary>The system prompt: what its bytes weigh, what labels it lists, whether it is marked for the cache.</summary>
internal sealed record SystemPart(ulong Hash, int Bytes, IReadOnlyList<CacheMark> Marks, string Text, LabelIndex? Labels);

/// <summary>The output_config: its compiled schema, if it has one.</summary>
internal sealed record SchemaPart(int Bytes, SchemaNode? Schema);

/// <summary>
/// All rows of a batch carry the same system prompt and schema. Each distinct one is read once and then known by the hash of
/// its raw bytes.
/// </summary>
internal sealed class PromptParts
{
    private const int MaxKept = 4_096;
    private static readonly SystemPart NoSystem = new(0, 0, [], "", null);
    private static readonly SchemaPart NoSchema = new(0, null);
    private readonly ConcurrentDictionary<ulong, SystemPart> _systems = new();
    private readonly ConcurrentDictionary<ulong, IReadOnlyList<CacheMark>> _tools = new();
    private readonly ConcurrentDictionary<ulong, SchemaPart> _schemas = new();

    public SystemPart System(ReadOnlySpan<byte> raw)
    {
        if (raw.IsEmpty)
        {
            return NoSystem;
        }

        var hash = Chance.Hash(1, raw);
        return _systems.TryGetValue(hash, out var known) ? known : Keep(_systems, hash, ReadSystem(raw, hash));
    }

    public SchemaPart Schema(ReadOnlySpan<byte> raw)
    {
        if (raw.IsEmpty)
        {
            return NoSchema;
        }

        var hash = Chance.Hash(2, raw);
        return _schemas.TryGetValue(hash, out var known) ? known : Keep(_schemas, hash, ReadSchema(raw));
    }

    public IReadOnlyList<CacheMark> Tools(ReadOnlySpan<byte> raw)
    {
        if (raw.IsEmpty)
        {
            return [];
        }

        var hash = Chance.Hash(4, raw);
        return _tools.TryGetValue(hash, out var known) ? known : Keep(_tools, hash, CachePrefixes.MarksOf(raw));
    }

    /// <summary>A bare schema, as a tool has one.</summary>
    public SchemaPart ToolSchema(byte[] raw)
    {
        var hash = Chance.Hash(3, raw);
        if (!_schemas.TryGetValue(hash, out var known))
        {
            using var document = JsonDocument.Parse(raw);
            known = Keep(_schemas, hash, new SchemaPart(raw.Length, SchemaNode.Compile(document.RootElement)));
        }

        return known;
    }

    private static T Keep<T>(ConcurrentDictionary<ulong, T> parts, ulong hash, T part)
    {
        if (parts.Count >= MaxKept)
        {
            parts.Clear();
        }

        parts[hash] = part;
        return part;
    }

    private static SystemPart ReadSystem(ReadOnlySpan<byte> raw, ulong hash)
    {
        var text = ReadText(raw);
        return new SystemPart(hash, raw.Length, CachePrefixes.MarksOf(raw), text, PromptLabels.Find(text) is { Count: > 1 } labels ? new LabelIndex(labels) : null);
    }

    private static SchemaPart ReadSchema(ReadOnlySpan<byte> raw)
    {
        using var document = JsonDocument.Parse(raw.ToArray());
        var root = document.RootElement;
        return root.ValueKind == JsonValueKind.Object && root.TryGetProperty("format", out var format)
            && format.ValueKind == JsonValueKind.Object && format.TryGetProperty("schema", out var schema)
            ? new SchemaPart(raw.Length, SchemaNode.Compile(schema))
            : new SchemaPart(raw.Length, null);
    }

    private static string ReadText(ReadOnlySpan<byte> raw)
    {
        using var document = JsonDocument.Parse(raw.ToArray());
        var root = document.RootElement;
        return root.ValueKind == JsonValueKind.String ? SafeText(root)
            : root.ValueKind == JsonValueKind.Array
                ? string.Join('\n', root.EnumerateArray()
                    .Where(b => b.ValueKind == JsonValueKind.Object && b.TryGetProperty("text", out var t) && t.ValueKind == JsonValueKind.String)
                    .Select(b => SafeText(b.GetProperty("text"))))
                : "";
    }

    private static string SafeText(JsonElement element)
    {
        try
        {
            return element.GetString() ?? "";
        }
        catch (InvalidOperationException)
        {
            // A lone surrogate: the raw text is good enough to look for labels in.
            return element.GetRawText();
        }
    }
}
