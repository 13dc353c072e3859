using System.Collections.Frozen;

namespace Muster.Contracts;

internal enum KeywordUse
{
    /// <summary>Names or finds schemas.</summary>
    Core,

    /// <summary>Checked.</summary>
    Check,

    /// <summary>Read and carried, never checked.</summary>
    Annotation,

    /// <summary>Refused by name.</summary>
    Unsupported,
}

internal enum ApiUse
{
    Kept,

    /// <summary>Taken out of the API copy and said in words.</summary>
    Spoken,

    /// <summary>Taken out of the API copy without words: it constrains nothing.</summary>
    Dropped,
}

/// <param name="Name">As written in a schema.</param>
/// <param name="Use">What the compiler does with it.</param>
/// <param name="Api">What the API copy does with it.</param>
/// <param name="Note">For a kept or spoken keyword the exception to the rule; for an unsupported one the next step.</param>
internal sealed record Keyword(string Name, KeywordUse Use, ApiUse Api, string Note = "");

/// <summary>The one table of keywords; <c>docs/contract.md</c> repeats it and a test compares the two.</summary>
internal static class Keywords
{
    public const string Draft = "https://json-schema.org/draft/2020-12/schema";

    public static IReadOnlyList<Keyword> All { get; } =
    [
        new("$schema", KeywordUse.Core, ApiUse.Dropped, "only draft 2020-12"),
        new("$id", KeywordUse.Core, ApiUse.Dropped),
        new("$anchor", KeywordUse.Core, ApiUse.Dropped),
        new("$ref", KeywordUse.Core, ApiUse.Kept, "only into the same document"),
        new("$defs", KeywordUse.Core, ApiUse.Kept, "only what a kept `$ref` needs"),
        new("type", KeywordUse.Check, ApiUse.Kept),
        new("enum", KeywordUse.Check, ApiUse.Kept, "spoken when it holds arrays or objects"),
        new("const", KeywordUse.Check, ApiUse.Kept, "spoken when it is an array or object"),
        new("properties", KeywordUse.Check, ApiUse.Kept),
        new("required", KeywordUse.Check, ApiUse.Kept),
        new("additionalProperties", KeywordUse.Check, ApiUse.Kept, "always false; another value is spoken"),
        new("patternProperties", KeywordUse.Check, ApiUse.Spoken),
        new("propertyNames", KeywordUse.Check, ApiUse.Spoken),
        new("minProperties", KeywordUse.Check, ApiUse.Spoken),
        new("maxProperties", KeywordUse.Check, ApiUse.Spoken),
        new("dependentRequired", KeywordUse.Check, ApiUse.Spoken),
        new("dependentSchemas", KeywordUse.Check, ApiUse.Spoken),
        new("items", KeywordUse.Check, ApiUse.Kept, "spoken beside `prefixItems` or when false"),
        new("prefixItems", KeywordUse.Check, ApiUse.Spoken),
        new("contains", KeywordUse.Check, ApiUse.Spoken),
        new("minContains", KeywordUse.Check, ApiUse.Spoken, "with `contains`"),
        new("maxContains", KeywordUse.Check, ApiUse.Spoken, "with `contains`"),
        new("minItems", KeywordUse.Check, ApiUse.Kept, "0 and 1; more is spoken and 1 is kept"),
        new("maxItems", KeywordUse.Check, ApiUse.Spoken),
        new("uniqueItems", KeywordUse.Check, ApiUse.Spoken),
        new("minimum", KeywordUse.Check, ApiUse.Spoken),
        new("maximum", KeywordUse.Check, ApiUse.Spoken),
        new("exclusiveMinimum", KeywordUse.Check, ApiUse.Spoken),
        new("exclusiveMaximum", KeywordUse.Check, ApiUse.Spoken),
        new("multipleOf", KeywordUse.Check, ApiUse.Spoken),
        new("minLength", KeywordUse.Check, ApiUse.Spoken),
        new("maxLength", KeywordUse.Check, ApiUse.Spoken),
        new("pattern", KeywordUse.Check, ApiUse.Spoken),
        new("allOf", KeywordUse.Check, ApiUse.Kept, "merged into the schema around it; what collides is spoken"),
        new("anyOf", KeywordUse.Check, ApiUse.Kept, "spoken beside `properties`"),
        new("oneOf", KeywordUse.Check, ApiUse.Kept, "as `anyOf`, and spoken"),
        new("not", KeywordUse.Check, ApiUse.Spoken),
        new("if", KeywordUse.Check, ApiUse.Spoken),
        new("then", KeywordUse.Check, ApiUse.Spoken, "with `if`"),
        new("else", KeywordUse.Check, ApiUse.Spoken, "with `if`"),
        new("title", KeywordUse.Annotation, ApiUse.Kept),
        new("description", KeywordUse.Annotation, ApiUse.Kept, "the spoken constraints are appended"),
        new("default", KeywordUse.Annotation, ApiUse.Kept),
        new("format", KeywordUse.Annotation, ApiUse.Kept, "the formats that the API knows; others are spoken"),
        new("$comment", KeywordUse.Annotation, ApiUse.Dropped),
        new("examples", KeywordUse.Annotation, ApiUse.Dropped),
        new("readOnly", KeywordUse.Annotation, ApiUse.Dropped),
        new("writeOnly", KeywordUse.Annotation, ApiUse.Dropped),
        new("deprecated", KeywordUse.Annotation, ApiUse.Dropped),
        new("contentEncoding", KeywordUse.Annotation, ApiUse.Dropped),
        new("contentMediaType", KeywordUse.Annotation, ApiUse.Dropped),
        new("contentSchema", KeywordUse.Annotation, ApiUse.Dropped),
        new("unevaluatedProperties", KeywordUse.Unsupported, ApiUse.Dropped, "Use additionalProperties beside the properties it should see."),
        new("unevaluatedItems", KeywordUse.Unsupported, ApiUse.Dropped, "Use items beside the prefixItems it should see."),
        new("$dynamicRef", KeywordUse.Unsupported, ApiUse.Dropped, "Use $ref."),
        new("$dynamicAnchor", KeywordUse.Unsupported, ApiUse.Dropped, "Use $anchor."),
        new("$vocabulary", KeywordUse.Unsupported, ApiUse.Dropped, "Remove it; it belongs in a meta-schema."),
        new("$recursiveRef", KeywordUse.Unsupported, ApiUse.Dropped, "Use $ref; this is a keyword of draft 2019-09."),
        new("$recursiveAnchor", KeywordUse.Unsupported, ApiUse.Dropped, "Use $anchor; this is a keyword of draft 2019-09."),
        new("definitions", KeywordUse.Unsupported, ApiUse.Dropped, "Rename it to $defs; this is a keyword of draft 7."),
        new("dependencies", KeywordUse.Unsupported, ApiUse.Dropped, "Use dependentRequired or dependentSchemas; this is a keyword of draft 7."),
        new("additionalItems", KeywordUse.Unsupported, ApiUse.Dropped, "Use items beside prefixItems; this is a keyword of draft 7."),
    ];

    private static readonly FrozenDictionary<string, Keyword> ByName = All.ToFrozenDictionary(keyword => keyword.Name);

    public static Keyword? Find(string name) => ByName.GetValueOrDefault(name);

    /// <summary>The supported keyword that differs least from a name nobody knows, or null when none is near.</summary>
    public static string? Nearest(string name) => All
        .Where(keyword => keyword.Use != KeywordUse.Unsupported)
        .Select(keyword => (keyword.Name, Distance: Distance(name, keyword.Name)))
        .Where(found => found.Distance <= 2)
        .OrderBy(found => found.Distance)
        .Select(found => found.Name)
        .FirstOrDefault();

    private static int Distance(string left, string right)
    {
        // No keyword is near a name this much longer, and the table below is left x right.
        if (left.Length > 30)
        {
            return int.MaxValue;
        }

        var previous = Enumerable.Range(0, right.Length + 1).ToArray();
        for (var i = 1; i <= left.Length; i++)
        {
            var current = new int[right.Length + 1];
            current[0] = i;
            for (var j = 1; j <= right.Length; j++)
            {
                var same = char.ToLowerInvariant(left[i - 1]) == char.ToLowerInvariant(right[j - 1]) ? 0 : 1;
                current[j] = Math.Min(Math.Min(previous[j] + 1, current[j - 1] + 1), previous[j - 1] + same);
            }

            previous = current;
        }

        return previous[right.Length];
    }
}
