using System.Net;
using System.Text.Json.Nodes;
using Microsoft.Data.Sqlite;
using Muster.Batches;
using Muster.Requests;
using Muster.Runs;
using Muster.Stores;
using Muster.Stores.Sqlite;

namespace Muster.Tests.Runs;

/// <summary>The look for duplicates at a run's end, and at each later command: what fails once, or has not ended, hides none.</summary>
public sealed class AuditTests
{
    private const int Rows = 5;

    [Theory]
    [InlineData(529, "overloaded_error")]
    [InlineData(500, "api_error")]
    [InlineData(0, "")]
    public async Task A_list_that_fails_at_the_end_is_read_again_and_hides_no_duplicate(int status, string type)
    {
        await using var trial = await Trial.StartAsync(rows: Some.Rows(Rows));
        var repeater = new Repeater();
        var failures = 0;
        AtTheEnd(trial, () => repeater.OnList = () => ++failures > 2 ? null
            : status == 0 ? throw new HttpRequestException("connection reset") : Refusal((HttpStatusCode)status, type));

        var end = await trial.RunAsync(transport: repeater);

        failures.ShouldBeGreaterThan(2);
        await ShouldBeBookedAsync(trial, end, RunOutcome.Done);
    }

    [Fact]
    public async Task A_key_that_is_revoked_before_the_list_is_read_pauses_the_run()
    {
        await using var trial = await Trial.StartAsync(rows: Some.Rows(Rows));
        var repeater = new Repeater();
        AtTheEnd(trial, () => repeater.OnList = () => Refusal(HttpStatusCode.Unauthorized, "authentication_error"));

        var end = await trial.RunAsync(transport: repeater);

        end.Outcome.ShouldBe(RunOutcome.Paused, end.Why);
        end.Why.ShouldNotBeNull().ShouldContain("authentication_error");
        await ShouldBeBookedAsync(trial, await trial.RunAsync(), RunOutcome.Done);
    }

    [Fact]
    public async Task A_list_that_the_API_refuses_pauses_the_run_until_it_answers()
    {
        await using var trial = await Trial.StartAsync(rows: Some.Rows(Rows));
        var repeater = new Repeater();
        AtTheEnd(trial, () => repeater.OnList = () => throw new HttpRequestException("connection reset"));
        await trial.RunAsync(options => options with { Timeout = TimeSpan.FromSeconds(1) }, repeater);

        var end = await trial.RunAsync(options => options with { Timeout = TimeSpan.FromSeconds(20) },
            new Repeater { OnList = () => Refusal(HttpStatusCode.NotFound, "not_found_error") });

        end.Outcome.ShouldBe(RunOutcome.Paused, end.Why);
        end.Why.ShouldNotBeNull().ShouldStartWith("API.CREATE_REJECTED: the list of batches is refused: HTTP 404 not_found_error");
        end.Run.State.ShouldBe(RunState.Paused);
        await ShouldBeBookedAsync(trial, await trial.RunAsync(), RunOutcome.Done);
    }

    [Fact]
    public async Task A_batch_with_our_tag_and_an_unknown_nonce_holds_the_run()
    {
        await using var trial = await Trial.StartAsync(rows: Some.Rows(Rows));
        var repeater = new Repeater { OnDuplicate = request => IsResults(request) ? Results(OfOtherNonce(trial)) : null };

        var end = await trial.RunAsync(transport: repeater);

        (end.Outcome, end.ExitCode).ShouldBe((RunOutcome.Unbalanced, ExitCodes.Unbalanced), end.Why);
        end.Run.State.ShouldBe(RunState.Held);
        end.Why.ShouldNotBeNull().ShouldStartWith("AGG.ACCOUNTING: 1 batch at the remote");
        end.Why.ShouldContain("nonce ZZZZZZZZ");
        end.Why.ShouldContain("msgbatch_");
    }

    [Fact]
    public async Task Suspects_beyond_those_looked_at_are_named_apart()
    {
        await using var trial = await Trial.StartAsync(rows: Some.Rows(Rows));
        var reads = new HashSet<string>();
        AtTheEnd(trial, () =>
        {
            for (var i = 0; i < 52; i++)
                trial.ForeignBatchAsync(Rows).GetAwaiter().GetResult();
        });
        var wire = new Wire { Before = (_, request) => IsResults(request) && trial.Heard.Count(RunEventKind.BatchSettled) > 0 && reads.Add(request.RequestUri!.AbsolutePath)
            ? throw new HttpRequestException("connection reset") : Task.CompletedTask };

        var end = await trial.RunAsync(options => options with { QuietPeriod = TimeSpan.Zero }, wire);

        end.Outcome.ShouldBe(RunOutcome.Done, end.Why);
        end.Why.ShouldNotBeNull().ShouldContain("50 batches of unknown owner");
        end.Why.ShouldContain("2 batches of unknown owner");
        end.Why.ShouldContain("not looked at yet");
    }

    [Fact]
    public async Task A_list_that_never_answers_ends_with_the_time_to_wait_and_the_run_is_not_done()
    {
        await using var trial = await Trial.StartAsync(rows: Some.Rows(Rows));
        var repeater = new Repeater();
        AtTheEnd(trial, () => repeater.OnList = () => throw new HttpRequestException("connection reset"));

        var end = await trial.RunAsync(options => options with { Timeout = TimeSpan.FromSeconds(2) }, repeater);

        end.Outcome.ShouldBe(RunOutcome.StillProcessing, end.Why);
        end.Ledger.Open.ShouldBe(0);
        end.Run.State.ShouldBe(RunState.Running);
        await ShouldBeBookedAsync(trial, await trial.RunAsync(), RunOutcome.Done);
    }

    [Theory]
    [InlineData(500, "api_error")]
    [InlineData(404, "not_found_error")]
    public async Task A_suspect_that_cannot_be_read_once_is_read_again(int status, string type)
    {
        await using var trial = await Trial.StartAsync(rows: Some.Rows(Rows));
        var reads = 0;
        var repeater = new Repeater
        {
            OnDuplicate = request => request.RequestUri!.AbsolutePath.EndsWith("/results", StringComparison.Ordinal) && ++reads == 1
                ? Refusal((HttpStatusCode)status, type)
                : null,
        };

        var end = await trial.RunAsync(transport: repeater);

        await ShouldBeBookedAsync(trial, end, RunOutcome.Done);
    }

    [Fact]
    public async Task A_suspect_whose_results_the_account_may_not_read_pauses_the_run()
    {
        await using var trial = await Trial.StartAsync(rows: Some.Rows(Rows));
        var repeater = new Repeater
        {
            OnDuplicate = request => request.RequestUri!.AbsolutePath.EndsWith("/results", StringComparison.Ordinal)
                ? Refusal(HttpStatusCode.Forbidden, "permission_error")
                : null,
        };

        var end = await trial.RunAsync(transport: repeater);

        end.Outcome.ShouldBe(RunOutcome.Paused, end.Why);
        await ShouldBeBookedAsync(trial, await trial.RunAsync(), RunOutcome.Done);
    }

    [Fact]
    public async Task A_duplicate_that_ends_after_our_batch_is_followed_to_its_end()
    {
        await using var trial = await Trial.StartAsync(rows: Some.Rows(Rows));
        var looks = 0;
        var repeater = new Repeater { Listed = entry => ++looks < 5 ? Running(entry) : entry };

        var end = await trial.RunAsync(options => options with { QuietPeriod = TimeSpan.FromMinutes(1) }, repeater);

        await ShouldBeBookedAsync(trial, end, RunOutcome.Done);
        trial.Heard.Events.ShouldContain(e => e.Kind == RunEventKind.Waiting && e.Text.Contains("may be made twice", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_duplicate_that_shows_only_after_the_run_is_done_is_found_by_the_next_command(bool isListed)
    {
        await using var trial = await Trial.StartAsync(rows: Some.Rows(Rows));

        var end = await trial.RunAsync(transport: new Repeater { Listed = entry => isListed ? Running(entry) : null });

        end.Outcome.ShouldBe(RunOutcome.Done);
        end.ExitCode.ShouldBe(ExitCodes.Ok);
        if (isListed)
            end.Why.ShouldNotBeNull().ShouldContain("1 batch of unknown owner at the remote (msgbatch_");
        else
            end.Why.ShouldBeNull();
        await ShouldBeBookedAsync(trial, await trial.RunAsync(), RunOutcome.NothingToDo);
        var calls = 0;
        var again = await trial.RunAsync(transport: new Wire { Before = (call, _) => Task.FromResult(calls = call) });
        (again.Outcome, again.ExitCode, calls).ShouldBe((RunOutcome.NothingToDo, ExitCodes.Unbalanced, 1));
    }

    [Fact]
    public async Task A_run_that_waits_for_a_suspect_sleeps_meanwhile()
    {
        await using var trial = await Trial.StartAsync(rows: Some.Rows(Rows));
        var time = new CountingTime();
        AtTheEnd(trial, () => time.Timers = 0);

        var end = await trial.RunAsync(options => options with { Time = time, QuietPeriod = TimeSpan.FromSeconds(1) }, new Repeater { Listed = Running });

        end.Why.ShouldNotBeNull().ShouldContain("of unknown owner");
        // One of 21 ms a pass, and those of a few calls.
        time.Timers.ShouldBeInRange(10, 80);
        time.Readings.ShouldBeLessThan(20_000);
    }

    [Fact]
    public async Task A_suspect_that_runs_on_does_not_hold_a_canceled_run()
    {
        await using var trial = await Trial.StartAsync(rows: Some.Rows(Rows));
        AtTheEnd(trial, () => Runner.RequestCancelAsync(trial.Job).GetAwaiter().GetResult());

        var end = await trial.RunAsync(options => options with { QuietPeriod = TimeSpan.FromHours(1) }, new Repeater { Listed = Running });

        end.Outcome.ShouldBe(RunOutcome.Canceled, end.Why);
        end.Why.ShouldNotBeNull().ShouldContain("of unknown owner");
    }

    [Fact]
    public async Task Another_programs_batch_of_our_count_is_looked_at_once_and_remembered()
    {
        await using var trial = await Trial.StartAsync(rows: Some.Rows(Rows));
        var theirs = "";
        trial.Heard.OnEvent = e =>
        {
            if (e.Kind == RunEventKind.BatchCreated)
                theirs = trial.ForeignBatchAsync(Rows).GetAwaiter().GetResult();
        };

        var end = await trial.RunAsync();

        end.Outcome.ShouldBe(RunOutcome.Done, end.Why);
        end.Ledger.Open.ShouldBe(0);
        end.Why.ShouldBeNull();
        await using (var store = trial.Read())
            (await store.KnownRemoteIdsAsync()).ShouldContain(theirs);
        var calls = 0;
        var again = await trial.RunAsync(transport: new Wire { Before = (call, _) => Task.FromResult(calls = call) });
        (again.Outcome, again.ExitCode, calls).ShouldBe((RunOutcome.NothingToDo, ExitCodes.Ok, 1));
    }

    [Fact]
    public async Task A_remote_that_cannot_be_reached_is_said_where_nothing_is_to_do()
    {
        await using var trial = await Trial.StartAsync(rows: Some.Rows(Rows));
        await trial.ShouldBeDoneAsync(await trial.RunAsync());

        var end = await trial.RunAsync(transport: new Repeater { OnList = () => throw new HttpRequestException("connection refused") });

        (end.Outcome, end.ExitCode).ShouldBe((RunOutcome.NothingToDo, ExitCodes.Ok));
        end.Why.ShouldNotBeNull().ShouldContain("did not give its list");
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(16, true)]
    [InlineData(18, false)]
    [InlineData(-2, true)]
    public void A_batch_created_long_after_our_create_is_not_awaited(int minutesAfterGate, bool isAwaited)
    {
        var gate = new DateTimeOffset(2026, 11, 21, 12, 0, 0, TimeSpan.Zero);
        var ours = Batch(gate, BatchState.Settled);
        var theirs = Remote(ours.Requests, gate.AddMinutes(minutesAfterGate));
        HashSet<string> none = [];

        var suspect = Suspects.Of([ours], [theirs], none).ShouldHaveSingleItem();

        Suspects.IsAwaited(suspect, TimeSpan.FromMinutes(15)).ShouldBe(isAwaited);
        // What became of a withdrawn one's create is never certain.
        Suspects.IsAwaited(Suspects.Of([Batch(gate, BatchState.Withdrawn)], [theirs], none).Single(), TimeSpan.FromMinutes(15)).ShouldBeTrue();
        Suspects.Of([ours], [Remote(ours.Requests, gate.AddMinutes(-4))], none).ShouldBeEmpty();
        Suspects.Of([ours], [Remote(ours.Requests + 1, gate)], none).ShouldBeEmpty();
        Suspects.Of([ours], [theirs], new HashSet<string> { theirs.Id }).ShouldBeEmpty();
        Suspects.Of([ours with { GateAt = null }], [theirs], none).ShouldBeEmpty();
    }

    private static Batch Batch(DateTimeOffset gate, BatchState state) => new()
    {
        Id = 1, Name = "b-1", RunId = 1, Tier = 0, State = state, Nonce = "AAAAAAAA", Requests = 7, BodyBytes = 1, BodySha256 = "", ApiVersion = "",
        SealedAt = gate, GateAt = gate, ListedUntil = gate.AddMinutes(-1),
    };

    private static RemoteBatch Remote(int requests, DateTimeOffset created) =>
        new("msgbatch_1", RemoteStatus.InProgress, new RequestCounts(requests, 0, 0, 0, 0), created, created.AddDays(1), null, null, null);

    private static async Task ShouldBeBookedAsync(Trial trial, RunEnd end, RunOutcome outcome)
    {
        end.Outcome.ShouldBe(outcome, end.Why);
        end.ExitCode.ShouldBe(ExitCodes.Unbalanced);
        end.Duplicates.ShouldBe(1);
        end.Why.ShouldBeNull();
        await using var store = trial.Read();
        (await store.DuplicatesAsync(end.Run.Id)).ShouldHaveSingleItem().Bill.ShouldNotBeNull().Succeeded.ShouldBe(Rows);
        (await store.AuditAsync(end.Run.Id)).ShouldBeEmpty();
    }

    /// <summary>Acts once every row has its result.</summary>
    private static void AtTheEnd(Trial trial, Action act) => trial.Heard.OnEvent = e =>
    {
        if (e.Kind == RunEventKind.BatchSettled)
            act();
    };

    private static JsonNode Running(JsonNode entry)
    {
        entry["processing_status"] = "in_progress";
        entry["ended_at"] = null;
        entry["results_url"] = null;
        entry["request_counts"] = JsonNode.Parse($$"""{"processing":{{Rows}},"succeeded":0,"errored":0,"canceled":0,"expired":0}""");
        return entry;
    }

    private sealed class CountingTime : TimeProvider
    {
        public int Timers { get; set; }

        public int Readings { get; private set; }

        public override long GetTimestamp()
        {
            Readings++;
            return base.GetTimestamp();
        }

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            Timers++;
            return base.CreateTimer(callback, state, dueTime, period);
        }
    }

    private static bool IsResults(HttpRequestMessage request) => request.RequestUri!.AbsolutePath.EndsWith("/results", StringComparison.Ordinal);

    private static string OfOtherNonce(Trial trial)
    {
        using var store = new SqliteConnection($"Data Source={Path.Combine(StoreFolder.Of(trial.Job), StoreDefaults.DatabaseName)};Mode=ReadOnly;Pooling=False");
        store.Open();
        var ids = new byte[CustomId.MaxChars];
        return System.Text.Encoding.ASCII.GetString(ids, 0, CustomId.Write(ids, "r-1", null, store.Scalar<string>("select tag from run order by run_id desc limit 1"), "ZZZZZZZZ", 1));
    }

    private static HttpResponseMessage Results(string id) => new(HttpStatusCode.OK)
    {
        Content = new StringContent($$$"""{"custom_id":"{{{id}}}","result":{"type":"canceled"}}""" + "\n"),
    };

    private static HttpResponseMessage Refusal(HttpStatusCode status, string type) => new(status)
    {
        Content = new StringContent($$"""{"type":"error","error":{"type":"{{type}}","message":"not now"},"request_id":"req_1"}""",
            System.Text.Encoding.UTF8, "application/json"),
    };
}
