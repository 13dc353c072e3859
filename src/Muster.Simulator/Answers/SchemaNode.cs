using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Muster.Simulator.Answers;

internal enum NodeKind
{
    Object,
    Array,
    Text,
    Number,
    Integer,
    Boolean,
    Null,
    Choice,
}

/// <summary>A JSON Schema as far as an answer needs it; compiled once per distinct schema.</summary>
internal sealed partial record SchemaNode
{
    private const int MaxDepth = 24;

    public required NodeKind Kind { get; init; }

    public bool Nullable { get; init; }

    /// <summary>Lower case; decides what a plain string is about.</summary>
    public string Name { get; init; } = "";

    public IReadOnlyList<SchemaMember> Members { get; init; } = [];

    public SchemaNode? Items { get; init; }

    public int MinItems { get; init; }

    public int MaxItems { get; init; } = int.MaxValue;

    public int MinLength { get; init; }

    public int MaxLength { get; init; } = int.MaxValue;

    public double? Minimum { get; init; }

    public double? Maximum { get; init; }

    public string Format { get; init; } = "";

    /// <summary>Raw JSON of each allowed value, null left out.</summary>
    public IReadOnlyList<byte[]> Choices { get; init; } = [];

    /// <summary>Over the choices, when they are strings.</summary>
    public LabelIndex? Labels { get; init; }

    public static SchemaNode Compile(JsonElement schema) => Compile(schema, schema, "", 0);

    private static SchemaNode Compile(JsonElement schema, JsonElement root, string name, int depth)
    {
        if (schema.ValueKind != JsonValueKind.Object || depth > MaxDepth)
        {
            return new SchemaNode { Kind = NodeKind.Text, Name = name };
        }

        if (schema.TryGetProperty("$ref", out var reference))
        {
            return Compile(Resolve(root, reference.GetString() ?? ""), root, name, depth + 1);
        }

        foreach (var word in (string[])["anyOf", "oneOf"])
        {
            if (schema.TryGetProperty(word, out var options) && options.ValueKind == JsonValueKind.Array && options.GetArrayLength() > 0)
            {
                var nodes = options.EnumerateArray().Select(o => Compile(o, root, name, depth + 1)).ToList();
                return (nodes.Find(n => n.Kind != NodeKind.Null) ?? nodes[0]) with { Nullable = nodes.Exists(n => n.Nullable) };
            }
        }

        if (schema.TryGetProperty("allOf", out var all) && all.ValueKind == JsonValueKind.Array && all.GetArrayLength() > 0)
        {
            return Compile(all[0], root, name, depth + 1);
        }

        return CompileTyped(schema, root, name, depth);
    }

    private static SchemaNode CompileTyped(JsonElement schema, JsonElement root, string name, int depth)
    {
        var types = Types(schema);
        var nullable = types.Contains("null");
        if (schema.TryGetProperty("const", out var only))
        {
            return Choice(name, [only], nullable);
        }

        if (schema.TryGetProperty("enum", out var values) && values.ValueKind == JsonValueKind.Array)
        {
            return Choice(name, [.. values.EnumerateArray()], nullable);
        }

        var type = types.FirstOrDefault(t => t != "null") ?? (schema.TryGetProperty("properties", out _) ? "object"
            : schema.TryGetProperty("items", out _) ? "array" : nullable ? "null" : "string");
        var node = new SchemaNode
        {
            Kind = type switch
            {
                "object" => NodeKind.Object,
                "array" => NodeKind.Array,
                "number" => NodeKind.Number,
                "integer" => NodeKind.Integer,
                "boolean" => NodeKind.Boolean,
                "null" => NodeKind.Null,
                _ => NodeKind.Text,
            },
            Name = name,
            Nullable = nullable,
            MinItems = Whole(schema, "minItems") ?? 0,
            MaxItems = Whole(schema, "maxItems") ?? Said(schema, ItemsSaid()) ?? int.MaxValue,
            MinLength = Whole(schema, "minLength") ?? 0,
            MaxLength = Whole(schema, "maxLength") ?? Said(schema, CharsSaid()) ?? int.MaxValue,
            Minimum = Real(schema, "minimum") ?? Real(schema, "exclusiveMinimum") + 1,
            Maximum = Real(schema, "maximum") ?? Real(schema, "exclusiveMaximum") - 1,
            Format = schema.TryGetProperty("format", out var format) ? format.GetString() ?? "" : "",
        };
        return type switch
        {
            "object" => node with { Members = Properties(schema, root, depth) },
            "array" => node with { Items = schema.TryGetProperty("items", out var items) ? Compile(items, root, name, depth + 1) : null },
            _ => node,
        };
    }

    private static List<SchemaMember> Properties(JsonElement schema, JsonElement root, int depth)
    {
        if (!schema.TryGetProperty("properties", out var properties) || properties.ValueKind != JsonValueKind.Object)
        {
            return [];
        }

        var required = schema.TryGetProperty("required", out var r) && r.ValueKind == JsonValueKind.Array
            ? r.EnumerateArray().Select(n => n.GetString()).ToHashSet(StringComparer.Ordinal)
            : null;

        // A self-reference ends where it is optional.
        return [.. properties.EnumerateObject()
            .Where(p => depth < MaxDepth / 2 || required is null || required.Contains(p.Name))
            .Select(p => new SchemaMember(
                Encoding.UTF8.GetBytes(p.Name), required?.Contains(p.Name) ?? false, Compile(p.Value, root, p.Name.ToLowerInvariant(), depth + 1)))];
    }

    private static SchemaNode Choice(string name, IReadOnlyList<JsonElement> values, bool nullable)
    {
        var kept = values.Where(v => v.ValueKind != JsonValueKind.Null).ToList();
        if (kept.Count == 0)
        {
            return new SchemaNode { Kind = NodeKind.Null, Name = name, Nullable = true };
        }

        return new SchemaNode
        {
            Kind = NodeKind.Choice,
            Name = name,
            Nullable = nullable || kept.Count < values.Count,
            Choices = [.. kept.Select(v => Encoding.UTF8.GetBytes(v.GetRawText()))],
            Labels = new LabelIndex([.. kept.Select(v => v.ValueKind == JsonValueKind.String ? v.GetString()! : "")]),
        };
    }

    private static List<string> Types(JsonElement schema) =>
        !schema.TryGetProperty("type", out var type) ? []
        : type.ValueKind == JsonValueKind.String ? [type.GetString()!]
        : type.ValueKind == JsonValueKind.Array ? [.. type.EnumerateArray().Select(t => t.GetString() ?? "")]
        : [];

    private static JsonElement Resolve(JsonElement root, string reference)
    {
        var at = root;
        foreach (var step in reference.TrimStart('#').Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            if (at.ValueKind != JsonValueKind.Object || !at.TryGetProperty(step.Replace("~1", "/").Replace("~0", "~"), out at))
            {
                return default;
            }
        }

        return at;
    }

    private static int? Whole(JsonElement schema, string name) =>
        schema.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var n) ? n : null;

    private static double? Real(JsonElement schema, string name) =>
        schema.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number ? value.GetDouble() : null;

    /// <summary>Limits that the API's schema dialect cannot express are said in the description.</summary>
    private static int? Said(JsonElement schema, Regex pattern) =>
        schema.TryGetProperty("description", out var text) && text.ValueKind == JsonValueKind.String
            && pattern.Match(text.GetString()!) is { Success: true } match
            && int.TryParse(match.Groups["n"].Value, out var n)
            ? n - (match.Groups["strict"].Success ? 1 : 0)
            : null;

    [GeneratedRegex(@"(?:at most|up to|no more than|maximum of|max\.?|(?<strict>fewer than|under|less than|below))\s+(?<n>\d{1,6})\s+(?:items?|features?|entries|elements|values|strings|keywords|tags)", RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex ItemsSaid();

    [GeneratedRegex(@"(?:at most|up to|no more than|maximum of|max\.?|(?<strict>fewer than|under|less than|below|shorter than))\s+(?<n>\d{1,6})\s+char", RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex CharsSaid();
}

internal sealed record SchemaMember(byte[] Name, bool Required, SchemaNode Node);
