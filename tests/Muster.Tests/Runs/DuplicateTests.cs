using System.Net;
using Microsoft.Data.Sqlite;
using Muster.Batches;
using Muster.Checks;
using Muster.Claude;
using Muster.Purges;
using Muster.Reports;
using Muster.Runs;
using Muster.Stores.Sqlite;
using Muster.Stores;

namespace Muster.Tests.Runs;

/// <summary>Something between us and the remote sends a create twice: the second batch is loud, and its cost is in the books apart.</summary>
public sealed class DuplicateTests
{
    [Fact]
    public async Task A_create_that_a_proxy_sent_twice_is_found_archived_booked_and_ends_with_code_3()
    {
        await using var trial = await Trial.StartAsync(rows: Some.Rows(9));

        var end = await trial.RunAsync(transport: new Repeater());

        end.Outcome.ShouldBe(RunOutcome.Done, end.Why);
        end.ExitCode.ShouldBe(ExitCodes.Unbalanced);
        end.Duplicates.ShouldBe(1);
        end.Run.Why.ShouldNotBeNull().ShouldContain("duplicate cost");
        end.Ledger.Open.ShouldBe(0);
        await using var store = trial.Read();
        (await store.AuditAsync(end.Run.Id)).ShouldBeEmpty();
        var duplicate = (await store.DuplicatesAsync(end.Run.Id)).ShouldHaveSingleItem();
        var bill = duplicate.Bill.ShouldNotBeNull();
        bill.Succeeded.ShouldBe(7);
        bill.CostPicoUsd.ShouldBeGreaterThan(0);
        bill.Archive.ShouldNotBeNull().Lines.ShouldBe(7);
        File.Exists(Path.Combine(store.ArchiveFolder, bill.Archive.File)).ShouldBeTrue();
        var usage = await store.UsageAsync(end.Run.Id);
        usage.Sum(u => u.Requests).ShouldBe(9);
        (usage.Sum(u => u.OutputTokens) + bill.OutputTokens).ShouldBe(trial.Api.Truth.OutputTokens);
        trial.Heard.Events.ShouldContain(e => e.Kind == RunEventKind.BatchDuplicate && e.Text.Contains(duplicate.RemoteId, StringComparison.Ordinal));
        var page = new StringWriter();
        RunAccountMarkdown.Write(await new RunAccountReader(store, null, null).ReadAsync(end.Run), page);
        page.ToString().ShouldContain("duplicate cost");
        var again = await trial.RunAsync();
        (again.Outcome, again.ExitCode).ShouldBe((RunOutcome.NothingToDo, ExitCodes.Unbalanced));
    }

    [Fact]
    public async Task A_second_id_for_a_proven_batch_is_canceled_and_booked()
    {
        await using var trial = await Trial.StartAsync(rows: Some.Rows(5),
            simulator: new Simulator.SimulatorOptions { TimeToEndMin = TimeSpan.FromSeconds(1), TimeToEndMax = TimeSpan.FromSeconds(1) });
        // The first of the two ids is attached behind the submitter's back, as a second process that found it would.
        var repeater = new Repeater { OnFirst = id => Execute(trial, $"update batch set remote_id = '{id}', proof = 'reply', state = 'created', remote_status = null") };

        var end = await trial.RunAsync(transport: repeater);

        end.Outcome.ShouldBe(RunOutcome.Done, end.Why);
        end.ExitCode.ShouldBe(ExitCodes.Unbalanced);
        await using var store = trial.Read();
        var duplicate = (await store.DuplicatesAsync(end.Run.Id)).ShouldHaveSingleItem();
        duplicate.RemoteId.ShouldNotBe((await store.BatchesAsync(end.Run.Id)).ShouldHaveSingleItem().RemoteId);
        // Canceled before it was worked on: nothing of it is paid.
        duplicate.Bill.ShouldNotBeNull().Succeeded.ShouldBeLessThan(5);
        duplicate.Bill.Archive.ShouldNotBeNull().Lines.ShouldBe(5);
    }

    [Fact]
    public async Task A_duplicate_whose_download_stands_still_is_given_up_and_tried_again()
    {
        await using var trial = await Trial.StartAsync(rows: Some.Rows(5));
        trial.Remote = options => options with { IdleTimeout = TimeSpan.FromMilliseconds(200) };
        var stalls = 0;
        var repeater = new Repeater();
        // The first download is the look at whose batch it is.
        repeater.OnDuplicate = request => request.RequestUri!.AbsolutePath.EndsWith("/results", StringComparison.Ordinal) && ++stalls is 2 or 3
            ? new HttpResponseMessage(HttpStatusCode.OK) { Content = new StreamContent(new SilentStream()) }
            : null;

        var end = await trial.RunAsync(transport: repeater);

        end.Outcome.ShouldBe(RunOutcome.Done, end.Why);
        stalls.ShouldBeGreaterThanOrEqualTo(4);
        await using var store = trial.Read();
        (await store.DuplicatesAsync(end.Run.Id)).ShouldHaveSingleItem().Bill.ShouldNotBeNull().Archive.ShouldNotBeNull().Lines.ShouldBe(5);
    }

    [Fact]
    public async Task A_key_that_is_revoked_before_the_duplicate_is_booked_pauses_the_run()
    {
        await using var trial = await Trial.StartAsync(rows: Some.Rows(5));
        var repeater = new Repeater();
        repeater.OnDuplicate = request => request.RequestUri!.AbsolutePath.EndsWith("/results", StringComparison.Ordinal)
            ? null
            : Refusal(HttpStatusCode.Unauthorized, "authentication_error");

        var end = await trial.RunAsync(transport: repeater);

        end.Outcome.ShouldBe(RunOutcome.Paused, end.Why);
        end.Why.ShouldNotBeNull().ShouldContain("authentication_error");
        var again = await trial.RunAsync();
        again.Outcome.ShouldBe(RunOutcome.Done, again.Why);
        again.ExitCode.ShouldBe(ExitCodes.Unbalanced);
    }

    [Theory]
    [InlineData(404, "not_found_error")]
    [InlineData(500, "api_error")]
    public async Task A_duplicate_that_cannot_be_looked_at_is_booked_as_unknown_after_a_bounded_time(int status, string type)
    {
        await using var trial = await Trial.StartAsync(rows: Some.Rows(5));
        var repeater = new Repeater();
        repeater.OnDuplicate = request => request.RequestUri!.AbsolutePath.EndsWith("/results", StringComparison.Ordinal)
            ? null
            : Refusal((HttpStatusCode)status, type);
        trial.Hurry(3_600, RunEventKind.BatchDuplicate);

        var end = await trial.RunAsync(options => options with { Time = trial.Api.Clock, PollInterval = null }, repeater);

        end.Outcome.ShouldBe(RunOutcome.Done, end.Why);
        end.ExitCode.ShouldBe(ExitCodes.Unbalanced);
        end.Run.Why.ShouldNotBeNull().ShouldContain("cost unknown for 5 requests");
        await using var store = trial.Read();
        var bill = (await store.DuplicatesAsync(end.Run.Id)).ShouldHaveSingleItem().Bill.ShouldNotBeNull();
        (bill.Succeeded, bill.Unpriced, bill.Archive).ShouldBe((5, 5, null));
    }

    [Fact]
    public async Task The_archive_of_a_duplicate_is_verified_reconciled_and_purged_with_any_row_of_its_batch()
    {
        await using var trial = await Trial.StartAsync(rows: ["k-1,Blue canary7731 shoes", .. Some.Rows(5)]);
        var end = await trial.RunAsync(transport: new Repeater());
        end.Duplicates.ShouldBe(1, end.Why);
        string remoteId, file;
        await using (var store = trial.Read())
        {
            var duplicate = (await store.DuplicatesAsync(end.Run.Id)).ShouldHaveSingleItem();
            (remoteId, file) = (duplicate.RemoteId, Path.Combine(store.ArchiveFolder, duplicate.Bill!.Archive!.File));
            (await new ArchiveVerifier(store, TimeProvider.System).VerifyAsync("r-1")).IsWhole.ShouldBeTrue();
            var whole = await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken);
            await File.WriteAllBytesAsync(file, whole[..^9], TestContext.Current.CancellationToken);
            (await new ArchiveVerifier(store, TimeProvider.System).VerifyAsync("r-1")).Runs.Single().Bad.ShouldHaveSingleItem().Batch.ShouldBe(remoteId);
            (await new Reconciler(store, TimeProvider.System).ReconcileAsync(null, null, null)).Differences.ShouldHaveSingleItem().ShouldContain(remoteId);
            await File.WriteAllBytesAsync(file, whole, TestContext.Current.CancellationToken);
        }

        using var client = new BatchesClient(Some.Claude(trial.Api));
        await using var writer = SqliteStore.Open(StoreFolder.Of(trial.Job), "a test", TimeProvider.System);
        var purger = new Purger(writer, new PurgeOptions { Chance = Chance.Seeded(9), Remote = client });
        (await purger.PlanAsync("r-1", ["k-1"])).Remotes.ShouldContain(remote => remote.RemoteId == remoteId && remote.Fate == Fate.Delete);
        (await purger.ApplyAsync("r-1", ["k-1"])).IsDone.ShouldBeTrue();

        File.Exists(file).ShouldBeFalse();
        (await client.RetrieveAsync(remoteId, TestContext.Current.CancellationToken)).ShouldBeOfType<RemoteReply<RemoteBatch>.NotFound>();
        (await new ArchiveVerifier(writer, TimeProvider.System).VerifyAsync("r-1")).IsWhole.ShouldBeTrue();
        (await new Reconciler(writer, TimeProvider.System).ReconcileAsync(client, null, null)).Differences.ShouldBeEmpty();
        (await purger.PlanAsync("r-1", ["k-1"])).IsNothing.ShouldBeTrue();
        (await writer.DuplicatesAsync(end.Run.Id)).ShouldHaveSingleItem().Bill.ShouldNotBeNull().CostPicoUsd.ShouldBeGreaterThan(0);
    }

    [Fact]
    public async Task A_run_that_the_store_will_not_end_does_not_say_that_it_ended()
    {
        await using var trial = await Trial.StartAsync(rows: Some.Rows(3));
        trial.Heard.OnEvent = e =>
        {
            if (e.Kind == RunEventKind.BatchSettled)
                Execute(trial, "update run set state = 'held'");
        };

        var end = await trial.RunAsync();

        end.Outcome.ShouldBe(RunOutcome.Unbalanced);
        end.ExitCode.ShouldBe(ExitCodes.Unbalanced);
        end.Why.ShouldNotBeNull().ShouldContain("muster reconcile");
        trial.Heard.Count(RunEventKind.Finished).ShouldBe(0);
    }

    private static HttpResponseMessage Refusal(HttpStatusCode status, string type) => new(status)
    {
        Content = new StringContent($$"""{"type":"error","error":{"type":"{{type}}","message":"not now"},"request_id":"req_1"}""",
            System.Text.Encoding.UTF8, "application/json"),
    };

    private static void Execute(Trial trial, string sql)
    {
        using var connection = new SqliteConnection($"Data Source={Path.Combine(StoreFolder.Of(trial.Job), "muster.db")};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
