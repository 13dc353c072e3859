using System.Text.Json;

namespace Muster.Contracts;

/// <param name="Keyword">The keyword, or the name of a property.</param>
/// <param name="Element">The keyword's value.</param>
/// <param name="Pointer">Its place in the contract's document.</param>
internal sealed record MergedPart(string Keyword, JsonElement Element, string Pointer);

/// <summary>
/// A schema together with what <c>allOf</c> and a <c>$ref</c> beside other keywords add to it, as one. Parts that cannot be one are
/// said in words.
/// </summary>
internal sealed class MergedSchema
{
    /// <summary>References that one schema may draw in; repeated doubling would otherwise grow without end.</summary>
    private const int MaxParts = 200;

    private static readonly string[] Single = ["type", "enum", "const", "items", "minItems", "anyOf", "oneOf", "title", "description", "default", "format"];
    private static readonly string[] BesideRef = ["type", "enum", "const", "items", "minItems", "anyOf", "oneOf", "allOf", "properties", "required", "additionalProperties"];
    private static readonly string[] Annotations = ["title", "description", "default"];

    private readonly CompiledSchema _compiled;
    private readonly Dictionary<string, MergedPart> _parts = [];
    private readonly List<string> _words = [];
    private readonly HashSet<string> _active = [];
    private int _count;

    public MergedSchema(CompiledSchema compiled, JsonElement element, string pointer)
    {
        _compiled = compiled;
        Add(element, pointer, isOwn: true);
    }

    public Dictionary<string, MergedPart> Properties { get; } = [];

    public List<string> Required { get; } = [];

    public IReadOnlyList<string> Words => _words;

    public bool HasPrefix { get; private set; }

    /// <summary>The target, when the schema is a reference and stays one.</summary>
    public string? RefPointer { get; private set; }

    public MergedPart? Part(string keyword) => _parts.GetValueOrDefault(keyword);

    public JsonElement? Find(string keyword) => Part(keyword)?.Element;

    private void Add(JsonElement element, string pointer, bool isOwn)
    {
        if (element.ValueKind != JsonValueKind.Object)
        {
            if (element.ValueKind == JsonValueKind.False)
            {
                _words.Add("must be absent");
            }

            return;
        }

        _words.AddRange(ApiWords.Of(element));
        HasPrefix |= element.TryGetProperty("prefixItems", out _);
        foreach (var keyword in Single.Where(keyword => element.TryGetProperty(keyword, out _)))
        {
            AddSingle(new MergedPart(keyword, element.GetProperty(keyword), JsonPointer.Under(pointer, keyword)));
        }

        AddProperties(element, pointer);
        if (_compiled.Nodes[pointer].Ref is { } target)
        {
            if (isOwn && !BesideRef.Any(keyword => element.TryGetProperty(keyword, out _)))
            {
                RefPointer = target.Pointer;
            }
            else
            {
                AddReferenced(target.Pointer);
            }
        }

        if (element.TryGetProperty("allOf", out var all))
        {
            var index = 0;
            foreach (var item in all.EnumerateArray())
            {
                Add(item, JsonPointer.Under(JsonPointer.Under(pointer, "allOf"), index++), isOwn: false);
            }
        }
    }

    private void AddReferenced(string target)
    {
        if (++_count > MaxParts || !_active.Add(target))
        {
            _words.Add($"matches the schema at #{target}");
            return;
        }

        Add(_compiled.Elements[target], target, isOwn: false);
        _active.Remove(target);
    }

    private void AddSingle(MergedPart part)
    {
        if (_parts.TryAdd(part.Keyword, part) || Annotations.Contains(part.Keyword)
            || JsonElement.DeepEquals(_parts[part.Keyword].Element, part.Element))
        {
            return;
        }

        _words.Add(part.Keyword is "anyOf" or "oneOf"
            ? ApiWords.OneOf(part)
            : $"also matches {{\"{part.Keyword}\":{ApiSchema.Compact(part.Element)}}}");
    }

    private void AddProperties(JsonElement element, string pointer)
    {
        if (element.TryGetProperty("properties", out var properties))
        {
            foreach (var property in properties.EnumerateObject())
            {
                var under = JsonPointer.Under(JsonPointer.Under(pointer, "properties"), property.Name);
                if (!Properties.TryAdd(property.Name, new MergedPart(property.Name, property.Value, under))
                    && !JsonElement.DeepEquals(Properties[property.Name].Element, property.Value))
                {
                    _words.Add($"has under {Excerpt.Quoted(property.Name)} a value that also matches {ApiSchema.Compact(property.Value)}");
                }
            }
        }

        if (element.TryGetProperty("required", out var required))
        {
            Required.AddRange(required.EnumerateArray().Select(name => name.GetString()!).Where(name => !Required.Contains(name)));
        }
    }
}
