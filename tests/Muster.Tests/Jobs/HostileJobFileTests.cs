using Muster.Jobs;
using Muster.Tests.Requests;

namespace Muster.Tests.Jobs;

public sealed class HostileJobFileTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    [Fact]
    public void Strange_JSON_texts_are_refused_as_job_files_and_as_schemas_and_nothing_else_happens()
    {
        var folder = Path.GetDirectoryName(RealData.Path("hostile/json-parsing/n_structure_100000_opening_arrays.json"))!;
        var files = Directory.GetFiles(folder);
        files.Length.ShouldBeGreaterThan(300);

        using var asJob = new TempFolder();
        using var asSchema = new TempFolder();
        asJob.Write("product.schema.json", JobText.Schema);
        asSchema.Write("catalog.job.yaml", JobText.Good);
        foreach (var file in files)
        {
            var bytes = File.ReadAllBytes(file);
            asJob.Write("catalog.job.yaml", bytes);
            asSchema.Write("product.schema.json", bytes);
            LoadOrRefuse(asJob, file);
            LoadOrRefuse(asSchema, file);
        }
    }

    [Theory]
    [InlineData("? ")]
    [InlineData("- ")]
    [InlineData("a: ")]
    [InlineData("{")]
    [InlineData("{a: ")]
    [InlineData("!a ")]
    [InlineData("&a ")]
    [InlineData("*a ")]
    [InlineData("\"")]
    [InlineData("a\n")]
    [InlineData("a: b\n")]
    [InlineData("%YAML 1.2\n")]
    [InlineData("|\n")]
    [InlineData("#\n")]
    [InlineData("\t")]
    [InlineData("---\n")]
    [InlineData("x, ")]
    [InlineData("[a, ")]
    [InlineData("a:\n ")]
    public void A_megabyte_of_one_thing_is_refused_in_bounded_time(string repeated)
    {
        var start = TimeProvider.System.GetTimestamp();

        JobText.Refuse(string.Concat(Enumerable.Repeat(repeated, 900_000 / repeated.Length)));

        TimeProvider.System.GetElapsedTime(start).ShouldBeLessThan(Patience);
    }

    private static void LoadOrRefuse(TempFolder folder, string from)
    {
        try
        {
            var job = JobFile.Load(Path.Combine(folder.Path, "catalog.job.yaml"));
            job.Name.ShouldBe("catalog");
            JobVersion.Of(job).ShouldNotBeEmpty();
        }
        catch (JobFileException refusal)
        {
            refusal.Faults.ShouldNotBeEmpty(from);
        }
    }
}
