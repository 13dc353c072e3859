using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Muster.Contracts;

namespace Muster.Evals;

/// <summary>What the contract says about single fields: which there are, and which values each may have.</summary>
internal sealed class OutputShape
{
    // What speaks of the output as a whole and refuses a part of it.
    private static readonly string[] OfTheWhole =
        ["required", "minProperties", "dependentRequired", "dependentSchemas", "allOf", "anyOf", "oneOf", "not", "if", "then", "else", "enum", "const"];

    private readonly HashSet<string> fields;
    private readonly Contract contract;

    public OutputShape(string schemaJson, string path)
    {
        var schema = JsonNode.Parse(schemaJson) as JsonObject ?? new JsonObject();
        fields = [.. (schema["properties"] as JsonObject ?? []).Select(property => JsonPointer.Under("", property.Key))];
        foreach (var keyword in OfTheWhole)
            schema.Remove(keyword);
        contract = Contract.Compile(schema.ToJsonString(), path);
    }

    public void RequireField(string pointer)
    {
        if (fields.Contains(pointer))
            return;
        var top = pointer.Split('/') is ["", var first, _, ..] ? "/" + first : null;
        var isDeep = top is not null && fields.Contains(top);
        throw new LineFaultException(
            isDeep ? $"{Excerpt.Quoted(pointer)} points into {top}; whole fields are compared"
                : $"the contract has no field {Excerpt.Quoted(pointer)}.{Closest.Question(pointer, fields)}".TrimEnd('.'),
            isDeep ? $"Expect the whole value of {top}." : $"Fields of the contract: {Excerpt.List([.. fields.Order(StringComparer.Ordinal)])}.");
    }

    public void RequireValues(IReadOnlyDictionary<string, JsonElement> expect)
    {
        var members = expect.Select(pair => $"{JsonSerializer.Serialize(Name(pair.Key))}:{pair.Value.GetRawText()}");
        var result = contract.Check(Encoding.UTF8.GetBytes($"{{{string.Join(',', members)}}}"));
        if (!result.IsValid)
            throw new LineFaultException($"the contract refuses what is expected at {Excerpt.Quoted(result.Pointer)}: {result.Message.TrimEnd('.')}", "No answer can be accepted and be this; expect a value that the contract allows.");
    }

    public static string Name(string pointer) => pointer[1..].Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal);
}
