using System.Text.Json;

namespace Muster.Drift;

internal enum FieldKind { Plain, Category }

/// <param name="Name">A property at the top of the output.</param>
internal sealed record ShapeField(string Name, FieldKind Kind)
{
    public string Pointer => Contracts.JsonPointer.Under("", Name);
}

/// <param name="IsText">Whether the prompt shows it, so that it counts as input.</param>
/// <param name="IsSlice">Whether the job slices by it.</param>
internal sealed record ShapeColumn(string Name, bool IsText = true, bool IsSlice = false);

/// <summary>What of a run's rows is looked at.</summary>
internal sealed record ProfileShape(IReadOnlyList<ShapeField> Fields, IReadOnlyList<ShapeColumn> Columns)
{
    public const int MaxFields = 32;
    public const int MaxCategoryFields = 4;
    public const int MaxSliceColumns = 4;

    /// <summary>The top properties of an output schema; those with an <c>enum</c> or of type boolean are categories.</summary>
    public static ProfileShape Of(string schemaJson, IReadOnlyList<ShapeColumn> columns)
    {
        using var schema = JsonDocument.Parse(schemaJson);
        var fields = new List<ShapeField>();
        if (schema.RootElement.ValueKind == JsonValueKind.Object && schema.RootElement.TryGetProperty("properties", out var properties))
        {
            foreach (var property in properties.EnumerateObject().Take(MaxFields))
            {
                var isCategory = IsCategory(property.Value) && fields.Count(field => field.Kind == FieldKind.Category) < MaxCategoryFields;
                fields.Add(new ShapeField(property.Name, isCategory ? FieldKind.Category : FieldKind.Plain));
            }
        }

        var sliced = 0;
        return new ProfileShape(fields, [.. columns.Select(column => column with { IsSlice = column.IsSlice && sliced++ < MaxSliceColumns })]);
    }

    private static bool IsCategory(JsonElement schema) => schema.ValueKind == JsonValueKind.Object
        && (schema.TryGetProperty("enum", out _) || (schema.TryGetProperty("type", out var type) && type.ValueKind == JsonValueKind.String && type.ValueEquals("boolean")));
}
