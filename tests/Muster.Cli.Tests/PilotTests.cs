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
        pilot.Out.ShouldMatch(@"picked rows: \d+ of 40 passed, .* \(95 %: ");
        pilot.Out.ShouldMatch(@"tier +model +answers +cut +p50 +p95 +p99 +longest +max_tokens +proposed +why");
        pilot.Out.ShouldMatch(@"full run: \$.*, between \$.* and \$.* \(95 %, from \d+ random rows\)");
        pilot.Out.ShouldMatch(@"full run: between .* and .*, \d+ rounds? of the pilot");
        pilot.Nexts.ShouldBe(["muster review --pilot", "muster pilot --lock"], "a pilot is read before it is locked");
        File.ReadAllText(run.Job.PathOf("pilot.html")).ShouldContain("</html>");

        var again = await run.Job.RunAsync("pilot");
        again.Out.ShouldContain("Nothing to do: r-2");
        var unread = await run.Job.RunAsync("pilot", "--lock");
        unread.Out.ShouldContain("Locked tags@");
        unread.Out.ShouldContain("  0 of 40 rows read one by one");
        unread.Err.ShouldContain("40 rows of r-2 nobody read");
        unread.Err.ShouldContain("evals: { set: tags.evalset.jsonl }");
        unread.Nexts.ShouldBe(["muster pilot dry", "muster run"]);
        var set = File.ReadAllText(run.Job.PathOf("tags.evalset.jsonl"));

        set = System.Text.RegularExpressions.Regex.Replace(set, "\"hash\":\"[^\"]*\",", "").Replace("\"/summary\":{\"compare\":\"ignore\"}", "\"/summary\":{\"compare\":\"text\"}", StringComparison.Ordinal);
        run.Job.Write("tags.evalset.jsonl", set);
        run.Job.Edit("limits:", "evals: { set: tags.evalset.jsonl, gold_rows: 0 }\nlimits:");
        var read = await run.Job.RunAsync("pilot", "--lock");
        read.Out.ShouldContain("  KEPT as people made them: 0 cases and the comparators of 1 field (/summary); new from this pilot: 0 cases");
        read.Err.ShouldNotContain("evals:");
        File.ReadAllText(run.Job.PathOf("tags.evalset.jsonl")).ShouldContain("\"/summary\":{\"compare\":\"text\"}");

        var full = await run.Job.RunAsync("run");
        full.Code.ShouldBe(0, full.Err);
        full.Err.ShouldNotContain("not piloted");
        (await run.Job.RunAsync("status")).Out.ShouldContain("r-3");
    }

    [Fact]
    public async Task A_pilot_whose_rows_are_read_one_by_one_is_locked_next_and_the_lock_says_how_many_were()
    {
        await using var run = await RunFolder.StartAsync();
        run.Job.Environment["MUSTER_POLL_INTERVAL"] = "0.1";
        Rows(run.Job, "rows: 3, pass: 0.5");
        (await run.Job.RunAsync("pilot")).Nexts[0].ShouldBe("muster review --pilot");
        var list = await run.Job.RunAsync("pilot", "--lock");
        list.Out.ShouldContain("  0 of 3 rows read one by one");
        var keys = System.Text.RegularExpressions.Regex.Matches(File.ReadAllText(run.Job.PathOf("tags.evalset.jsonl")), "\"key\":\"(p-\\d+)\"").Select(match => match.Groups[1].Value).ToList();
        keys.Count.ShouldBe(3);
        foreach (var key in keys)
            (await run.Job.RunAsync("review", "decide", key, "--pilot", "--accept")).Code.ShouldBe(0);

        (await run.Job.RunAsync("pilot")).Nexts.ShouldBe(["muster pilot --lock"]);
        var locked = await run.Job.RunAsync("pilot", "--lock");
        locked.Out.ShouldContain("  3 of 3 rows read one by one");
        locked.Err.ShouldNotContain("nobody read");
        File.ReadAllText(run.Job.PathOf("tags.evalset.jsonl")).ShouldContain("\"origin\":\"review#");
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
    [InlineData("smoke", "8 rows picked of 80", "muster pilot tags.job.yaml")]
    [InlineData("pilot", "20 rows picked of 80", "muster review --pilot --job tags.job.yaml")]
    [InlineData("dry", "80 rows picked of 80", "muster run tags.job.yaml")]
    public async Task Each_stage_is_one_word_after_the_job_alone_or_as_an_option(string stage, string picked, string next)
    {
        await using var run = await RunFolder.StartAsync();
        run.Job.Environment["MUSTER_POLL_INTERVAL"] = "0.1";
        Rows(run.Job, "rows: 20, pass: 0.5");

        var named = await run.Job.RunAsync("pilot", "tags.job.yaml", stage);

        named.Code.ShouldBe(0, named.Err);
        named.Out.ShouldContain(picked);
        named.Nexts[0].ShouldBe(next);
        (await run.Job.RunAsync("pilot", stage)).Out.ShouldContain("Nothing to do: r-2");
        (await run.Job.RunAsync("pilot", "--stage", stage)).Out.ShouldContain("Nothing to do: r-2");
        (await run.Job.RunAsync("status", "--run", "r-2")).Out.ShouldContain($"{stage} done");
    }

    [Theory]
    [InlineData("The stage after dry is the full run.", "muster run", "full")]
    [InlineData("The stage after dry is the full run.", "muster run tags.job.yaml", "tags.job.yaml", "full")]
    [InlineData("\"smok\" is no stage.", "smoke, pilot, dry", "tags.job.yaml", "smok")]
    [InlineData("dry and --stage smoke name a stage twice.", "Leave one", "dry", "--stage", "smoke")]
    [InlineData("--lock and the stage dry are given.", "Leave one", "dry", "--lock")]
    public async Task A_stage_that_cannot_be_is_refused(string message, string hint, params string[] arguments)
    {
        using var job = new JobFolder();

        var refused = await job.RunAsync(["pilot", .. arguments]);

        refused.Code.ShouldBe(2);
        refused.Errors.Single().ShouldContain(message);
        refused.Hints.Single().ShouldContain(hint);
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
