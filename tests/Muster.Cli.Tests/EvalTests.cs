namespace Muster.Cli.Tests;

/// <summary>Evals, gold rows and held promotions as they are typed.</summary>
public sealed class EvalTests
{
    private const string Header = """{"evalset":"gold","version":1,"fields":{"/category":{"compare":"exact"}}}""";

    private static string Case(int row, string category, bool mustPass = false) =>
        $$$"""{"key":"p-{{{row:D3}}}","expect":{"/category":"{{{category}}}"}{{{(mustPass ? ",\"must_pass\":true" : "")}}}}""";

    private static void Evals(JobFolder job, params string[] cases)
    {
        job.Write("gold.jsonl", string.Join('\n', [Header, .. cases]) + "\n");
        if (!File.ReadAllText(job.PathOf("tags.job.yaml")).Contains("evals:", StringComparison.Ordinal))
            job.Edit("limits:", "evals: { set: gold.jsonl, gold_rows: 2 }\nlimits:");
    }

    [Fact]
    public async Task A_version_is_graded_locked_as_baseline_and_its_gold_rows_let_the_promotion_pass()
    {
        await using var run = await RunFolder.StartAsync(job => Evals(job, Case(1, "Shoes", mustPass: true), Case(2, "Shoes"), Case(3, "Shoes")));
        run.Job.Environment["MUSTER_POLL_INTERVAL"] = "0.1";

        var graded = await run.Job.RunAsync("eval");
        graded.Code.ShouldBe(0, graded.Err);
        graded.Out.ShouldContain("on gold@1: 3 cases, asked by r-2");
        graded.Out.ShouldContain("3 of 3 cases pass; the failure rate is at most 3/3");
        graded.Out.ShouldContain("baseline: none is locked for this set");
        graded.Out.ShouldContain("gate: SAFE.");
        graded.Hints.ShouldBeEmpty();
        (await run.Job.RunAsync("eval", "--baseline")).Out.ShouldContain("Nothing to ask: r-2 has every answer.");
        (await run.Job.RunAsync("eval", "--run", "r-1")).Out.ShouldContain("baseline: r-2 tags@");

        var status = await run.Job.RunAsync("status");
        status.Out.ShouldContain("gold: ");
        status.Out.ShouldContain("r-2 tags@");
        var reconciled = await run.Job.RunAsync("reconcile");
        reconciled.Code.ShouldBe(0, reconciled.Err);
        reconciled.Out.ShouldContain("ok   r-1 gold: ");
        (await run.Job.RunAsync("promote", "--yes")).Code.ShouldBe(0);
        (await run.Job.RunAsync("report")).Out.ShouldContain("gate: SAFE.");
    }

    [Fact]
    public async Task A_failed_gate_refuses_the_promotion_and_a_reason_lets_it_through_on_record()
    {
        await using var run = await RunFolder.StartAsync(job => Evals(job, Case(1, "Toys", mustPass: true), Case(2, "Shoes")));

        var held = await run.Job.RunAsync("promote", "--yes");
        held.Code.ShouldBe(3);
        held.Err.ShouldContain("r-1 is not promoted: the gold rows of r-1 (gold@1): ABORT. Must-pass cases fail: p-001.");
        held.Hints.Single().ShouldContain("muster eval --run r-1");
        held.Hints.Single().ShouldContain("--despite-gate");
        File.Exists(run.Job.PathOf("out.csv")).ShouldBeFalse();
        var look = await run.Job.RunAsync("promote", "--dry-run");
        look.Code.ShouldBe(0, look.Err);
        look.Out.ShouldContain("held by evals: ");
        var seen = await run.Job.RunAsync("eval", "--run", "r-1");
        seen.Code.ShouldBe(3, seen.Err);
        seen.Out.ShouldContain("MUST PASS p-001: /category differ");
        (await run.Job.RunAsync("eval", "--run", "r-1", "--baseline")).Code.ShouldBe(3, "it is no measure for later ones");
        (await run.Job.RunAsync("promote", "--yes", "--despite-gate", " ")).Code.ShouldBe(2);

        // The case is a row of the run too, so the run's own answer to it fails as well: two holds, a reason for each.
        var half = await run.Job.RunAsync("promote", "--yes", "--despite-gate", "the label moved");
        half.Code.ShouldBe(3);
        half.Err.ShouldContain("r-1 is held, AGG.DRIFT.A15: Must-pass cases fail: p-001.");
        half.Hints.Single().ShouldContain("--despite-drift");
        File.Exists(run.Job.PathOf("out.csv")).ShouldBeFalse();
        var through = await run.Job.RunAsync("promote", "--yes", "--despite-gate", "the label moved", "--despite-drift", "the label moved");
        through.Code.ShouldBe(0, through.Err);
        File.Exists(run.Job.PathOf("out.csv")).ShouldBeTrue();
        var report = await run.Job.RunAsync("report");
        report.Out.ShouldContain("let through despite evals");
        report.Out.ShouldContain(": the label moved");
    }

    [Fact]
    public async Task A_run_that_was_graded_says_so_in_its_report()
    {
        await using var run = await RunFolder.StartAsync();
        const string NotMeasured = "Not measured. The run was not graded against an eval set.";
        (await PageAsync(run)).ShouldContain(NotMeasured);
        Evals(run.Job, Case(1, "Shoes"), Case(2, "Shoes"), Case(3, "Toys"));
        (await run.Job.RunAsync("eval", "--run", "r-1")).Code.ShouldBe(0);

        var page = await PageAsync(run);
        page.ShouldNotContain(NotMeasured);
        page.ShouldContain("SAFE. ");
        page.ShouldContain("gold@1");
        page.ShouldContain("rows of r-1");
        var text = await run.Job.RunAsync("report", "--md", "-");
        text.Out.ShouldContain("## Eval set\n\nSAFE. ");
        text.Out.ShouldContain("- passed: 2\n- failed: 1\n");
        (await run.Job.RunAsync("report")).Out.ShouldContain("  eval set: SAFE. ");
        (await run.Job.RunAsync("handoff", "--out", "handover")).Code.ShouldBe(0);
        File.ReadAllText(Path.Combine(run.Job.PathOf("handover"), "report.html")).ShouldContain("rows of r-1");
    }

    [Fact]
    public async Task What_was_asked_of_a_version_stands_in_the_report_of_its_full_run_beside_its_gold_rows()
    {
        await using var run = await RunFolder.StartAsync(job => Evals(job, Case(1, "Shoes")));
        run.Job.Environment["MUSTER_POLL_INTERVAL"] = "0.1";
        run.Job.Write("more.jsonl", string.Join('\n', Header.Replace("gold", "more", StringComparison.Ordinal), Case(2, "Shoes"), Case(3, "Toys", mustPass: true)) + "\n");
        (await run.Job.RunAsync("eval", "--set", "more.jsonl")).Code.ShouldBe(3);

        var page = await PageAsync(run);
        page.ShouldContain("gold rows of r-1");
        page.ShouldContain("more@1");
        page.ShouldContain("asked by r-2");
        page.ShouldContain("ABORT. Must-pass cases fail: p-003.");
    }

    [Fact]
    public async Task A_sensitive_key_is_not_in_what_a_report_says_of_the_eval_set()
    {
        await using var run = await RunFolder.StartAsync(job => job.Edit("key: sku }\nprompt", "key: sku, sensitive_key: true }\nprompt"));
        Evals(run.Job, Case(1, "Shoes"), Case(3, "Toys", mustPass: true));
        (await run.Job.RunAsync("eval", "--run", "r-1")).Code.ShouldBe(3);

        var page = await PageAsync(run);
        page.ShouldContain("gold@1");
        page.ShouldNotContain("p-003");
        (await run.Job.RunAsync("report", "--md", "-")).Out.ShouldNotContain("p-003");
    }

    private static async Task<string> PageAsync(RunFolder run)
    {
        var outcome = await run.Job.RunAsync("report", "--run", "r-1", "--html", "page.html");
        outcome.Code.ShouldBe(0, outcome.Err);
        return File.ReadAllText(run.Job.PathOf("page.html"));
    }

    [Fact]
    public async Task Bad_sets_and_a_changed_contract_are_told()
    {
        await using var run = await RunFolder.StartAsync();
        var missing = await run.Job.RunAsync("eval");
        missing.Code.ShouldBe(1);
        missing.Err.ShouldContain("tags.evalset.jsonl cannot be read");

        Evals(run.Job, Case(1, "Shoes"), """{"key":"p-002","expect":{"/colour":"red"}}""", Case(1, "Shoes"));
        var faults = await run.Job.RunAsync("eval");
        faults.Code.ShouldBe(1);
        faults.Err.ShouldContain("gold.jsonl:3: ");
        faults.Err.ShouldContain("no field \"/colour\"");
        faults.Err.ShouldContain("gold.jsonl:4: the key \"p-001\" stands in line 2 already");

        Evals(run.Job, Case(1, "Shoes"));
        run.Job.Write("tags.schema.json", """{"type":"object","required":["kind"],"properties":{"kind":{"enum":["Shoes","Tools"]}}}""");
        run.Job.Edit("columns: { category: /category, summary: /summary }", "columns: { category: /kind }");
        var changed = await run.Job.RunAsync("run");
        changed.Code.ShouldBe(1);
        changed.Hints.ShouldAllBe(hint => hint.Contains("The contract changed since gold@1 was closed."));

        (await run.Job.RunAsync("eval", "--run", "r-9")).Code.ShouldBe(2);
        (await run.Job.RunAsync("eval", "--run", "r-1", "--anew")).Code.ShouldBe(2);
    }
}
