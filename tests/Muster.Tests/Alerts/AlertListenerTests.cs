using System.Text.Json;
using Muster.Alerts;
using Muster.Claude;
using Muster.Jobs;
using Muster.Runs;
using Muster.Simulator;
using Muster.Simulator.Faults;
using Muster.Stores;
using Muster.Tests.Runs;

namespace Muster.Tests.Alerts;

/// <summary>What a run tells its receiver, over a real socket, and that nothing a receiver does touches the run.</summary>
public sealed class AlertListenerTests
{
    private static readonly AlertKind[] All = Enum.GetValues<AlertKind>();

    private static AlertOptions To(Receiver receiver) => new()
    {
        Webhook = new Secret(receiver.Url), WebhookSecret = new Secret("a secret of more than twenty-four bytes"), AllowLoopback = true,
        Backoff = TimeSpan.FromMilliseconds(1), Timeout = TimeSpan.FromMilliseconds(500),
    };

    private static JsonElement Data(Received request) => JsonDocument.Parse(request.Body).RootElement.GetProperty("data");

    [Fact]
    public async Task A_failure_budget_that_is_exceeded_is_told_once_with_counts_and_no_row_text()
    {
        await using var receiver = new Receiver();
        await using var trial = await Trial.StartAsync(
            new FaultPlan { Rows = [new RowRule { Contains = "canary", Outcome = "invalid_request_error" }] },
            job => job with { Budget = new BudgetSpec(Failures: 0.1) }, [.. Some.Rows(6), "k-canary,canary one", "k-canary2,canary two"]);

        var end = await trial.RunAsync(options => options with { Alerts = To(receiver) });

        end.ExitCode.ShouldBe(ExitCodes.BudgetExceeded);
        var got = receiver.Requests.ShouldHaveSingleItem();
        got.Text.ShouldContain("\"type\":\"muster.budget\"");
        got.Text.ShouldNotContain("canary");
        Data(got).GetProperty("reason").GetString().ShouldBe("AGG.BUDGET");
        Data(got).GetProperty("ledger").GetProperty("quarantined").GetInt64().ShouldBe(2);
        trial.Heard.Count(RunEventKind.AlertSent).ShouldBe(1);
        var log = await File.ReadAllTextAsync(Path.Combine(trial.Job.Directory, ".muster", AlertLog.FileName));
        log.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length.ShouldBe(2);
        log.ShouldContain("\"kind\":\"budget\"");
        (log + string.Join("\n", trial.Heard.Events)).ShouldNotContain("t0ken");
    }

    [Fact]
    public async Task The_spending_cap_is_a_budget_and_ends_with_its_exit_code()
    {
        await using var receiver = new Receiver();
        await using var trial = await Trial.StartAsync(job: job => job with { Budget = new BudgetSpec(Usd: 0.0001m) });

        var end = await trial.RunAsync(options => options with { Alerts = To(receiver) });

        end.Outcome.ShouldBe(RunOutcome.Paused);
        end.ExitCode.ShouldBe(ExitCodes.BudgetExceeded);
        Data(receiver.Requests.ShouldHaveSingleItem()).GetProperty("reason").GetString().ShouldBe("REQ.COST_CAP");
    }

    [Fact]
    public async Task Batches_that_the_platform_failed_hold_the_run_and_are_told()
    {
        await using var receiver = new Receiver();
        await using var trial = await Trial.StartAsync(new FaultPlan { Rows = [new RowRule { Outcome = "expired" }] },
            job => job with { Budget = new BudgetSpec(Batches: 0.2) });

        var end = await trial.RunAsync(options => options with { Alerts = To(receiver) });

        end.Outcome.ShouldBe(RunOutcome.OverFailureBudget);
        end.ExitCode.ShouldBe(ExitCodes.BudgetExceeded);
        end.Why.ShouldNotBeNull().ShouldContain("came back mostly expired or errored by the service");
        receiver.Requests.ShouldHaveSingleItem().Text.ShouldContain("muster.budget");
        await trial.BooksShouldBalanceAsync();
        trial.Api.Faults = FaultPlan.None;
        await trial.ShouldBeDoneAsync(await trial.RunAsync(options => options with { IgnoreFailureBudget = true }));
    }

    [Fact]
    public async Task Creates_that_never_arrive_are_told_as_a_pause()
    {
        await using var receiver = new Receiver();
        await using var trial = await Trial.StartAsync(Trial.Calls("create", CallFaultKind.Status, first: 1_000), rows: Some.Rows(3));

        await trial.RunAsync(options => options with { Alerts = To(receiver), QuietPeriod = TimeSpan.FromMilliseconds(100) });

        var got = receiver.Requests.ShouldHaveSingleItem();
        got.Text.ShouldContain("muster.paused");
        Data(got).GetProperty("reason").GetString().ShouldBe("API.CREATE_LOST");
        Data(got).GetProperty("message").GetString().ShouldBe("The run is paused: its creates do not reach the API. No row is blamed.");
    }

    [Fact]
    public async Task Requests_that_were_refused_are_not_the_platforms_failures()
    {
        await using var trial = await Trial.StartAsync(new FaultPlan { Rows = [new RowRule { Outcome = "invalid_request_error" }] },
            job => job with { Budget = new BudgetSpec(Batches: 0) });

        (await trial.RunAsync()).Outcome.ShouldBe(RunOutcome.Done);
    }

    [Theory]
    [InlineData("500 No")]
    [InlineData("302 Moved\r\nLocation: http://169.254.169.254/")]
    [InlineData(null)]
    public async Task A_receiver_that_fails_is_an_event_and_does_not_fail_the_run(string? answer)
    {
        await using var receiver = new Receiver(_ => answer);
        await using var trial = await Trial.StartAsync(job: job => job with { Alerts = new AlertSpec { On = All } });

        var end = await trial.RunAsync(options => options with { Alerts = To(receiver) });

        await trial.ShouldBeDoneAsync(end);
        trial.Heard.Events[^1].Kind.ShouldBe(RunEventKind.AlertFailed);
        trial.Heard.Events[^1].Text.ShouldStartWith("done: 127.0.0.1: ");
        receiver.Requests.Count.ShouldBe(answer?.StartsWith("302", StringComparison.Ordinal) == true ? 1 : 3);
    }

    [Fact]
    public async Task What_the_job_does_not_ask_for_is_not_told()
    {
        await using var receiver = new Receiver();
        await using var trial = await Trial.StartAsync();

        await trial.ShouldBeDoneAsync(await trial.RunAsync(options => options with { Alerts = To(receiver) }));

        receiver.Requests.ShouldBeEmpty();
    }

    [Theory]
    [InlineData(false, "The run is over: every row is accounted for.")]
    [InlineData(true, "The run is over: canceled.")]
    public async Task A_run_that_is_over_says_whether_it_was_canceled(bool isCanceled, string message)
    {
        await using var receiver = new Receiver();
        await using var trial = await Trial.StartAsync(job: job => job with { Alerts = new AlertSpec { On = All } });
        trial.Heard.OnEvent = e =>
        {
            if (isCanceled && e.Kind == RunEventKind.Opened)
                new CancelRequests(StoreFolder.Of(trial.Job)).Request(e.Run);
        };

        var end = await trial.RunAsync(options => options with { Alerts = To(receiver) });

        end.Outcome.ShouldBe(isCanceled ? RunOutcome.Canceled : RunOutcome.Done);
        receiver.Requests.ShouldHaveSingleItem().Text.ShouldContain("muster.done");
        Data(receiver.Requests[0]).GetProperty("message").GetString().ShouldBe(message);
    }

    [Theory]
    [InlineData("AGG.ACCOUNTING", "its books do not balance")]
    [InlineData("API.RESULT_MISSING", "its books do not balance")]
    [InlineData("API.RESULT_MISSING.cut", "its books do not balance")]
    [InlineData("API.RESULT_UNMATCHED", "its books do not balance")]
    [InlineData("API.RESULT_MISSING.gone", "results of a batch cannot be had")]
    [InlineData("API.RESULT_MISSING.not_found", "results of a batch cannot be had")]
    [InlineData("API.RESULT_BROKEN", "results of a batch cannot be had")]
    [InlineData("API.RESULT_BROKEN.refused", "results of a batch cannot be had")]
    [InlineData("API.BATCH_GONE", "results of a batch cannot be had")]
    public async Task A_hold_says_whether_the_books_differ_or_results_are_lacking(string reason, string because)
    {
        await using var receiver = new Receiver();
        await using var trial = await Trial.StartAsync();
        var run = (await trial.RunAsync()).Run;
        await using var store = trial.Read();
        using var listener = new AlertListener(trial.Job, store, store.Folder, Some.Options(trial.Heard) with { Alerts = To(receiver) }).For(run);

        listener.Report(new RunEvent(run.OpenedAt, run.Name, RunEventKind.Held, $"{reason}: b-1 (msgbatch_1): seen", null));
        await listener.DrainAsync();

        var got = receiver.Requests.ShouldHaveSingleItem();
        got.Text.ShouldContain("muster.held");
        Data(got).GetProperty("reason").GetString().ShouldBe(reason);
        Data(got).GetProperty("message").GetString().ShouldBe($"The run is held: {because}. Nothing of it is promoted.");
    }

    /// <summary>The batches are created, nobody comes back for them, and time stands still.</summary>
    private static async Task<Trial> AbandonedAsync()
    {
        var start = new DateTimeOffset(2026, 11, 1, 0, 0, 0, TimeSpan.Zero);
        var trial = await Trial.StartAsync(simulator: new SimulatorOptions { Speed = 0, StartAt = start });
        (await trial.RunAsync(options => Virtual(trial, options))).Outcome.ShouldBe(RunOutcome.StillProcessing);
        return trial;
    }

    private static PipelineOptions Virtual(Trial trial, PipelineOptions options) =>
        options with { Time = trial.Api.Clock, Timeout = TimeSpan.Zero, PollInterval = null };

    [Theory]
    [InlineData(24.9, 0)]
    [InlineData(25.1, 1)]
    public async Task A_run_that_goes_on_from_day_25_tells_what_nobody_fetched_until_then(double days, int alerts)
    {
        await using var receiver = new Receiver();
        await using var trial = await AbandonedAsync();
        trial.Api.Clock.Advance(TimeSpan.FromDays(days));

        await trial.RunAsync(options => Virtual(trial, options) with { Alerts = To(receiver) });

        receiver.Requests.Count(request => request.Text.Contains("\"type\":\"muster.expiring\"", StringComparison.Ordinal)).ShouldBe(alerts);
        receiver.Requests.ShouldAllBe(request => Data(request).GetProperty("batches").GetArrayLength() == 4);
        trial.Heard.Count(RunEventKind.Expiring).ShouldBe(alerts);
    }

    [Fact]
    public async Task Results_that_nobody_fetched_are_told_from_day_25_once_a_day()
    {
        await using var receiver = new Receiver();
        await using var trial = await AbandonedAsync();
        var job = trial.Job;

        async Task LookAsync()
        {
            await using var store = trial.Read();
            using var listener = new AlertListener(job, store, store.Folder, Virtual(trial, Some.Options(trial.Heard)) with { Alerts = To(receiver) }).For((await store.RunsAsync()).Single());
            await listener.LookForExpiringAsync(trial.Api.Clock.GetUtcNow());
            await listener.DrainAsync();
        }

        trial.Api.Clock.Advance(TimeSpan.FromDays(24.9));
        await LookAsync();
        receiver.Requests.ShouldBeEmpty();
        trial.Api.Clock.Advance(TimeSpan.FromDays(0.2));
        await LookAsync();
        await LookAsync();
        var got = receiver.Requests.ShouldHaveSingleItem();
        got.Text.ShouldContain("muster.expiring");
        Data(got).GetProperty("batches").GetArrayLength().ShouldBe(4);
        trial.Heard.Count(RunEventKind.Expiring).ShouldBe(2);
        trial.Api.Clock.Advance(TimeSpan.FromDays(1));
        await LookAsync();
        receiver.Requests.Count.ShouldBe(2);
    }
}
