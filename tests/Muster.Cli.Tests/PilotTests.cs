namespace Muster.Cli.Tests;

public sealed class PilotTests
{
    private static void Rows(JobFolder job, string pilot)
    {
        job.Write("rows.csv", "sku,name\n" + string.Concat(Enumerable.Range(1, 80).Select(i => $"p-{i:D3},Running shoes number {i}\n")));
        job.Edit("{ required: false }", $"{{ {pilot} }}");
    }

    [Fact]
    public async Task A_pilot_is_run_read_and_locked_before_the_full_run()
    {
        await using var run = await RunFolder.StartAsync();
        run.Job.Environment["MUSTER_POLL_INTERVAL"] = "0.1";
        Rows(run.Job, "rows: 40, pass: 0.5");

        var refused = await run.Job.RunAsync("run");
        refused.Code.ShouldBe(3);
        refused.Err.ShouldContain("not piloted");
        refused.Hints.Single().ShouldContain("--unpiloted");
        refused.Err.ShouldContain("muster pilot --lock");

        var early = await run.Job.RunAsync("pilot", "--lock");
        early.Code.ShouldBe(1);
        early.Err.ShouldContain("tags has no pilot.");

        var pilot = await run.Job.RunAsync("pilot", "--html", "pilot.html");
        pilot.Code.ShouldBe(0, pilot.Err);
        pilot.Out.ShouldContain("40 rows picked of 80 that can be asked, seed 1");
        pilot.Out.ShouldContain("reaches pilot.pass");
        pilot.Out.ShouldContain("full run:");
        pilot.Err.ShouldContain("muster pilot --lock");
        File.ReadAllText(run.Job.PathOf("pilot.html")).ShouldContain("</html>");

        var again = await run.Job.RunAsync("pilot");
        again.Out.ShouldContain("Nothing to do: r-2");
        (await run.Job.RunAsync("pilot", "--lock")).Out.ShouldContain("Locked tags@");
        File.Exists(run.Job.PathOf("tags.evalset.jsonl")).ShouldBeTrue();

        var full = await run.Job.RunAsync("run");
        full.Code.ShouldBe(0, full.Err);
        full.Err.ShouldNotContain("not piloted");
        (await run.Job.RunAsync("status")).Out.ShouldContain("r-3");
    }

    [Fact]
    public async Task A_pilot_that_misses_its_share_ends_with_code_3_and_promotes_nothing()
    {
        await using var run = await RunFolder.StartAsync();
        run.Job.Environment["MUSTER_POLL_INTERVAL"] = "0.1";
        Rows(run.Job, "rows: 20, pass: 0.9");
        run.Job.Write("tags.schema.json", """{"type":"object","required":["category"],"properties":{"category":{"type":"string","pattern":"^never$"}}}""");
        run.Job.Edit("columns: { category: /category, summary: /summary }", "columns: { category: /category }");

        var pilot = await run.Job.RunAsync("pilot");
        pilot.Code.ShouldBe(3, pilot.Err);
        pilot.Out.ShouldContain("MISSES pilot.pass");

        var promoted = await run.Job.RunAsync("promote", "--run", "r-2", "--yes");
        promoted.Code.ShouldBe(1);
        promoted.Err.ShouldContain("r-2 is a pilot run over picked rows");
        (await run.Job.RunAsync("status")).Out.ShouldContain("r-1 tags@");
        (await run.Job.RunAsync("status", "--run", "r-2")).Out.ShouldContain("pilot done");
        (await run.Job.RunAsync("status", "--run", "r-9")).Code.ShouldBe(2);
    }

    [Fact]
    public async Task A_full_run_without_a_pilot_says_so()
    {
        await using var run = await RunFolder.StartAsync();
        run.Job.Environment["MUSTER_POLL_INTERVAL"] = "0.1";

        var full = await run.Job.RunAsync("run", "--anew", "--json");

        full.Code.ShouldBe(0, full.Err);
        full.Err.ShouldContain("not piloted: tags@");
        full.Out.ShouldContain("\"unpiloted\": true");
    }

    [Theory]
    [InlineData("--stage", "full")]
    [InlineData("--rows", "0")]
    [InlineData("--rows", "10001")]
    [InlineData("--seed", "-1")]
    [InlineData("--lock", "--anew")]
    public async Task Options_that_cannot_be_are_refused(params string[] options)
    {
        using var job = new JobFolder();

        (await job.RunAsync(["pilot", .. options])).Code.ShouldBe(2);
    }
}
