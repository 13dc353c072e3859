using System.Text.Json;
using System.Text.Json.Nodes;
using Muster.Evals;
using Muster.Runs;
using Muster.Sources;

namespace Muster.Pilots;

/// <summary>
/// Makes an eval set of a pilot's accepted rows. How a field is compared follows from the contract: closed values exactly, arrays as
/// sets, free text not at all until a person says how.
/// </summary>
internal static class PilotEvalSet
{
    /// <summary>Half of the elements in common: lists of words are rarely the same twice.</summary>
    private const double MinJaccard = 0.5;

    public static EvalSet Of(PilotAccount pilot, string schemaJson, int version)
    {
        var fields = FieldsOf(schemaJson);
        var cases = pilot.Rows.Where(row => row is { State: RowState.Succeeded, Key: not null, Output.IsEmpty: false })
            .Select(row => new EvalCase(row.Key!, Expect(row.Output, fields))
            {
                InputHash = row.Input.IsEmpty ? null : Convert.ToHexStringLower(SourceRow.SourceHash(row.Input.Span)),
                Slices = [$"stratum={Strata.All[(int)row.Stratum].Word}"],
                Origin = pilot.Run.Name,
            }).ToList();
        return new EvalSet(pilot.Run.Job, version, EvalSetWriter.Hash(fields, cases), fields, cases);
    }

    private static SortedDictionary<string, Comparator> FieldsOf(string schemaJson)
    {
        var properties = (JsonNode.Parse(schemaJson) as JsonObject)?["properties"] as JsonObject ?? [];
        var fields = new SortedDictionary<string, Comparator>(StringComparer.Ordinal);
        foreach (var (name, schema) in properties)
            fields[Contracts.JsonPointer.Under("", name)] = ComparatorOf(schema as JsonObject);
        return fields;
    }

    private static Comparator ComparatorOf(JsonObject? schema)
    {
        if (schema is null)
            return new Comparator(CompareKind.Ignore);
        if (schema.ContainsKey("enum") || schema.ContainsKey("const"))
            return new Comparator(CompareKind.Exact);
        var types = schema["type"] switch
        {
            JsonArray several => several.Select(type => $"{type}").ToList(),
            { } one => [$"{one}"],
            null => [],
        };
        return types.Contains("array") ? new Comparator(CompareKind.Set) { MinJaccard = MinJaccard }
            : types.Count == 0 || types.Contains("string") || types.Contains("object") ? new Comparator(CompareKind.Ignore)
            : new Comparator(CompareKind.Exact);
    }

    private static Dictionary<string, JsonElement> Expect(ReadOnlyMemory<byte> output, IReadOnlyDictionary<string, Comparator> fields)
    {
        using var document = JsonDocument.Parse(output);
        return document.RootElement.EnumerateObject().Select(property => (Pointer: Contracts.JsonPointer.Under("", property.Name), property.Value))
            .Where(pair => fields.ContainsKey(pair.Pointer)).DistinctBy(pair => pair.Pointer).ToDictionary(pair => pair.Pointer, pair => pair.Value.Clone());
    }
}
