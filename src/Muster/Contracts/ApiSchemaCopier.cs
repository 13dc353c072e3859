using System.Text.Json;
using System.Text.Json.Nodes;

namespace Muster.Contracts;

internal sealed class ApiSchemaCopier(CompiledSchema compiled)
{
    /// <summary>The formats that structured outputs enforce.</summary>
    private static readonly string[] Formats = ["date-time", "time", "date", "duration", "email", "hostname", "uri", "ipv4", "ipv6", "uuid"];

    private readonly Dictionary<string, string> _names = [];
    private readonly Queue<string> _wanted = [];
    private readonly Dictionary<string, HashSet<string>> _refs = [];
    private readonly List<string> _spoken = [];
    private readonly List<string> _obstacles = [];
    private string _current = "";

    public IReadOnlyList<string> Spoken => _spoken;

    public IReadOnlyList<string> Obstacles => _obstacles;

    public JsonObject CopyAll(JsonElement root)
    {
        var copy = Copy(root, "", "", type: null);
        var definitions = new JsonObject();
        while (_wanted.TryDequeue(out var pointer))
        {
            _current = pointer;
            definitions[_names[pointer]] = Copy(compiled.Elements[pointer], pointer, $"#{_names[pointer]}", type: null);
        }

        if (definitions.Count > 0)
        {
            copy["$defs"] = definitions;
        }

        foreach (var pointer in _refs.Keys.Where(pointer => Reaches(pointer, pointer, [])))
        {
            _obstacles.Add($"{Name(pointer.Length == 0 ? "" : $"#{_names[pointer]}")} refers to itself, and the API takes no recursive schema.");
        }

        return copy;
    }

    /// <param name="element">The schema to copy.</param>
    /// <param name="pointer">Its place in the contract's document.</param>
    /// <param name="where">Its place as sentences name it.</param>
    /// <param name="type">The type around an alternative, for one that names none itself.</param>
    private JsonObject Copy(JsonElement element, string pointer, string where, JsonElement? type)
    {
        var merged = new MergedSchema(compiled, element, pointer);
        var copy = new JsonObject();
        var words = new List<string>(merged.Words);
        if (merged.RefPointer is { } target)
        {
            copy["$ref"] = Reference(target);
        }

        type = merged.Find("type") ?? type;
        var alternatives = Alternatives(merged, words);
        var isObject = merged.Properties.Count > 0 || Names(type, "object");
        if (type is { } kept && !(alternatives is not null && isObject))
        {
            copy["type"] = Node(kept);
        }

        Annotate(merged, copy, words);
        Values(merged, copy, words);
        _spoken.AddRange(words.Select(phrase => $"{Name(where)} {phrase}."));
        Describe(merged, copy, words);
        if (isObject && alternatives is null)
        {
            Close(merged, copy, where);
        }

        Items(merged, copy, where);
        if (alternatives is { } list)
        {
            copy["anyOf"] = new JsonArray([.. list.Element.EnumerateArray().Select((item, index) => Copy(
                item, JsonPointer.Under(list.Pointer, index), $"{where} (alternative {index + 1})", isObject ? type : null))]);
        }

        return copy;
    }

    private static MergedPart? Alternatives(MergedSchema merged, List<string> words)
    {
        var any = merged.Part("anyOf");
        var one = merged.Part("oneOf");
        if (merged.Properties.Count > 0 || merged.RefPointer is not null)
        {
            // Closed alternatives beside closed properties would leave nothing that both allow.
            words.AddRange(new[] { any, one }.OfType<MergedPart>().Select(part => ApiWords.OneOf(part)));
            return null;
        }

        if (one is not null)
        {
            words.Add(any is null ? "matches exactly one of the alternatives" : ApiWords.OneOf(one));
        }

        return any ?? one;
    }

    private static void Annotate(MergedSchema merged, JsonObject copy, List<string> words)
    {
        if (merged.Find("title") is { } title)
        {
            copy["title"] = Node(title);
        }

        if (merged.Find("default") is { } value)
        {
            copy["default"] = Node(value);
        }

        if (merged.Find("format") is { ValueKind: JsonValueKind.String } format)
        {
            if (Formats.Contains(format.GetString()))
            {
                copy["format"] = Node(format);
            }
            else
            {
                words.Add($"has the format {ApiSchema.Compact(format)}");
            }
        }
    }

    private static void Values(MergedSchema merged, JsonObject copy, List<string> words)
    {
        if (merged.Find("enum") is { } list)
        {
            if (list.EnumerateArray().Any(IsComposite))
            {
                words.Add($"is one of {ApiSchema.Compact(list)}");
            }
            else
            {
                copy["enum"] = Node(list);
            }
        }

        if (merged.Find("const") is { } value)
        {
            if (IsComposite(value))
            {
                words.Add($"equals {ApiSchema.Compact(value)}");
            }
            else
            {
                copy["const"] = Node(value);
            }
        }
    }

    private static void Describe(MergedSchema merged, JsonObject copy, List<string> words)
    {
        var sentences = words.Select(phrase => $"{char.ToUpperInvariant(phrase[0])}{phrase[1..]}.");
        var given = merged.Find("description") is { ValueKind: JsonValueKind.String } text ? text.GetString()!.TrimEnd() : "";
        var all = string.Join(' ', given.Length == 0 ? sentences : sentences.Prepend(given));
        if (all.Length > 0)
        {
            copy["description"] = all;
        }
    }

    private void Close(MergedSchema merged, JsonObject copy, string where)
    {
        var properties = new JsonObject();
        foreach (var (name, part) in merged.Properties.Where(pair => pair.Value.Element.ValueKind != JsonValueKind.False))
        {
            properties[name] = Copy(part.Element, part.Pointer, $"{where}/{JsonPointer.Escape(name)}", type: null);
        }

        foreach (var name in merged.Required.Where(name => !properties.ContainsKey(name)))
        {
            properties[name] = new JsonObject();
        }

        if (properties.Count == 0)
        {
            _obstacles.Add($"{Name(where)} lists no properties, so the API can only return an empty object there.");
        }

        copy["properties"] = properties;
        if (merged.Required.Count > 0)
        {
            copy["required"] = new JsonArray([.. merged.Required.Select(name => JsonValue.Create(name))]);
        }

        copy["additionalProperties"] = false;
    }

    private void Items(MergedSchema merged, JsonObject copy, string where)
    {
        if (merged.Part("items") is { } items && items.Element.ValueKind != JsonValueKind.False && !merged.HasPrefix)
        {
            copy["items"] = Copy(items.Element, items.Pointer, $"{where}/*", type: null);
        }

        if (merged.Find("minItems") is { } minimum)
        {
            copy["minItems"] = minimum.GetDouble() < 1 ? 0 : 1;
        }
    }

    private string Reference(string target)
    {
        if (!_refs.TryGetValue(_current, out var refs))
        {
            _refs[_current] = refs = [];
        }

        refs.Add(target);
        if (target.Length == 0)
        {
            return "#";
        }

        if (!_names.TryGetValue(target, out var name))
        {
            name = target.StartsWith("/$defs/") && target.LastIndexOf('/') == "/$defs".Length
                ? target["/$defs/".Length..].Replace("~1", "_").Replace("~0", "_")
                : target[1..].Replace('/', '_').Replace('~', '_').Replace('$', '_');
            while (_names.ContainsValue(name))
            {
                name += "_";
            }

            _names[target] = name;
            _wanted.Enqueue(target);
        }

        return $"#/$defs/{name.Replace("%", "%25")}";
    }

    private bool Reaches(string from, string target, HashSet<string> seen) =>
        _refs.TryGetValue(from, out var next) && next.Any(pointer => pointer == target || (seen.Add(pointer) && Reaches(pointer, target, seen)));

    private static bool IsComposite(JsonElement value) => value.ValueKind is JsonValueKind.Array or JsonValueKind.Object;

    private static bool Names(JsonElement? type, string name) => type is { } value
        && (value.ValueKind == JsonValueKind.Array ? value.EnumerateArray().Any(item => item.GetString() == name) : value.GetString() == name);

    private static JsonNode? Node(JsonElement element) => JsonNode.Parse(element.GetRawText());

    private static string Name(string where) => where.Length == 0 ? "The output" : where[0] == ' ' ? $"The output{where}" : where;
}
