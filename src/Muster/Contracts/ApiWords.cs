using System.Text.Json;

namespace Muster.Contracts;

/// <summary>Constraints in words, each a verb phrase that a place can stand before: "has at most 5 items".</summary>
internal static class ApiWords
{
    public static string OneOf(MergedPart part) =>
        $"matches {(part.Keyword == "oneOf" ? "exactly" : "at least")} one of {ApiSchema.Compact(part.Element)}";

    /// <summary>What a schema says by itself that the API does not enforce, in the order of the keyword table.</summary>
    public static IEnumerable<string> Of(JsonElement schema) =>
        [.. Objects(schema), .. Arrays(schema), .. Scalars(schema), .. Conditions(schema)];

    private static IEnumerable<string> Objects(JsonElement schema)
    {
        foreach (var (pattern, value) in Members(schema, "patternProperties"))
        {
            yield return $"has under names that match {Text(pattern)} only values that match {ApiSchema.Compact(value)}";
        }

        if (schema.TryGetProperty("propertyNames", out var names))
        {
            yield return $"has only property names that match {ApiSchema.Compact(names)}";
        }

        if (Number(schema, "minProperties") is { } few)
        {
            yield return $"has at least {few} {(few == "1" ? "property" : "properties")}";
        }

        if (Number(schema, "maxProperties") is { } many)
        {
            yield return $"has at most {many} {(many == "1" ? "property" : "properties")}";
        }

        foreach (var (name, needed) in Members(schema, "dependentRequired").Where(pair => pair.Value.GetArrayLength() > 0))
        {
            yield return $"has {string.Join(" and ", needed.EnumerateArray().Select(ApiSchema.Compact))} whenever it has {Text(name)}";
        }

        foreach (var (name, value) in Members(schema, "dependentSchemas"))
        {
            yield return $"matches {ApiSchema.Compact(value)} whenever it has {Text(name)}";
        }
    }

    private static IEnumerable<string> Arrays(JsonElement schema)
    {
        var hasPrefix = schema.TryGetProperty("prefixItems", out var prefix);
        if (hasPrefix)
        {
            yield return $"begins with items that match, in this order, {ApiSchema.Compact(prefix)}";
        }

        if (schema.TryGetProperty("items", out var items) && (hasPrefix || items.ValueKind == JsonValueKind.False))
        {
            yield return items.ValueKind == JsonValueKind.False ? $"has no {(hasPrefix ? "further " : "")}items"
                : $"has further items only when they match {ApiSchema.Compact(items)}";
        }

        if (Number(schema, "minItems") is { } few && schema.GetProperty("minItems").GetDouble() > 1)
        {
            yield return $"has at least {few} items";
        }

        if (Number(schema, "maxItems") is { } many)
        {
            yield return $"has at most {many} {(many == "1" ? "item" : "items")}";
        }

        if (schema.TryGetProperty("uniqueItems", out var unique) && unique.ValueKind == JsonValueKind.True)
        {
            yield return "has no two equal items";
        }

        if (schema.TryGetProperty("contains", out var contains))
        {
            var least = Number(schema, "minContains") ?? "1";
            var most = Number(schema, "maxContains") is { } limit ? $" and at most {limit}" : "";
            yield return $"contains at least {least}{most} {(least == "1" && most.Length == 0 ? "item that matches" : "items that match")} {ApiSchema.Compact(contains)}";
        }
    }

    private static IEnumerable<string> Scalars(JsonElement schema)
    {
        foreach (var (keyword, phrase) in new[]
        {
            ("minimum", "is at least"), ("maximum", "is at most"), ("exclusiveMinimum", "is more than"), ("exclusiveMaximum", "is less than"),
            ("multipleOf", "is a multiple of"),
        })
        {
            if (Number(schema, keyword) is { } limit)
            {
                yield return $"{phrase} {limit}";
            }
        }

        if (Number(schema, "minLength") is { } few)
        {
            yield return $"has at least {few} {(few == "1" ? "character" : "characters")}";
        }

        if (Number(schema, "maxLength") is { } many)
        {
            yield return $"has at most {many} {(many == "1" ? "character" : "characters")}";
        }

        if (schema.TryGetProperty("pattern", out var pattern))
        {
            yield return $"matches the regular expression {pattern.GetString()}";
        }
    }

    private static IEnumerable<string> Conditions(JsonElement schema)
    {
        if (schema.TryGetProperty("not", out var not))
        {
            yield return $"does not match {ApiSchema.Compact(not)}";
        }

        if (!schema.TryGetProperty("if", out var condition))
        {
            yield break;
        }

        if (schema.TryGetProperty("then", out var then))
        {
            yield return $"matches {ApiSchema.Compact(then)} if it matches {ApiSchema.Compact(condition)}";
        }

        if (schema.TryGetProperty("else", out var otherwise))
        {
            yield return $"matches {ApiSchema.Compact(otherwise)} unless it matches {ApiSchema.Compact(condition)}";
        }
    }

    private static IEnumerable<(string Name, JsonElement Value)> Members(JsonElement schema, string keyword) =>
        schema.TryGetProperty(keyword, out var members) ? members.EnumerateObject().Select(member => (member.Name, member.Value)) : [];

    private static string? Number(JsonElement schema, string keyword) => schema.TryGetProperty(keyword, out var value) ? value.GetRawText() : null;

    private static string Text(string value) => $"\"{value}\"";
}
