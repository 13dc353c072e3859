using Muster.Claude;
using Muster.Jobs;
using Muster.Requests;

namespace Muster.Tests.Jobs;

public sealed class JobStarterTests
{
    [Fact]
    public void What_is_written_loads_and_renders()
    {
        using var folder = new TempFolder();

        var files = JobStarter.Write(folder.Path, "my-tags");
        var job = JobFile.Load(files[0]);

        files.Select(Path.GetFileName).ShouldBe(["my-tags.job.yaml", "my-tags.schema.json", "my-tags.csv"]);
        job.Name.ShouldBe("my-tags");
        job.Source.Paths.ShouldBe([files[2]]);
        var lines = File.ReadAllLines(files[2]);
        lines.Length.ShouldBe(13);
        PromptTemplates.Compile(job.Prompt, lines[0].Split(',')).System!.Constant.ShouldNotBeNull();
        RequestRules.Check(job, Prices.BuiltIn, new DateOnly(2026, 11, 21)).ShouldBeEmpty();
    }

    [Fact]
    public void Files_in_the_way_are_kept_and_none_is_written()
    {
        using var folder = new TempFolder();
        var inTheWay = folder.Write("tags.csv", "mine");

        var refusal = Should.Throw<MusterException>(() => JobStarter.Write(folder.Path, "tags"));

        refusal.Message.ShouldContain("tags.csv is there already; nothing was written");
        refusal.Hint.ShouldContain("--overwrite");
        File.ReadAllText(inTheWay).ShouldBe("mine");
        Directory.GetFiles(folder.Path).ShouldBe([inTheWay]);
        JobStarter.Write(folder.Path, "tags", overwrite: true).Count.ShouldBe(3);
        File.ReadAllText(inTheWay).ShouldStartWith("sku,");
    }

    [Theory]
    [InlineData("Tags")]
    [InlineData("../tags")]
    [InlineData("")]
    public void A_name_that_is_not_a_jobs_is_refused(string name)
    {
        using var folder = new TempFolder();

        Should.Throw<MusterException>(() => JobStarter.Write(folder.Path, name)).Message.ShouldContain("is not a job's name");
        Directory.GetFiles(folder.Path).ShouldBeEmpty();
    }
}
