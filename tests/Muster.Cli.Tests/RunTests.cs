using Muster.Simulator;
using Muster.Simulator.Faults;

namespace Muster.Cli.Tests;

public sealed class RunTests
{
    [Fact]
    public async Task A_run_ends_with_its_ledger_and_a_second_one_has_nothing_to_do()
    {
        await using var api = await Some.Api();
        var folder = Some.JobFolder();

        var first = await Cli.RunAsync(folder, Some.Environment(api), "run");
        var second = await Cli.RunAsync(folder, Some.Environment(api), "run");

        first.ExitCode.ShouldBe(0, first.All);
        first.Out.ShouldContain("30 rows = 30 succeeded + 0 errored + 0 expired + 0 canceled + 0 quarantined + 0 human-queued + 0 open");
        first.Err.ShouldContain("Next: muster report");
        second.ExitCode.ShouldBe(0, second.All);
        second.Out.ShouldStartWith("Nothing to do");
        api.Truth.RequestsAccepted.ShouldBe(30);
    }

    [Fact]
    public async Task A_folder_that_was_moved_asks_nothing_again_and_is_promoted_from_where_it_is()
    {
        await using var api = await Some.Api();
        var folder = Some.JobFolder(target: "target: { csv: out.csv, key: sku, columns: { category: /category } }");
        (await Cli.RunAsync(folder, Some.Environment(api), "run")).ExitCode.ShouldBe(0);
        var moved = folder + "-moved";
        Directory.Move(folder, moved);

        var again = await Cli.RunAsync(moved, Some.Environment(api), "run");
        var promoted = await Cli.RunAsync(moved, Some.Environment(api), "promote", "--yes");

        again.Out.ShouldStartWith("Nothing to do");
        api.Truth.RequestsAccepted.ShouldBe(30);
        promoted.ExitCode.ShouldBe(0, promoted.All);
        promoted.Out.ShouldContain("30 insert");
        promoted.Out.ShouldNotContain("30 source changed");
    }

    [Fact]
    public async Task Piped_output_has_no_escape_and_no_carriage_return()
    {
        await using var api = await Some.Api();

        var run = await Cli.RunAsync(Some.JobFolder(), Some.Environment(api), "run");

        run.All.ShouldNotContain('\u001b');
        run.All.ShouldNotContain('\r');
        run.Err.Split('\n').ShouldContain(line => line.Contains(" r-1 batch_settled b-1 batch=1/", StringComparison.Ordinal)
            && line.Contains("% ok=", StringComparison.Ordinal) && line.Contains(" usd=", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Json_is_one_object_with_its_schema_first()
    {
        await using var api = await Some.Api();
        var folder = Some.JobFolder();

        var run = await Cli.RunAsync(folder, Some.Environment(api), "run", "--json");
        var status = await Cli.RunAsync(folder, Some.Environment(api), "status", "--batches", "--json");

        run.Out.ShouldStartWith("{\n  \"schema\": \"muster.run/1\"");
        run.Json.GetProperty("outcome").GetString().ShouldBe("done");
        run.Json.GetProperty("ledger").GetProperty("succeeded").GetInt64().ShouldBe(30);
        run.Json.GetProperty("money").GetProperty("sync_usd").GetDecimal()
            .ShouldBe(2 * run.Json.GetProperty("money").GetProperty("cost_usd").GetDecimal());
        var batch = status.Json.GetProperty("manifest")[0];
        batch.GetProperty("first_line").GetString().ShouldBe("goods.csv:2");
        batch.GetProperty("proof").GetString().ShouldBe("reply");
        status.Json.GetProperty("ledger").GetProperty("balances").GetBoolean().ShouldBeTrue();
    }

    [Fact]
    public async Task An_interrupt_detaches_and_the_next_run_finishes()
    {
        await using var api = await Some.Api(instant: false);
        var folder = Some.JobFolder(rows: 20);
        CliResult detached;
        using (var cli = Cli.Start(folder, Some.Environment(api), "run"))
        {
            (await cli.SaysAsync("batch_created b-2")).ShouldBeTrue();
            cli.Interrupt();
            detached = await cli.EndAsync();
        }

        var watch = await Cli.RunAsync(folder, Some.Environment(api), "watch", "--once");
        api.Clock.Advance(TimeSpan.FromHours(1));
        var run = await Cli.RunAsync(folder, Some.Environment(api), "run");

        detached.ExitCode.ShouldBe(130, detached.All);
        detached.Err.ShouldContain("r-1 goes on at the remote: muster run");
        watch.Out.ShouldContain("in progress");
        run.ExitCode.ShouldBe(0, run.All);
        api.Truth.PairsAcceptedMoreThanOnce.ShouldBe(0);
        api.Truth.RequestsAccepted.ShouldBe(20);
    }

    [Fact]
    public async Task An_interrupt_while_nothing_is_at_the_remote_says_that_the_run_waits()
    {
        await using var api = await Some.Api(
            faults: new FaultPlan { Calls = [new CallFault { Endpoint = "create", Fault = CallFaultKind.Status, Status = 529, First = 1_000 }] });
        using var cli = Cli.Start(Some.JobFolder(rows: 5), Some.Environment(api), "run");
        (await cli.SaysAsync("batch_withdrawn")).ShouldBeTrue();
        cli.Interrupt();
        var detached = await cli.EndAsync();

        detached.ExitCode.ShouldBe(130, detached.All);
        detached.Err.ShouldContain("r-1 waits for `muster run`");
        detached.Err.ShouldNotContain("goes on at the remote");
    }

    [Fact]
    public async Task A_remote_whose_clock_is_ahead_is_not_waited_for()
    {
        await using var api = await SimulatedApi.StartAsync(
            new SimulatorOptions { Instant = true, StartAt = TimeProvider.System.GetUtcNow().AddHours(3) }, TestContext.Current.CancellationToken);

        var run = await Cli.RunAsync(Some.JobFolder(), Some.Environment(api), "run", "--timeout", "20s");

        run.ExitCode.ShouldBe(0, run.All);
    }

    [Fact]
    public async Task The_time_to_wait_ends_with_75_and_changes_nothing()
    {
        await using var api = await Some.Api(instant: false);

        var run = await Cli.RunAsync(Some.JobFolder(), Some.Environment(api), "run", "--timeout", "1s");

        run.ExitCode.ShouldBe(75, run.All);
        run.Out.ShouldContain("Still processing");
        run.Out.ShouldContain("30 open");
    }

    [Fact]
    public async Task A_second_process_on_the_store_is_refused_and_reading_works_meanwhile()
    {
        await using var api = await Some.Api(instant: false);
        var folder = Some.JobFolder();
        using var first = Cli.Start(folder, Some.Environment(api), "run");
        (await first.SaysAsync("batch_created")).ShouldBeTrue();

        var second = await Cli.RunAsync(folder, Some.Environment(api), "run");
        var status = await Cli.RunAsync(folder, Some.Environment(api), "status");

        second.ExitCode.ShouldBe(1);
        second.Err.ShouldContain($"Error: Another process is working on");
        second.Err.ShouldContain($"process {first.Id}, run goods");
        second.Err.ShouldContain("Try: ");
        status.ExitCode.ShouldBe(0);
        status.Out.ShouldContain("30 open");
    }

    [Fact]
    public async Task A_cancel_beside_a_running_process_is_carried_out_by_it()
    {
        await using var api = await Some.Api(instant: false);
        var folder = Some.JobFolder();
        using var first = Cli.Start(folder, Some.Environment(api), "run");
        (await first.SaysAsync("batch_created b-2")).ShouldBeTrue();

        var refused = await Cli.RunAsync(folder, Some.Environment(api), "cancel");
        var dry = await Cli.RunAsync(folder, Some.Environment(api), "cancel", "--dry-run");
        var cancel = await Cli.RunAsync(folder, Some.Environment(api), "cancel", "--yes");
        (await first.SaysAsync("canceling what is in flight")).ShouldBeTrue();
        api.Clock.Advance(TimeSpan.FromHours(1));
        var end = await first.EndAsync();

        refused.ExitCode.ShouldBe(2, refused.All);
        refused.Err.ShouldContain("--yes");
        dry.Out.ShouldContain("Nothing was changed.");
        cancel.ExitCode.ShouldBe(0, cancel.All);
        cancel.Out.ShouldContain($"process {first.Id}, run goods");
        end.ExitCode.ShouldBe(0, end.All);
        end.Out.ShouldContain("Canceled; what finished before is kept.");
        end.Out.ShouldContain("+ 0 open");
    }

    [Fact]
    public async Task A_cancel_of_a_detached_run_needs_no_wait()
    {
        await using var api = await Some.Api(instant: false);
        var folder = Some.JobFolder();
        await Cli.RunAsync(folder, Some.Environment(api), "run", "--timeout", "1s");

        var cancel = await Cli.RunAsync(folder, Some.Environment(api), "cancel", "--yes", "--no-wait", "--json");
        api.Clock.Advance(TimeSpan.FromHours(1));
        var run = await Cli.RunAsync(folder, Some.Environment(api), "run", "--json");
        var again = await Cli.RunAsync(folder, Some.Environment(api), "cancel", "--yes");

        cancel.ExitCode.ShouldBe(0, cancel.All);
        cancel.Json.GetProperty("outcome").GetString().ShouldBe("canceling");
        run.Json.GetProperty("outcome").GetString().ShouldBe("canceled");
        run.Json.GetProperty("ledger").GetProperty("open").GetInt64().ShouldBe(0);
        again.Out.ShouldContain("there is nothing to cancel");
    }
}
