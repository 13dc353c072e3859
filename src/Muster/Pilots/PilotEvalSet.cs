using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Muster.Evals;
using Muster.Runs;
using Muster.Sources;

namespace Muster.Pilots;

/// <summary>
/// Makes an eval set of a pilot's rows: what the job got accepted, and what people made of the rows that they decided. How a field is
/// compared follows from the contract: closed values exactly, arrays as sets, free text not at all until a person says how.
/// </summary>
internal static class PilotEvalSet
{
    /// <summary>Half of the elements in common: lists of words are rarely the same twice.</summary>
    private const double MinJaccard = 0.5;

    /// <summary>Before the number of the decision that <c>muster review log</c> has, as <c>review#7</c>.</summary>
    private const string ReviewOrigin = "review#";

    public static EvalSet Of(PilotAccount pilot, string schemaJson, int version)
    {
        var fields = FieldsOf(schemaJson);
        var cases = pilot.Rows.Where(row => row is { Key: not null, Output.IsEmpty: false } && (row.Ruling?.Standing ?? row.State) == RowState.Succeeded)
            .Select(row => Case(row, row.Output, row.Ruling is { } ruling ? ReviewOrigin + ruling.Decision : pilot.Run.Name, fields)).ToList();
        return new EvalSet(pilot.Run.Job, version, EvalSetWriter.Hash(fields, cases), fields, cases);
    }

    /// <summary>A row as the job itself answered it, whatever people decided since; null when it got nothing accepted.</summary>
    public static EvalCase? Own(PickedResult row, string run, IReadOnlyDictionary<string, Comparator> fields)
    {
        var output = row.Ruling is { } ruling ? ruling.Own : row.State == RowState.Succeeded ? row.Output : default;
        return row.Key is null || output.IsEmpty ? null : Case(row, output, run, fields);
    }

    /// <summary>The number of the decision that a case is from; null when no person decided its row.</summary>
    public static long? DecisionOf(EvalCase one) =>
        one.Origin is { } origin && origin.StartsWith(ReviewOrigin, StringComparison.Ordinal) && long.TryParse(origin.AsSpan(ReviewOrigin.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number : null;

    private static EvalCase Case(PickedResult row, ReadOnlyMemory<byte> output, string origin, IReadOnlyDictionary<string, Comparator> fields) => new(row.Key!, Expect(output, fields))
    {
        InputHash = row.Input.IsEmpty ? null : Convert.ToHexStringLower(SourceRow.SourceHash(row.Input.Span)),
        Slices = [$"stratum={Strata.All[(int)row.Stratum].Word}"],
        Origin = origin,
    };

    public static SortedDictionary<string, Comparator> FieldsOf(string schemaJson)
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
