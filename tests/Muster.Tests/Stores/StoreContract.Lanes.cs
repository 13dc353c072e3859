using Muster.Batches;
using Muster.Requests;
using Muster.Results;
using Muster.Runs;
using Muster.Stores;

namespace Muster.Tests.Stores;

public abstract partial class StoreContract
{
    private static readonly LaneRows Late = new(Lane.Synchronous, 1);
    private static readonly LaneRows Early = new(Lane.Batch, 1);

    /// <summary>Three rows whose first and only attempt in a batch expired, and a fourth that was never asked.</summary>
    private static async Task<Run> LateRowsAsync(IStore store)
    {
        var run = await RunWithRowsAsync(store, 4);
        var batch = await SentAsync(store, run, 3, "NONCE001");
        await store.ConfirmBatchAsync(batch.Id, "NONCE001", Remote("msgbatch_1", 3), Proof.Reply);
        await store.ObserveBatchAsync(batch.Id, Remote("msgbatch_1", 3, RemoteStatus.Ended), Now);
        await store.RecordArchiveAsync(batch.Id, new Archive("b-1.jsonl.gz", 10, new string('a', 64), 3, 100));
        await store.RecordResultsAsync(batch.Id, [.. (await RequestsAsync(store, batch)).Select(request => Result(request, RowState.Expired) with
        {
            Move = new RowMove(RowState.Pending, 0, 1, 0, VariantKind.Same, "API.EXPIRED"),
        })]);
        (await store.SettleBatchAsync(batch.Id, Now)).ShouldBeTrue();
        return run;
    }

    private static async Task<BatchIntent> WaveAsync(IStore store, Run run, int requests, string nonce, long? cap = null)
    {
        long last = 0;
        await foreach (var row in store.ReadPendingAsync(run.Id, 0, Late, requests))
            last = row.RowId;
        return new BatchIntent(run.Id, 0, nonce, requests, last, [], 1000, new string('0', 64), "2026-10-21", 100, null, 1, null, Now) { Rows = Late, LaneCapPicoUsd = cap };
    }

    [Fact]
    public async Task Each_lane_sees_its_own_rows_and_takes_no_others()
    {
        await using var store = await OpenAsync();
        var run = await LateRowsAsync(store);

        (await store.PendingAsync(run.Id, LaneRows.All)).ShouldBe([new PendingCount(0, 1, 3)]);
        (await store.PendingAsync(run.Id, Early)).ShouldBe([new PendingCount(0, 1, 0)]);
        (await store.PendingAsync(run.Id, Late)).ShouldBe([new PendingCount(0, 0, 3)]);
        (await store.PendingAsync(run.Id, new LaneRows(Lane.Synchronous, null))).ShouldBeEmpty();
        var wave = (await store.IntendBatchAsync(await WaveAsync(store, run, 2, "NONCE002"))).ShouldBeOfType<IntendOutcome.Sealed>().Batch;
        (wave.Lane, wave.Requests).ShouldBe((Lane.Synchronous, 2));
        (await store.PendingAsync(run.Id, Late)).ShouldBe([new PendingCount(0, 0, 1)]);
        (await store.PendingAsync(run.Id, Early)).ShouldBe([new PendingCount(0, 1, 0)]);
        await BalancesAsync(store, run);
    }

    [Fact]
    public async Task A_wave_is_archived_from_sending_and_settled_without_a_remote_batch()
    {
        await using var store = await OpenAsync();
        var run = await LateRowsAsync(store);
        var wave = (await store.IntendBatchAsync(await WaveAsync(store, run, 3, "NONCE002"))).ShouldBeOfType<IntendOutcome.Sealed>().Batch;
        var archive = new Archive("b-2.jsonl.gz", 10, new string('b', 64), 3, 100);
        await store.RecordArchiveAsync(wave.Id, archive);
        (await NowAsync(store, wave)).State.ShouldBe(BatchState.Sealed, "nothing was sent");
        (await store.OpenGateAsync(wave.Id, "NONCE002", Now)).ShouldBeTrue();

        await store.RecordArchiveAsync(wave.Id, archive);
        await store.RecordArchiveAsync(wave.Id, archive);
        await store.RecordResultsAsync(wave.Id, [.. (await RequestsAsync(store, wave)).Select(request => Result(request))]);

        (await store.SettleBatchAsync(wave.Id, Now)).ShouldBeTrue();
        (await store.LedgerAsync(run.Id)).Succeeded.ShouldBe(3);
        (await store.LoseBatchAsync(wave.Id, "RTE.FALLBACK_FAILED.reply_lost")).ShouldBeFalse();
        await BalancesAsync(store, run);
    }

    [Fact]
    public async Task A_wave_that_was_sending_can_be_lost_and_a_batch_that_was_cannot()
    {
        await using var store = await OpenAsync();
        var run = await LateRowsAsync(store);
        var batch = (await store.IntendBatchAsync(await FourthIntentAsync(store, run))).ShouldBeOfType<IntendOutcome.Sealed>().Batch;
        (await store.OpenGateAsync(batch.Id, "NONCE009", Now)).ShouldBeTrue();
        var wave = (await store.IntendBatchAsync(await WaveAsync(store, run, 3, "NONCE002"))).ShouldBeOfType<IntendOutcome.Sealed>().Batch;
        (await store.LoseBatchAsync(wave.Id, "RTE.FALLBACK_FAILED.reply_lost")).ShouldBeFalse("it was not sent");
        (await store.OpenGateAsync(wave.Id, "NONCE002", Now)).ShouldBeTrue();

        (await store.LoseBatchAsync(wave.Id, "RTE.FALLBACK_FAILED.reply_lost")).ShouldBeTrue();
        (await store.LoseBatchAsync(wave.Id, "RTE.FALLBACK_FAILED.reply_lost")).ShouldBeFalse();
        (await store.LoseBatchAsync(batch.Id, "API.BATCH_GONE")).ShouldBeFalse();

        (await store.LedgerAsync(run.Id)).Errored.ShouldBe(3);
        await foreach (var row in store.EvidenceAsync(run.Id))
            (row.Reason, row.Message).ShouldBe(("RTE.FALLBACK_FAILED.reply_lost", LostRow.Message(Lane.Synchronous)), "not what it said when it expired");
        await BalancesAsync(store, run);
    }

    [Fact]
    public async Task The_lanes_cap_counts_what_is_spent_and_reserved_in_it_and_the_queue_does_not_count_it()
    {
        await using var store = await OpenAsync();
        var run = await LateRowsAsync(store);
        (await store.IntendBatchAsync(await WaveAsync(store, run, 1, "NONCE002", cap: 99))).ShouldBe(new IntendOutcome.OverLaneCap(0, 0));

        var wave = (await store.IntendBatchAsync(await WaveAsync(store, run, 1, "NONCE002", cap: 199))).ShouldBeOfType<IntendOutcome.Sealed>().Batch;

        (await store.IntendBatchAsync(await WaveAsync(store, run, 1, "NONCE003", cap: 199))).ShouldBe(new IntendOutcome.OverLaneCap(0, 100));
        await store.OpenGateAsync(wave.Id, "NONCE002", Now);
        await store.RecordArchiveAsync(wave.Id, new Archive("b-2.jsonl.gz", 10, new string('b', 64), 1, 100));
        await store.RecordResultsAsync(wave.Id, [.. (await RequestsAsync(store, wave)).Select(request => Result(request))]);
        await store.SettleBatchAsync(wave.Id, Now);
        (await store.IntendBatchAsync(await WaveAsync(store, run, 1, "NONCE003", cap: 199))).ShouldBe(new IntendOutcome.OverLaneCap(100, 0));
        (await store.IntendBatchAsync(await WaveAsync(store, run, 1, "NONCE003", cap: 200))).ShouldBeOfType<IntendOutcome.Sealed>();
        // A queue of one request: the wave above is not in it.
        var first = (await store.IntendBatchAsync((await FourthIntentAsync(store, run)) with { QueueCap = 1 })).ShouldBeOfType<IntendOutcome.Sealed>();
        first.Batch.Lane.ShouldBe(Lane.Batch);
        await BalancesAsync(store, run);
    }

    /// <summary>A call whose reply was lost may be billed, and never will be in the books.</summary>
    [Fact]
    public async Task Of_a_settled_wave_the_share_of_lost_calls_stays_reserved()
    {
        await using var store = await OpenAsync();
        var run = await LateRowsAsync(store);
        var wave = (await store.IntendBatchAsync(await WaveAsync(store, run, 2, "NONCE002"))).ShouldBeOfType<IntendOutcome.Sealed>().Batch;
        await store.OpenGateAsync(wave.Id, "NONCE002", Now);
        await store.RecordArchiveAsync(wave.Id, new Archive("b-2.jsonl.gz", 10, new string('b', 64), 2, 100));
        var requests = await RequestsAsync(store, wave);
        await store.RecordResultsAsync(wave.Id, [Result(requests[0]), Result(requests[1], RowState.Errored) with
        {
            Type = ResultType.Errored, Billing = null, Move = new RowMove(RowState.Errored, 0, 2, 0, VariantKind.Same, "RTE.FALLBACK_FAILED.reply_lost"),
        }]);
        (await store.SettleBatchAsync(wave.Id, Now)).ShouldBeTrue();

        // Of the 100 that were reserved for two calls.
        (await store.IntendBatchAsync(await WaveAsync(store, run, 1, "NONCE003", cap: 1))).ShouldBe(new IntendOutcome.OverLaneCap(100, 50));
        (await store.IntendBatchAsync(await WaveAsync(store, run, 1, "NONCE003") with { CapPicoUsd = 1 })).ShouldBeOfType<IntendOutcome.OverCap>().ReservedPicoUsd.ShouldBe(50);
        await BalancesAsync(store, run);
    }

    private static async Task<BatchIntent> FourthIntentAsync(IStore store, Run run)
    {
        long last = 0;
        await foreach (var row in store.ReadPendingAsync(run.Id, 0, Early, 1))
            last = row.RowId;
        return new BatchIntent(run.Id, 0, "NONCE009", 1, last, [], 1000, new string('0', 64), "2026-10-21", 100, null, 200_000, null, Now) { Rows = Early };
    }
}
