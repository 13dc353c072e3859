using System.Text.Json;
using Muster.Jobs;

namespace Muster.Tests.Jobs;

public sealed class JobSchemaTests
{
    private static readonly JsonElement Definitions = JsonDocument.Parse(JobFile.Schema()).RootElement.GetProperty("$defs");

    public static TheoryData<string> Sets() => [.. JobFields.All.Select(set => set.Name)];

    [Theory]
    [MemberData(nameof(Sets))]
    public void The_schema_has_the_fields_of_the_loader_and_no_other(string name)
    {
        var set = JobFields.All.First(s => s.Name == name);
        var definition = Definitions.GetProperty(name);

        definition.GetProperty("properties").EnumerateObject().Select(p => p.Name).ShouldBe(set.Fields.Select(f => f.Name));
        definition.GetProperty("additionalProperties").GetBoolean().ShouldBeFalse();
        var required = definition.TryGetProperty("required", out var list) ? list.EnumerateArray().Select(e => e.GetString()!) : [];
        required.ShouldBe(set.Fields.Where(f => f.Required).Select(f => f.Name));
    }

    [Fact]
    public void Every_definition_with_fields_is_in_the_loaders_table()
    {
        Definitions.EnumerateObject().Where(d => d.Value.TryGetProperty("properties", out _)).Select(d => d.Name)
            .ShouldBe(JobFields.All.Select(s => s.Name), ignoreOrder: true);
    }

    [Theory]
    [InlineData("limits", "batch_rows", JobBounds.MaxBatchRows)]
    [InlineData("limits", "batch_bytes", JobBounds.MaxBatchBytes)]
    [InlineData("limits", "queued_requests", JobBounds.MaxQueuedRequests)]
    [InlineData("limits", "attempts", JobBounds.MaxAttempts)]
    [InlineData("pilot", "rows", JobBounds.MaxPilotRows)]
    [InlineData("source", "max_field_chars", JobBounds.MaxFieldChars)]
    [InlineData("tier", "max_tokens", JobBounds.MaxOutputTokens)]
    public void The_schema_has_the_bounds_of_the_loader(string definition, string field, long max)
    {
        Definitions.GetProperty(definition).GetProperty("properties").GetProperty(field).GetProperty("maximum").GetInt64().ShouldBe(max);
    }

    [Fact]
    public void The_defaults_in_the_schema_are_those_of_the_job()
    {
        long Default(string definition, string field) => Definitions.GetProperty(definition).GetProperty("properties").GetProperty(field).GetProperty("default").GetInt64();
        var limits = new LimitSpec();

        Default("limits", "batch_rows").ShouldBe(limits.BatchRows);
        Default("limits", "batch_bytes").ShouldBe(limits.BatchBytes);
        Default("limits", "queued_requests").ShouldBe(limits.QueuedRequests);
        Default("limits", "attempts").ShouldBe(limits.Attempts);
        Default("pilot", "rows").ShouldBe(new PilotSpec().Rows);
        Default("source", "max_field_chars").ShouldBe(new SourceSpec(SourceFormat.Csv, [], new KeySpec([])).MaxFieldChars);
    }

    [Fact]
    public void Every_field_is_described_in_the_document()
    {
        var document = File.ReadAllText(Path.Combine(Requests.RealData.Root(), "docs", "job-file.md"));

        foreach (var field in JobFields.All.SelectMany(set => set.Fields))
        {
            document.ShouldContain($"`{field.Name}`");
        }
    }
}
