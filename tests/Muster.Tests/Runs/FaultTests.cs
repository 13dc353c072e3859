using System.IO.Compression;
using Muster.Runs;
using Muster.Simulator;
using Muster.Simulator.Faults;
using Muster.Stores;
using Muster.Verdicts;

namespace Muster.Tests.Runs;

/// <summary>Whole runs over HTTP with something wrong on the way, each against what really happened at the remote.</summary>
public sealed class FaultTests
{
    public static TheoryData<string, CallFaultKind, int, FaultBody> Passing => new()
    {
        { "retrieve", CallFaultKind.FalseNotFound, 0, FaultBody.Json }, { "retrieve", CallFaultKind.Status, 500, FaultBody.Html },
        { "retrieve", CallFaultKind.Status, 429, FaultBody.Json }, { "retrieve", CallFaultKind.Status, 529, FaultBody.Empty },
        { "retrieve", CallFaultKind.CutBody, 0, FaultBody.Json }, { "retrieve", CallFaultKind.ResetAfter, 0, FaultBody.Json },
        { "list", CallFaultKind.Status, 503, FaultBody.Html }, { "list", CallFaultKind.CutBody, 0, FaultBody.Json },
        { "list", CallFaultKind.ResetBefore, 0, FaultBody.Json }, { "list", CallFaultKind.RampLimit, 0, FaultBody.Json },
        { "results", CallFaultKind.FalseNotFound, 0, FaultBody.Json }, { "results", CallFaultKind.Status, 500, FaultBody.Html },
        { "results", CallFaultKind.ResetBefore, 0, FaultBody.Json }, { "results", CallFaultKind.ResetAfter, 0, FaultBody.Json },
        { "results", CallFaultKind.ResetInLine, 0, FaultBody.Json }, { "results", CallFaultKind.EndInLine, 0, FaultBody.Json },
        { "results", CallFaultKind.EndBetweenLines, 0, FaultBody.Json }, { "results", CallFaultKind.CutBody, 0, FaultBody.Json },
        { "create", CallFaultKind.RampLimit, 0, FaultBody.Json }, { "create", CallFaultKind.Status, 429, FaultBody.Json },
        { "create", CallFaultKind.Status, 429, FaultBody.Html },
    };

    [Theory]
    [MemberData(nameof(Passing))]
    public async Task Trouble_that_passes_leaves_no_trace(string endpoint, CallFaultKind kind, int status, FaultBody body)
    {
        await using var trial = await Trial.StartAsync(Trial.Calls(endpoint, kind, first: 2, status, body));

        var end = await trial.RunAsync();

        await trial.ShouldBeDoneAsync(end);
    }

    public static TheoryData<string, CallFaultKind, int> AccountFaults => new()
    {
        { "create", CallFaultKind.Status, 401 }, { "create", CallFaultKind.Status, 402 }, { "create", CallFaultKind.Status, 403 },
        { "create", CallFaultKind.UsageLimit, 0 }, { "create", CallFaultKind.SpendCap, 0 }, { "list", CallFaultKind.Status, 401 },
        { "retrieve", CallFaultKind.Status, 401 }, { "retrieve", CallFaultKind.SpendCap, 0 }, { "results", CallFaultKind.Status, 403 },
        { "results", CallFaultKind.UsageLimit, 0 },
    };

    [Theory]
    [MemberData(nameof(AccountFaults))]
    public async Task An_account_cause_pauses_the_run_and_blames_no_row(string endpoint, CallFaultKind kind, int status)
    {
        await using var trial = await Trial.StartAsync(Trial.Calls(endpoint, kind, first: 100, status));

        var end = await trial.RunAsync();

        end.Outcome.ShouldBe(RunOutcome.Paused);
        end.Why.ShouldNotBeNull().ShouldStartWith(Reasons.Account);
        end.Ledger.Open.ShouldBe(20);
        await trial.BooksShouldBalanceAsync();
        trial.Api.Faults = FaultPlan.None;
        await trial.ShouldBeDoneAsync(await trial.RunAsync());
    }

    [Fact]
    public async Task A_key_revoked_while_a_create_is_unknown_pauses_instead_of_waiting_for_ever()
    {
        await using var trial = await Trial.StartAsync(Trial.Calls("create", CallFaultKind.ResetAfter), rows: Some.Rows(3));
        trial.Heard.OnEvent = e =>
        {
            if (e.Kind == RunEventKind.BatchUnknown)
                trial.Api.Faults = FaultPlan.None with { KeyRevoked = true };
        };

        var end = await trial.RunAsync();

        end.Outcome.ShouldBe(RunOutcome.Paused);
        trial.Heard.OnEvent = null;
        trial.Api.Faults = FaultPlan.None;
        await trial.ShouldBeDoneAsync(await trial.RunAsync());
    }

    [Theory]
    [InlineData("credit")]
    [InlineData("billing_error")]
    [InlineData("authentication_error")]
    [InlineData("permission_error")]
    public async Task An_account_cause_hidden_in_rows_pauses_the_run(string outcome)
    {
        await using var trial = await Trial.StartAsync(new FaultPlan { Rows = [new RowRule { Outcome = outcome, Times = 1 }] });

        var end = await trial.RunAsync();

        end.Outcome.ShouldBe(RunOutcome.Paused);
        end.Ledger.Open.ShouldBe(20);
        await trial.BooksShouldBalanceAsync();
        await trial.ShouldBeDoneAsync(await trial.RunAsync());
    }

    public static TheoryData<string> Damages => new("missing", "duplicate", "garbage", "extra", "unknown_type", "flat_error");

    /// <summary>What the message of each damage names: a line, an id, or both.</summary>
    public static TheoryData<string, string, string> Named => new()
    {
        { "missing", Reasons.ResultMissing, "[1-6] of 6 results are missing, the first that of \"p-0000[1-6]-" },
        { "duplicate", Reasons.ResultUnmatched + ".duplicate", "line [2-7]: the id \"p-0000[1-6]-[^\"]+\" stands on an earlier line too" },
        { "garbage", Reasons.ResultUnmatched + ".corrupt", "line [1-6] is not a result: \"[^\"]*" },
        { "extra", Reasons.ResultUnmatched + ".unknown", "line 7: the id \"nobody-sent-this-1\" was never sent" },
        { "unknown_type", Reasons.ResultUnmatched + ".corrupt", "line [1-6] is not a result: .*p-0000[1-6]-" },
        { "flat_error", Reasons.Accounting, "the remote counts 6 succeeded, .*, the first beyond its count on line [1-6] \\(\"p-0000[1-6]-" },
    };

    private static LineFaults Damage(string kind, int downloads) => kind switch
    {
        "missing" => new LineFaults { Missing = 0.5, Downloads = downloads },
        "duplicate" => new LineFaults { Duplicate = 0.5, Downloads = downloads },
        "garbage" => new LineFaults { Garbage = 0.5, Downloads = downloads },
        "extra" => new LineFaults { Extra = 1, Downloads = downloads },
        "unknown_type" => new LineFaults { UnknownType = 0.5, Downloads = downloads },
        _ => new LineFaults { FlatError = 0.5, Downloads = downloads },
    };

    [Theory]
    [MemberData(nameof(Damages))]
    public async Task Results_that_are_damaged_once_are_downloaded_again(string kind)
    {
        await using var trial = await Trial.StartAsync(new FaultPlan { Lines = Damage(kind, 1) });

        await trial.ShouldBeDoneAsync(await trial.RunAsync());

        trial.Heard.Count(RunEventKind.Trouble).ShouldBeGreaterThan(0);
    }

    [Theory]
    [MemberData(nameof(Named))]
    public async Task Results_that_stay_damaged_hold_the_run_and_nothing_of_them_is_used(string kind, string reason, string named)
    {
        await using var trial = await Trial.StartAsync(new FaultPlan { Lines = Damage(kind, 0) }, rows: Some.Rows(6));

        var end = await trial.RunAsync();

        end.Outcome.ShouldBe(RunOutcome.Unbalanced);
        end.ExitCode.ShouldBe(ExitCodes.Unbalanced);
        end.Run.State.ShouldBe(RunState.Held);
        end.Ledger.InFlight.ShouldBe(6);
        var damaged = Path.Combine(StoreFolder.Of(trial.Job), "archive", "b-1.jsonl.damaged.gz");
        end.Why.ShouldNotBeNull().ShouldMatch($"^{reason}: b-1 \\(msgbatch_[^)]+\\): {named}");
        end.Why.ShouldContain(damaged);
        (await LinesAsync(damaged)).ShouldContain("p-0000");
        await trial.BooksShouldBalanceAsync();
        trial.Api.Faults = FaultPlan.None;
        await trial.ShouldBeDoneAsync(await trial.RunAsync());
        File.Exists(damaged).ShouldBeFalse();
    }

    [Fact]
    public async Task Results_that_are_always_cut_hold_the_run()
    {
        await using var trial = await Trial.StartAsync(Trial.Calls("results", CallFaultKind.EndInLine, first: 1000), rows: Some.Rows(6));

        var end = await trial.RunAsync();

        end.Outcome.ShouldBe(RunOutcome.Unbalanced);
        end.Why.ShouldNotBeNull().ShouldMatch($"^{Reasons.ResultMissing}.cut: .* in the middle of line [1-6]\\. ");
        File.Exists(Path.Combine(StoreFolder.Of(trial.Job), "archive", "b-1.jsonl.damaged.gz")).ShouldBeTrue();
    }

    private static async Task<string> LinesAsync(string archive)
    {
        await using var lines = new GZipStream(File.OpenRead(archive), CompressionMode.Decompress);
        using var reader = new StreamReader(lines);
        return await reader.ReadToEndAsync();
    }

    [Fact]
    public async Task Books_that_do_not_balance_outrank_a_pause()
    {
        await using var trial = await Trial.StartAsync(new FaultPlan { Rows = [new RowRule { Contains = "number 1", Outcome = "credit", Times = 1 }] });
        var settled = 0;
        trial.Heard.OnEvent = e =>
        {
            if (e.Kind == RunEventKind.BatchSettled && ++settled == 1)
                trial.Api.Faults = new FaultPlan { Lines = new LineFaults { Missing = 1 } };
        };

        var end = await trial.RunAsync();

        end.Outcome.ShouldBe(RunOutcome.Unbalanced);
        end.Run.State.ShouldBe(RunState.Held);
    }

    [Fact]
    public async Task Blank_lines_new_fields_CRLF_gzip_and_another_order_change_nothing()
    {
        await using var trial = await Trial.StartAsync(new FaultPlan { Lines = new LineFaults { Blank = 0.5, NewFields = 0.5 } },
            simulator: new SimulatorOptions
            {
                Instant = true,
                Wire = new WireSwitches { CrLfResults = true, Gzip = true, ReshuffleResults = true, ResultsContentType = "", LiveCounts = true },
            });

        await trial.ShouldBeDoneAsync(await trial.RunAsync());
    }

    [Theory]
    [InlineData("overloaded_error", Reasons.Transient)]
    [InlineData("novel_error", Reasons.Transient)]
    [InlineData("rate_limit_error", Reasons.Transient)]
    [InlineData("expired", Reasons.Expired)]
    [InlineData("canceled", Reasons.Canceled)]
    public async Task Rows_that_the_platform_always_fails_are_given_up_after_the_last_attempt(string outcome, string reason)
    {
        await using var trial = await Trial.StartAsync(new FaultPlan { Rows = [new RowRule { Outcome = outcome }] },
            job => job with { Limits = job.Limits with { Attempts = 3 } }, Some.Rows(4));

        var end = await trial.RunAsync();

        await trial.ShouldBeDoneAsync(end);
        trial.Api.Truth.RequestsAccepted.ShouldBe(12);
        end.Ledger.Succeeded.ShouldBe(0);
        await using var store = trial.Read();
        (await store.ReasonsAsync(end.Run.Id)).ShouldHaveSingleItem().Reason.ShouldStartWith(reason);
    }

    [Theory]
    [InlineData("overloaded_error")]
    [InlineData("expired")]
    [InlineData("broken")]
    [InlineData("violation")]
    [InlineData("truncated")]
    public async Task Rows_that_fail_once_are_asked_again_and_only_they(string outcome)
    {
        await using var trial = await Trial.StartAsync(
            new FaultPlan { Rows = [new RowRule { Contains = "number 1", Outcome = outcome, Times = 1 }] });

        var end = await trial.RunAsync();

        await trial.ShouldBeDoneAsync(end);
        (end.Ledger.Succeeded + end.Ledger.HumanQueued).ShouldBe(20);
        // Numbers 1 and 10 to 19.
        trial.Api.Truth.RequestsAccepted.ShouldBe(31);
    }

    [Fact]
    public async Task A_refusal_goes_to_a_person_and_is_not_asked_again()
    {
        await using var trial = await Trial.StartAsync(new FaultPlan { Rows = [new RowRule { Outcome = "refusal" }] });

        var end = await trial.RunAsync();

        await trial.ShouldBeDoneAsync(end);
        end.Ledger.HumanQueued.ShouldBe(20);
        trial.Api.Truth.RequestsAccepted.ShouldBe(20);
    }

    [Theory]
    [InlineData("invalid_request_error", 1)]
    [InlineData("not_found_error", 1)]
    [InlineData("truncated", 4)]
    [InlineData("broken", 4)]
    [InlineData("violation", 2)]
    public async Task Rows_that_no_tier_answers_are_quarantined(string outcome, int requestsEach)
    {
        await using var trial = await Trial.StartAsync(new FaultPlan { Rows = [new RowRule { Outcome = outcome }] }, rows: Some.Rows(4));

        var end = await trial.RunAsync();

        await trial.ShouldBeDoneAsync(end);
        end.Ledger.Quarantined.ShouldBe(4);
        trial.Api.Truth.RequestsAccepted.ShouldBe(4 * requestsEach);
    }
}
