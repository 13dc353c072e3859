using System.Net;
using Microsoft.Data.Sqlite;
using Muster.Runs;
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

    private static void Execute(Trial trial, string sql)
    {
        using var connection = new SqliteConnection($"Data Source={Path.Combine(StoreFolder.Of(trial.Job), "muster.db")};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    /// <summary>A proxy that sends the first create twice and hands back the second reply.</summary>
    private sealed class Repeater() : DelegatingHandler(new SocketsHttpHandler { UseCookies = false })
    {
        private bool repeated;

        public Action<string>? OnFirst { get; init; }

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (repeated || request.Method != HttpMethod.Post)
                return await base.SendAsync(request, cancellationToken);
            repeated = true;
            var body = await request.Content!.ReadAsByteArrayAsync(cancellationToken);
            using (var first = await base.SendAsync(Copy(request, body), cancellationToken))
            {
                first.StatusCode.ShouldBe(HttpStatusCode.OK);
                using var text = System.Text.Json.JsonDocument.Parse(await first.Content.ReadAsStringAsync(cancellationToken));
                OnFirst?.Invoke(text.RootElement.GetProperty("id").GetString()!);
            }

            return await base.SendAsync(Copy(request, body), cancellationToken);
        }

        private static HttpRequestMessage Copy(HttpRequestMessage request, byte[] body)
        {
            var copy = new HttpRequestMessage(request.Method, request.RequestUri) { Content = new ByteArrayContent(body) };
            foreach (var (name, values) in request.Headers.Where(header => header.Key != "Expect"))
                copy.Headers.TryAddWithoutValidation(name, values);
            copy.Content.Headers.TryAddWithoutValidation("Content-Type", "application/json");
            return copy;
        }
    }
}
