using Muster.Simulator.Faults;

namespace Muster.Cli.Tests;

/// <summary>What drift holds is promoted only with a reason, which stands on record.</summary>
public sealed class DriftHoldTests
{
    [Fact]
    public async Task A_run_that_drifted_is_promoted_with_a_reason_that_the_report_tells()
    {
        await using var run = await RunFolder.StartAsync(job =>
        {
            job.Edit("batch_rows: 7", "batch_rows: 200");
            Name(job, "Running shoes");
        });
        run.Job.Environment["MUSTER_POLL_INTERVAL"] = "0.1";
        (await run.Job.RunAsync("promote", "--yes")).Code.ShouldBe(0);
        run.Api.Faults = new FaultPlan { Rows = [new RowRule { Contains = "number 3", Outcome = "violation" }] };
        Name(run.Job, "Walking shoes");
        (await run.Job.RunAsync("run")).Code.ShouldBe(0);

        var held = await run.Job.RunAsync("promote", "--yes");
        held.Code.ShouldBe(3, held.Out + held.Err);
        held.Hints.Single().ShouldContain("--despite-drift REASON");
        var passed = await run.Job.RunAsync("promote", "--yes", "--despite-drift", "those names were dropped on purpose");
        passed.Code.ShouldBe(0, passed.Err);

        var json = System.Text.Json.JsonDocument.Parse((await run.Job.RunAsync("report", "--json")).Out).RootElement.GetProperty("overrides")[0];
        json.GetProperty("held_by").GetString().ShouldBe("drift");
        json.GetProperty("promotion_id").GetString()!.ShouldStartWith("prm-");
        json.GetProperty("reason").GetString().ShouldBe("those names were dropped on purpose");
        (await run.Job.RunAsync("report")).Out.ShouldContain("let through despite drift");
        (await run.Job.RunAsync("drift")).Out.ShouldContain("let through despite drift");
    }

    private static void Name(JobFolder job, string what) =>
        job.Write("rows.csv", "sku,name\n" + string.Concat(Enumerable.Range(1, 400).Select(i => $"p-{i:D3},{what} number {i}\n")));
}
