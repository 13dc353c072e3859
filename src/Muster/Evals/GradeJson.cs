using System.Text.Json;
using System.Text.Json.Serialization;

namespace Muster.Evals;

/// <summary>A grade's cases, fields and slices as the store keeps them. Keys stand in it, no word of an answer.</summary>
internal static class GradeJson
{
    public static string Write(EvalGrade grade) =>
        JsonSerializer.Serialize(new GradeBody(grade.Cases, grade.Fields, grade.Slices), GradeJsonContext.Default.GradeBody);

    public static EvalGrade Read(string json, string setId, int setVersion, string setHash, string subject)
    {
        var body = JsonSerializer.Deserialize(json, GradeJsonContext.Default.GradeBody) ?? throw new JsonException("The grade is null.");
        return new EvalGrade(setId, setVersion, setHash, subject, body.Cases, body.Fields, body.Slices);
    }
}

internal sealed record GradeBody(IReadOnlyList<CaseGrade> Cases, IReadOnlyList<FieldGrade> Fields, IReadOnlyList<SliceGrade> Slices);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, UseStringEnumConverter = true)]
[JsonSerializable(typeof(GradeBody))]
internal sealed partial class GradeJsonContext : JsonSerializerContext;
