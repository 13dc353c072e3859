using System.Text.Json;
using Muster.Jobs;
using Muster.Runs;
using Muster.Stores;

namespace Muster.Reports;

/// <summary>A property at the top of the output that the contract allows only some texts.</summary>
internal sealed record EnumField(string Property, IReadOnlyList<string> Known);

/// <summary>Counts the categories of a run's accepted outputs.</summary>
internal sealed class CategoryReader(IStore store)
{
    private const int MaxFields = 4;
    private const int MaxValues = 1_000;

    public async Task<IReadOnlyList<CategoryShift>> ReadAsync(Run run, Job job, CancellationToken cancellationToken = default)
    {
        var fields = Fields(job.Contract.SchemaJson);
        if (fields.Count == 0)
            return [];
        var earlier = (await store.RunsAsync(cancellationToken)).LastOrDefault(other =>
            other.Id < run.Id && other.Job == run.Job && other.IsFull() && other.State == RunState.Done);
        var shifts = new List<CategoryShift>();
        foreach (var field in fields)
        {
            var column = run.Columns.ToList().FindIndex(name => string.Equals(name, field.Property, StringComparison.OrdinalIgnoreCase));
            var pairs = await store.ValuesAsync(run.Id, new ValueQuery(field.Property, column < 0 ? null : column, field.Known), cancellationToken);
            IReadOnlyList<string> labels = [.. field.Known, "(none)", "(other)"];
            var after = Counts(pairs, field.Known.Count, pair => pair.After);
            if (column >= 0)
            {
                shifts.Add(new CategoryShift(field.Property, labels, $"the source's column {run.Columns[column]}", Counts(pairs, field.Known.Count, pair => pair.Before), after,
                    pairs.Where(pair => pair.Before != pair.After || pair.Before == ValuePair.Other).Sum(pair => pair.Rows)));
            }
            else
            {
                var before = earlier is null ? null : Counts(await store.ValuesAsync(earlier.Id, new ValueQuery(field.Property, null, field.Known), cancellationToken), field.Known.Count, pair => pair.After);
                shifts.Add(new CategoryShift(field.Property, labels, before is null ? null : $"the accepted rows of {earlier!.Name}", before ?? [], after, null));
            }
        }

        return shifts;
    }

    /// <summary>Top properties with a list of texts, which may hold null.</summary>
    internal static IReadOnlyList<EnumField> Fields(string schemaJson)
    {
        using var schema = JsonDocument.Parse(schemaJson);
        if (schema.RootElement.ValueKind != JsonValueKind.Object || !schema.RootElement.TryGetProperty("properties", out var properties)
            || properties.ValueKind != JsonValueKind.Object)
            return [];
        var fields = new List<EnumField>();
        foreach (var property in properties.EnumerateObject())
        {
            if (fields.Count < MaxFields && !property.Name.AsSpan().ContainsAny('"', '\\') && Known(property.Value) is { Count: > 0 and <= MaxValues } known)
                fields.Add(new EnumField(property.Name, known));
        }

        return fields;
    }

    private static List<string>? Known(JsonElement schema)
    {
        if (schema.ValueKind != JsonValueKind.Object || !schema.TryGetProperty("enum", out var list) || list.ValueKind != JsonValueKind.Array)
            return null;
        var values = list.EnumerateArray().Where(value => value.ValueKind != JsonValueKind.Null).ToList();
        return values.TrueForAll(value => value.ValueKind == JsonValueKind.String) ? [.. values.Select(value => value.GetString()!).Distinct()] : null;
    }

    private static long[] Counts(IReadOnlyList<ValuePair> pairs, int known, Func<ValuePair, int> side)
    {
        var counts = new long[known + 2];
        foreach (var pair in pairs)
            counts[side(pair) switch { ValuePair.None => known, ValuePair.Other => known + 1, var at => at }] += pair.Rows;
        return counts;
    }
}
