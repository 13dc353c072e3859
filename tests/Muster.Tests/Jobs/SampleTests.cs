using System.Text.Json;
using Muster.Claude;
using Muster.Jobs;
using Muster.Requests;
using Muster.Tests.Requests;

namespace Muster.Tests.Jobs;

public sealed class SampleTests
{
    [Theory]
    [InlineData("catalog/catalog.job.yaml", "category", 41, "ID UPCEAN Name CategoryID CategoryName BrandID BrandName")]
    [InlineData("messages/messages.job.yaml", "label", 77, "text category")]
    public void A_sample_loads_binds_to_its_columns_and_breaks_no_rule(string file, string field, int allowed, string columns)
    {
        var job = JobFile.Load(Path.Combine(RealData.Root(), "samples", file));

        PromptTemplates.Compile(job.Prompt, columns.Split(' ')).System!.Constant.ShouldNotBeNull();
        RequestRules.Check(job, Prices.BuiltIn, new DateOnly(2026, 11, 21)).ShouldBeEmpty();
        using var schema = JsonDocument.Parse(job.Contract.SchemaJson);
        schema.RootElement.GetProperty("properties").GetProperty(field).GetProperty("enum").GetArrayLength().ShouldBe(allowed);
    }

    [Fact]
    public void The_catalogs_categories_are_those_of_its_data()
    {
        var job = JobFile.Load(Path.Combine(RealData.Root(), "samples", "catalog", "catalog.job.yaml"));
        var inData = File.ReadLines(RealData.Path("products/products-uhtt-20k.tsv")).Skip(1)
            .Select(line => line.Split('\t')[4].Split('/')[0].Replace(" (folder)", "", StringComparison.Ordinal)).ToHashSet();

        inData.Except(Muster.Contracts.Contract.Compile(job.Contract.SchemaJson, "catalog").EnumAt("/properties/category/enum")).ShouldBeEmpty();
    }

    [Fact]
    public void The_messages_labels_are_those_of_its_data()
    {
        var data = Path.GetDirectoryName(RealData.Path("messages/test.csv"))!;
        var job = JobFile.Load(Path.Combine(RealData.Root(), "samples", "messages", "messages.job.yaml"), new JobOverrides(data));

        var inData = job.Source.Paths.SelectMany(File.ReadLines).Skip(1).Select(line => line[(line.LastIndexOf(',') + 1)..]);

        job.Prompt.Values["labels"].Split(", ").Except(inData).ShouldBeEmpty();
    }
}
