using System.Text;
using Muster.Batches;
using Muster.Requests;
using Muster.Results;
using Muster.Runs;
using Muster.Sources;
using Muster.Stores;

namespace Muster.Tests.Stores;

/// <summary>What every store must do, whatever lies under it. Each verb: once, again, and where it must be refused.</summary>
public abstract partial class StoreContract
{
    private protected static readonly DateTimeOffset Now = new(2026, 11, 21, 9, 30, 0, 123, TimeSpan.Zero);

    /// <summary>A store without any run.</summary>
    private protected abstract Task<IStore> OpenAsync();

    private protected static RunOpening Opening(string tag = "RUN001") => new("catalog", "v1", "{}", "full", "{}", ["sku", "name"], tag, Now);

    private protected static SourceRow Row(string key, string line = "p.csv:1") => new(line, key, Encoding.UTF8.GetBytes($"[\"{key}\",\"Shoes\"]"));

    private protected static RemoteBatch Remote(string id, int requests, RemoteStatus status = RemoteStatus.InProgress, int succeeded = 0) =>
        new(id, status, new RequestCounts(status == RemoteStatus.Ended ? 0 : requests, succeeded, status == RemoteStatus.Ended ? requests - succeeded : 0, 0, 0),
            Now, Now.AddHours(24), status == RemoteStatus.Ended ? Now.AddMinutes(2) : null, null, null);

    private protected static async Task<Run> RunWithRowsAsync(IStore store, int rows, string tag = "RUN001")
    {
        var run = await store.OpenRunAsync(Opening(tag));
        await store.RecordRowsAsync(run.Id, 0, [.. Enumerable.Range(1, rows).Select(i => Row($"k{i}", $"p.csv:{i}"))], RepeatedKey.SetAside);
        (await store.MoveRunAsync(run.Id, RunState.Running, null, Now)).ShouldBeTrue();
        return run;
    }

    private protected static async Task<BatchIntent> IntentAsync(IStore store, Run run, int requests, string nonce, int tier = 0)
    {
        long last = 0;
        await foreach (var row in store.ReadPendingAsync(run.Id, tier, LaneRows.All, requests))
            last = row.RowId;
        return new BatchIntent(run.Id, tier, nonce, requests, last, [], 1000, new string('0', 64), "2026-10-21", 100, null, 200_000, null, Now);
    }

    private protected static async Task<Batch> SealAsync(IStore store, Run run, int requests, string nonce) =>
        (await store.IntendBatchAsync(await IntentAsync(store, run, requests, nonce))).ShouldBeOfType<IntendOutcome.Sealed>().Batch;

    private protected static async Task<Batch> SentAsync(IStore store, Run run, int requests, string nonce)
    {
        var batch = await SealAsync(store, run, requests, nonce);
        (await store.OpenGateAsync(batch.Id, nonce, Now)).ShouldBeTrue();
        return batch;
    }

    private protected static async Task<Batch> ArchivedAsync(IStore store, Run run, int requests, string nonce)
    {
        var batch = await SentAsync(store, run, requests, nonce);
        await store.ConfirmBatchAsync(batch.Id, nonce, Remote($"msgbatch_{nonce}", requests), Proof.Reply);
        await store.ObserveBatchAsync(batch.Id, Remote($"msgbatch_{nonce}", requests, RemoteStatus.Ended, requests), Now);
        await store.RecordArchiveAsync(batch.Id, new Archive($"{batch.Name}.jsonl.gz", 10, new string('a', 64), requests, 100));
        return await NowAsync(store, batch);
    }

    private protected static async Task<Batch> NowAsync(IStore store, Batch batch) =>
        (await store.BatchesAsync(batch.RunId)).Single(other => other.Id == batch.Id);

    private protected static async Task<IReadOnlyList<RequestRow>> RequestsAsync(IStore store, Batch batch)
    {
        var rows = new List<RequestRow>();
        await foreach (var row in store.ReadRequestsAsync(batch.Id))
            rows.Add(row);
        return rows;
    }

    private protected static ResultRecord Result(RequestRow request, RowState to = RowState.Succeeded) =>
        new(request.RequestId, request.RowId, to == RowState.Expired ? ResultType.Expired : ResultType.Succeeded,
            new RowMove(to, to == RowState.Pending ? 1 : 0, request.Spent + 1, 0, VariantKind.Same, to == RowState.Succeeded ? null : "SHP.SCHEMA"))
        {
            FailsRow = to is RowState.Errored or RowState.Expired or RowState.Quarantined,
            Billing = to == RowState.Expired ? null : new Billing("claude-haiku-4-5", 20, 5 + request.RowId, 0, 0, 0, 0, 100, 200),
            Output = to == RowState.Succeeded ? Encoding.UTF8.GetBytes($"{{\"row\":{request.RowId}}}") : default(ReadOnlyMemory<byte>),
            Message = to == RowState.Succeeded ? null : "wrong",
        };

    private protected static async Task BalancesAsync(IStore store, Run run)
    {
        (await store.LedgerAsync(run.Id)).Balances.ShouldBeTrue();
        (await store.AuditAsync(run.Id)).ShouldBeEmpty();
    }

    /// <summary>Everything that a reader can see of a run, as text.</summary>
    private protected static async Task<string> StateAsync(IStore store, long runId)
    {
        var text = new StringBuilder();
        text.AppendLine((await store.LedgerAsync(runId)).ToString());
        foreach (var usage in await store.UsageAsync(runId))
            text.AppendLine(usage.ToString());
        foreach (var reason in await store.ReasonsAsync(runId))
            text.AppendLine(reason.ToString());
        foreach (var run in (await store.RunsAsync()).Where(run => run.Id == runId))
            text.AppendLine($"{run.State} {run.Records} {run.Merged} {run.Failed}");
        await foreach (var row in store.StagedAsync(runId))
            text.AppendLine($"{row.Key} {row.Attempt} {Encoding.UTF8.GetString(row.Output.Span)}");
        await foreach (var row in store.EvidenceAsync(runId))
            text.AppendLine($"{row.Key} {row.Line} {row.State} {row.Reason} {row.Message} {Encoding.UTF8.GetString(row.Output.Span)}");
        foreach (var count in await store.PendingAsync(runId, LaneRows.All))
            text.AppendLine(count.ToString());
        foreach (var batch in await store.BatchesAsync(runId))
            text.AppendLine(batch.ToString());
        return text.ToString();
    }

    [Fact]
    public async Task A_run_moves_only_as_its_table_says()
    {
        await using var store = await OpenAsync();
        foreach (var from in Enum.GetValues<RunState>())
        {
            foreach (var to in Enum.GetValues<RunState>())
            {
                var run = await store.OpenRunAsync(Opening($"T{(int)from}{(int)to}000"));
                foreach (var step in PathTo(from))
                    (await store.MoveRunAsync(run.Id, step, "why", Now)).ShouldBeTrue();

                (await store.MoveRunAsync(run.Id, to, "asked", Now)).ShouldBe(RunStates.CanMove(from, to), $"{from} to {to}");

                (await store.RunsAsync())[^1].State.ShouldBe(RunStates.CanMove(from, to) ? to : from);
            }
        }
    }

    private static RunState[] PathTo(RunState state) => state switch
    {
        RunState.Reading => [],
        RunState.Running => [RunState.Running],
        RunState.Canceled => [RunState.Canceling, RunState.Canceled],
        RunState.Canceling => [RunState.Canceling],
        _ => [RunState.Running, state],
    };

    [Fact]
    public async Task Rows_are_appended_after_exactly_those_recorded_before()
    {
        await using var store = await OpenAsync();
        var run = await store.OpenRunAsync(Opening());
        (await store.RecordRowsAsync(run.Id, 0, [Row("a"), Row("b")], RepeatedKey.SetAside)).ShouldBe(new Recorded(2, 0, 0));
        var before = await StateAsync(store, run.Id);

        await Should.ThrowAsync<StoreException>(() => store.RecordRowsAsync(run.Id, 0, [Row("a"), Row("b")], RepeatedKey.SetAside));
        await Should.ThrowAsync<StoreException>(() => store.RecordRowsAsync(run.Id, 3, [Row("c")], RepeatedKey.SetAside));

        (await StateAsync(store, run.Id)).ShouldBe(before);
        (await store.RecordRowsAsync(run.Id, 2, [Row("c")], RepeatedKey.SetAside)).Added.ShouldBe(1);
        await store.MoveRunAsync(run.Id, RunState.Running, null, Now);
        await Should.ThrowAsync<StoreException>(() => store.RecordRowsAsync(run.Id, 3, [Row("d")], RepeatedKey.SetAside));
        await BalancesAsync(store, run);
    }

    [Fact]
    public async Task Repeated_keys_are_set_aside_or_joined_and_faults_keep_their_reason()
    {
        await using var store = await OpenAsync();
        var aside = await store.OpenRunAsync(Opening("ASIDE1"));
        var fault = new SourceRow("p.csv:9", "a", default, new SourceFault("REQ.BAD_RECORD.ragged", "three fields"));

        (await store.RecordRowsAsync(aside.Id, 0, [Row("a"), Row("a"), fault, Row("b"), Row("a")], RepeatedKey.SetAside))
            .ShouldBe(new Recorded(5, 0, 2));

        var ledger = await store.LedgerAsync(aside.Id);
        (ledger.Rows, ledger.Pending, ledger.Quarantined).ShouldBe((5, 2, 3));
        (await store.ReasonsAsync(aside.Id)).Select(reason => (reason.Reason, reason.Rows))
            .ShouldBe([("REQ.DUPLICATE_KEY", 2L), ("REQ.BAD_RECORD.ragged", 1L)]);

        var merged = await store.OpenRunAsync(Opening("MERGE1"));
        (await store.RecordRowsAsync(merged.Id, 0, [Row("a"), Row("a"), Row("b")], RepeatedKey.Merge)).ShouldBe(new Recorded(2, 1, 0));
        (await store.RecordRowsAsync(merged.Id, 3, [Row("b"), fault], RepeatedKey.Merge)).ShouldBe(new Recorded(1, 1, 0));
        (await store.LedgerAsync(merged.Id)).Rows.ShouldBe(3);
        await BalancesAsync(store, aside);
        await BalancesAsync(store, merged);
    }

    [Fact]
    public async Task Setting_rows_aside_again_changes_nothing()
    {
        await using var store = await OpenAsync();
        var run = await RunWithRowsAsync(store, 3);
        SetAside[] rows = [new(1, "REQ.RENDER_FAILED", "no name"), new(3, "REQ.INPUT_TOO_LARGE", "long")];
        await store.SetAsideAsync(run.Id, rows);
        var once = await StateAsync(store, run.Id);

        await store.SetAsideAsync(run.Id, rows);

        (await StateAsync(store, run.Id)).ShouldBe(once);
        (await store.LedgerAsync(run.Id)).Quarantined.ShouldBe(2);
        (await store.RunsAsync())[0].Failed.ShouldBe(0);
        await BalancesAsync(store, run);
    }

    [Fact]
    public async Task An_intent_takes_the_first_pending_rows_and_only_once()
    {
        await using var store = await OpenAsync();
        var run = await RunWithRowsAsync(store, 5);
        var intent = await IntentAsync(store, run, 3, "NONCE001") with { HashedIds = [new HashedId(2, "HASHEDHASHEDHASHEDHASHED26")] };

        var batch = (await store.IntendBatchAsync(intent)).ShouldBeOfType<IntendOutcome.Sealed>().Batch;

        (batch.State, batch.Requests, batch.FirstRowId, batch.LastRowId, batch.RemoteId).ShouldBe((BatchState.Sealed, 3, 1, 3, null));
        (await RequestsAsync(store, batch)).Select(row => (row.Key, row.Attempt, row.IdPart))
            .ShouldBe([("k1", 1, null), ("k2", 1, "HASHEDHASHEDHASHEDHASHED26"), ("k3", 1, null)]);
        (await store.IntendBatchAsync(intent)).ShouldBeOfType<IntendOutcome.RowsMoved>();
        (await store.IntendBatchAsync(intent with { Nonce = "NONCE002", Requests = 1, LastRowId = 5, HashedIds = [] })).ShouldBe(new IntendOutcome.RowsMoved(2));
        (await store.BatchesAsync(run.Id)).ShouldHaveSingleItem();
        await BalancesAsync(store, run);
    }

    [Fact]
    public async Task The_queue_and_the_cap_are_kept_in_the_transaction_of_the_intent()
    {
        await using var store = await OpenAsync();
        var run = await RunWithRowsAsync(store, 6);
        await SealAsync(store, run, 3, "NONCE001");
        var next = await IntentAsync(store, run, 2, "NONCE002");

        (await store.IntendBatchAsync(next with { QueueCap = 4 })).ShouldBe(new IntendOutcome.QueueFull(3));
        (await store.IntendBatchAsync(next with { CapPicoUsd = 199 })).ShouldBe(new IntendOutcome.OverCap(0, 100));
        (await store.LedgerAsync(run.Id)).Pending.ShouldBe(3);
        (await store.IntendBatchAsync(next with { QueueCap = 5, CapPicoUsd = 200 })).ShouldBeOfType<IntendOutcome.Sealed>();
        await BalancesAsync(store, run);
    }

    [Fact]
    public async Task What_was_spent_counts_against_the_cap_and_a_settled_reserve_does_not()
    {
        await using var store = await OpenAsync();
        var run = await RunWithRowsAsync(store, 4);
        var batch = await ArchivedAsync(store, run, 2, "NONCE001");
        await store.RecordResultsAsync(batch.Id, [.. (await RequestsAsync(store, batch)).Select(row => Result(row))]);
        (await store.SettleBatchAsync(batch.Id, Now)).ShouldBeTrue();
        var next = await IntentAsync(store, run, 2, "NONCE002");

        (await store.IntendBatchAsync(next with { CapPicoUsd = 299 })).ShouldBe(new IntendOutcome.OverCap(200, 0));
        (await store.IntendBatchAsync(next with { CapPicoUsd = 300 })).ShouldBeOfType<IntendOutcome.Sealed>();
    }

    [Fact]
    public async Task Withdrawing_gives_rows_back_with_their_attempt_unspent()
    {
        await using var store = await OpenAsync();
        var run = await RunWithRowsAsync(store, 3);
        var batch = await SealAsync(store, run, 3, "NONCE001");

        (await store.WithdrawBatchAsync(batch.Id, "OTHER", "no", default)).ShouldBeFalse();
        (await store.WithdrawBatchAsync(batch.Id, "NONCE001", "refused", default)).ShouldBeTrue();
        (await store.WithdrawBatchAsync(batch.Id, "NONCE001", "refused", default)).ShouldBeFalse();

        (await store.LedgerAsync(run.Id)).Pending.ShouldBe(3);
        (await store.PendingAsync(run.Id, LaneRows.All)).ShouldBe([new PendingCount(0, 3, 0)]);
        (await store.OpenGateAsync(batch.Id, "NONCE001", Now)).ShouldBeFalse();
        (await RequestsAsync(store, await SealAsync(store, run, 3, "NONCE002"))).ShouldAllBe(row => row.Attempt == 1);
        await BalancesAsync(store, run);
    }

    [Fact]
    public async Task The_gate_opens_once_and_only_for_the_nonce()
    {
        await using var store = await OpenAsync();
        var run = await RunWithRowsAsync(store, 3);
        var batch = await SealAsync(store, run, 3, "NONCE001");

        (await store.OpenGateAsync(batch.Id, "OTHER", Now)).ShouldBeFalse();
        (await store.OpenGateAsync(batch.Id, "NONCE001", Now)).ShouldBeTrue();
        (await store.OpenGateAsync(batch.Id, "NONCE001", Now)).ShouldBeFalse();

        (await NowAsync(store, batch)).GateAt.ShouldBe(Now);
        await store.DoubtBatchAsync(batch.Id, "OTHER", "lost");
        (await NowAsync(store, batch)).State.ShouldBe(BatchState.Sending);
        await store.DoubtBatchAsync(batch.Id, "NONCE001", "lost");
        await store.DoubtBatchAsync(batch.Id, "NONCE001", "lost again");
        var unknown = await NowAsync(store, batch);
        (unknown.State, unknown.Why).ShouldBe((BatchState.Unknown, "lost"));
    }
}
