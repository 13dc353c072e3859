using System.Text;
using Muster.Jobs;
using Muster.Runs;
using Muster.Simulator;
using Muster.Simulator.Faults;
using Muster.Sources;
using Muster.Verdicts;

namespace Muster.Tests.Runs;

/// <summary>What people do to a run: money, patience, cancellation, changes, odd keys.</summary>
public sealed class RunCourseTests
{
    private static readonly SimulatorOptions Slow = new()
    {
        TimeToEndMin = TimeSpan.FromSeconds(1.5), TimeToEndMax = TimeSpan.FromSeconds(1.5),
    };

    [Fact]
    public async Task A_create_that_is_too_large_for_the_service_pauses_and_says_so()
    {
        await using var trial = await Trial.StartAsync(
            simulator: new SimulatorOptions { Instant = true, MaxBodyBytes = 2_000, Wire = new WireSwitches { HtmlTooLarge = true } });

        var end = await trial.RunAsync();

        end.Outcome.ShouldBe(RunOutcome.Paused);
        end.Why.ShouldNotBeNull().ShouldContain("413");
        end.Ledger.Pending.ShouldBe(20);
        trial.Job = trial.Job with { Limits = trial.Job.Limits with { BatchBytes = 2_000 } };
        await trial.ShouldBeDoneAsync(await trial.RunAsync());
    }

    [Fact]
    public async Task A_full_queue_slows_a_run_down_and_loses_nothing()
    {
        await using var trial = await Trial.StartAsync(simulator: new SimulatorOptions
        {
            TimeToEndMin = TimeSpan.FromMilliseconds(300), TimeToEndMax = TimeSpan.FromMilliseconds(300), QueuedRequests = 9,
        });

        await trial.ShouldBeDoneAsync(await trial.RunAsync());
    }

    [Fact]
    public async Task Our_own_queue_limit_is_never_passed()
    {
        await using var trial = await Trial.StartAsync(job: job => job with { Limits = job.Limits with { QueuedRequests = 8 } },
            simulator: new SimulatorOptions
            {
                TimeToEndMin = TimeSpan.FromMilliseconds(200), TimeToEndMax = TimeSpan.FromMilliseconds(200), QueuedRequests = 8,
            });
        var refused = 0;
        trial.Heard.OnEvent = e => refused += e.Text.Contains("HTTP 429", StringComparison.Ordinal) ? 1 : 0;

        await trial.ShouldBeDoneAsync(await trial.RunAsync());

        refused.ShouldBe(0);
    }

    [Fact]
    public async Task The_spending_cap_pauses_before_it_is_passed_and_a_higher_one_goes_on()
    {
        await using var trial = await Trial.StartAsync(job: job => job with { Budget = new BudgetSpec(Usd: 0.0001m) });

        var end = await trial.RunAsync();

        end.Outcome.ShouldBe(RunOutcome.Paused);
        end.Why.ShouldNotBeNull().ShouldStartWith(Reasons.CostCap);
        trial.Api.Truth.CreateCalls.ShouldBe(0);
        trial.Job = trial.Job with { Budget = new BudgetSpec(Usd: 100) };
        await trial.ShouldBeDoneAsync(await trial.RunAsync());
    }

    [Fact]
    public async Task A_reserve_held_by_batches_in_flight_is_waited_for()
    {
        // Room for the reserve of one batch of seven rows and a bit, not of two.
        await using var trial = await Trial.StartAsync(job: job => job with { Budget = new BudgetSpec(Usd: 0.006m) },
            simulator: new SimulatorOptions { TimeToEndMin = TimeSpan.FromMilliseconds(200), TimeToEndMax = TimeSpan.FromMilliseconds(200) });

        var end = await trial.RunAsync();

        end.Outcome.ShouldBe(RunOutcome.Done, end.Why);
        trial.Heard.Events.ShouldContain(e => e.Kind == RunEventKind.Waiting && e.Text.Contains("reserved", StringComparison.Ordinal));
        await using var store = trial.Read();
        (await store.UsageAsync(end.Run.Id)).Sum(usage => usage.CostPicoUsd).ShouldBeLessThan(6_000_000_000);
    }

    [Fact]
    public async Task A_run_that_is_held_for_its_failures_sends_nothing_more_before_a_person_says_so()
    {
        await using var trial = await Trial.StartAsync(
            new FaultPlan { Rates = new Dictionary<string, double>(StringComparer.Ordinal) { ["expired"] = 1 } }, job => job with { Budget = new BudgetSpec(Batches: 0.1) });
        (await trial.RunAsync()).Outcome.ShouldBe(RunOutcome.OverFailureBudget);
        var taken = trial.Api.Truth.PairsAccepted;

        var end = await trial.RunAsync();

        (end.Outcome, trial.Api.Truth.PairsAccepted).ShouldBe((RunOutcome.OverFailureBudget, taken));
        end.Ledger.Open.ShouldBeGreaterThan(0);
    }

    [Fact]
    public async Task More_failures_than_the_job_allows_hold_the_run()
    {
        await using var trial = await Trial.StartAsync(
            new FaultPlan { Rows = [new RowRule { Contains = "number 1", Outcome = "invalid_request_error" }] },
            job => job with { Budget = new BudgetSpec(Failures: 0.1) });

        var end = await trial.RunAsync();

        end.Outcome.ShouldBe(RunOutcome.OverFailureBudget);
        end.ExitCode.ShouldBe(ExitCodes.BudgetExceeded);
        await trial.BooksShouldBalanceAsync();
        await trial.ShouldBeDoneAsync(await trial.RunAsync(options => options with { IgnoreFailureBudget = true }));
    }

    [Fact]
    public async Task A_reask_carries_the_validators_message_even_after_the_platform_failed_it()
    {
        await using var trial = await Trial.StartAsync(
            new FaultPlan { Rows = [new RowRule { Outcome = "violation", Times = 1 }, new RowRule { Outcome = "overloaded_error", Times = 1 }] },
            job => job with { Contract = job.Contract with { OnViolation = OnViolation.Reask } }, Some.Rows(3));
        var bodies = new List<string>();
        var wire = new Wire
        {
            After = async (_, request) =>
            {
                if (request.Method == HttpMethod.Post)
                {
                    await using var store = trial.Read();
                    foreach (var batch in await store.BatchesAsync(1))
                    {
                        await foreach (var row in store.ReadBatchAsync(batch.Id))
                            bodies.Add($"{row.Attempt} {row.Variant} {row.Message}");
                    }
                }
            },
        };

        var end = await trial.RunAsync(transport: wire);

        await trial.ShouldBeDoneAsync(end);
        trial.Api.Truth.RequestsAccepted.ShouldBe(9);
        bodies.ShouldContain(text => text.StartsWith("3 Reask", StringComparison.Ordinal));
        bodies.ShouldNotContain(text => text.Contains("verloaded", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Canceled_by_its_operator_a_run_keeps_what_finished_and_accounts_for_the_rest()
    {
        await using var trial = await Trial.StartAsync(simulator: Slow);
        (await trial.RunAsync(options => options with { Timeout = TimeSpan.FromMilliseconds(300) })).Outcome.ShouldBe(RunOutcome.StillProcessing);

        var end = await trial.CancelAsync();

        end!.Outcome.ShouldBe(RunOutcome.Canceled);
        end.Run.State.ShouldBe(RunState.Canceled);
        end.Ledger.Open.ShouldBe(0);
        (end.Ledger.Canceled + end.Ledger.Succeeded + end.Ledger.HumanQueued).ShouldBe(20);
        await trial.BooksShouldBalanceAsync();
        (await trial.CancelAsync()).ShouldBeNull();
    }

    [Fact]
    public async Task Canceled_by_someone_else_its_rows_are_asked_again()
    {
        await using var trial = await Trial.StartAsync(simulator: Slow);
        var canceled = 0;
        var wire = new Wire
        {
            After = async (_, request) =>
            {
                if (request.Method == HttpMethod.Get && request.RequestUri!.Segments[^1].StartsWith("msgbatch_", StringComparison.Ordinal)
                    && canceled++ == 0)
                    await trial.CancelByHandAsync(request.RequestUri.Segments[^1]);
            },
        };

        var end = await trial.RunAsync(transport: wire);

        await trial.ShouldBeDoneAsync(end);
        end.Ledger.Canceled.ShouldBe(0);
        trial.Api.Truth.RequestsAccepted.ShouldBeGreaterThan(20);
    }

    [Fact]
    public async Task A_changed_job_is_refused_until_it_is_said_which_one()
    {
        await using var trial = await Trial.StartAsync(simulator: Slow);
        await trial.RunAsync(options => options with { Timeout = TimeSpan.FromMilliseconds(300) });
        trial.Job = trial.Job with { Prompt = trial.Job.Prompt with { System = "Another one." } };

        (await Should.ThrowAsync<JobChangedException>(() => trial.RunAsync())).Hint.ShouldContain("--as-opened");

        await trial.ShouldBeDoneAsync(await trial.RunAsync(options => options with { AsOpened = true }));
    }

    [Fact]
    public async Task A_finished_run_has_nothing_to_do_until_asked_anew()
    {
        await using var trial = await Trial.StartAsync(rows: Some.Rows(3));
        await trial.ShouldBeDoneAsync(await trial.RunAsync());
        var calls = trial.Api.Truth.CreateCalls;

        (await trial.RunAsync()).Outcome.ShouldBe(RunOutcome.NothingToDo);
        trial.Api.Truth.CreateCalls.ShouldBe(calls);

        var anew = await trial.RunAsync(options => options with { Anew = true });
        anew.Outcome.ShouldBe(RunOutcome.Done);
        anew.Run.Name.ShouldBe("r-2");
        await trial.BooksShouldBalanceAsync();
    }

    [Fact]
    public async Task A_source_that_changes_while_it_is_read_is_refused_and_the_run_can_be_canceled()
    {
        await using var trial = await Trial.StartAsync();
        var path = trial.Job.Source.Paths[0];
        trial.Heard.OnEvent = e =>
        {
            if (e.Kind == RunEventKind.Opened)
                File.AppendAllText(path, "p-99999,One more\n", Encoding.UTF8);
        };

        (await Should.ThrowAsync<SourceException>(() => trial.RunAsync())).Message.ShouldContain("changed");
        trial.Heard.OnEvent = null;
        (await Should.ThrowAsync<SourceException>(() => trial.RunAsync())).Hint.ShouldContain("muster cancel");
        File.Delete(path);
        (await trial.CancelAsync())!.Outcome.ShouldBe(RunOutcome.Canceled);

        trial.Api.Truth.CreateCalls.ShouldBe(0);
        await trial.BooksShouldBalanceAsync();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Odd_keys_are_joined_back_whatever_stands_in_the_id(bool sensitive)
    {
        string[] keys = ["abc", "ABC", "Abc", "über", "with space", "a/b\\c", new string('x', 43), new string('x', 44), "日本", "q-1", "-", "_", "0"];
        await using var trial = await Trial.StartAsync(
            job: job => job with { Source = job.Source with { Key = job.Source.Key with { Sensitive = sensitive } }, Limits = new LimitSpec() },
            rows: [.. keys.Select(key => $"{key},Running shoes for {key.Length}")],
            simulator: new SimulatorOptions { Instant = true, Wire = new WireSwitches { CaseInsensitiveIds = true } });

        var end = await trial.RunAsync();

        await trial.ShouldBeDoneAsync(end);
        (end.Ledger.Succeeded + end.Ledger.HumanQueued).ShouldBe(keys.Length);
        trial.Api.Truth.BatchesCreated.ShouldBe(1);
    }

    [Fact]
    public async Task Answers_reach_the_row_that_asked_in_whatever_order_they_come()
    {
        var oracle = Path.Combine(Some.Folder(), "answers.tsv");
        await File.WriteAllLinesAsync(oracle,
            Enumerable.Range(1, 20).Select(i => $"p-{i:D5}\t{{\"category\":\"Shoes\",\"summary\":\"answer to p-{i:D5}\"}}"));
        await using var trial = await Trial.StartAsync(simulator: new SimulatorOptions
        {
            Instant = true, Engine = "oracle", OracleFile = oracle, Wire = new WireSwitches { ReshuffleResults = true },
        });

        var end = await trial.RunAsync();

        await trial.ShouldBeDoneAsync(end);
        await using var store = trial.Read();
        var staged = 0;
        await foreach (var row in store.StagedAsync(end.Run.Id))
        {
            Encoding.UTF8.GetString(row.Output.Span).ShouldContain($"answer to {row.Key}");
            staged++;
        }

        staged.ShouldBe(20);
    }
}
