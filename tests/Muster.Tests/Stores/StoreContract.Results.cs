using FsCheck;
using FsCheck.Fluent;
using Muster.Batches;
using Muster.Results;
using Muster.Runs;
using Muster.Stores;

namespace Muster.Tests.Stores;

public abstract partial class StoreContract
{
    [Fact]
    public async Task A_batch_is_confirmed_once_and_a_second_id_is_a_duplicate()
    {
        await using var store = await OpenAsync();
        var run = await RunWithRowsAsync(store, 3);
        var batch = await SentAsync(store, run, 3, "NONCE001");

        (await store.ConfirmBatchAsync(batch.Id, "OTHER", Remote("msgbatch_x", 3), Proof.Reply)).ShouldBeOfType<ConfirmOutcome.Duplicate>();
        (await store.ConfirmBatchAsync(batch.Id, "NONCE001", Remote("msgbatch_a", 3), Proof.Reply)).ShouldBeOfType<ConfirmOutcome.Confirmed>();
        (await store.ConfirmBatchAsync(batch.Id, "NONCE001", Remote("msgbatch_a", 3), Proof.Reply)).ShouldBeOfType<ConfirmOutcome.Confirmed>();
        (await store.ConfirmBatchAsync(batch.Id, "NONCE001", Remote("msgbatch_a", 3), Proof.Count)).ShouldBeOfType<ConfirmOutcome.Confirmed>();
        (await store.ConfirmBatchAsync(batch.Id, "NONCE001", Remote("msgbatch_b", 3), Proof.Reply)).ShouldBe(new ConfirmOutcome.Duplicate("msgbatch_a"));
        (await store.ConfirmBatchAsync(batch.Id, "NONCE001", Remote("msgbatch_b", 3), Proof.Tag)).ShouldBe(new ConfirmOutcome.Duplicate("msgbatch_a"));

        var now = await NowAsync(store, batch);
        (now.State, now.RemoteId, now.Proof).ShouldBe((BatchState.Created, "msgbatch_a", Proof.Reply));
        (await store.WithdrawBatchAsync(batch.Id, "NONCE001", "no", default)).ShouldBeFalse();
    }

    [Theory]
    [InlineData(Proof.Reply, false)]
    [InlineData(Proof.Tag, false)]
    [InlineData(Proof.Reply, true)]
    public async Task A_late_reply_outranks_a_candidate_taken_by_count(Proof proof, bool ended)
    {
        await using var store = await OpenAsync();
        var run = await RunWithRowsAsync(store, 3);
        var batch = await SentAsync(store, run, 3, "NONCE001");
        await store.DoubtBatchAsync(batch.Id, "NONCE001", "lost");
        await store.ConfirmBatchAsync(batch.Id, "NONCE001", Remote("msgbatch_guess", 3), Proof.Count);
        if (ended)
            await store.ObserveBatchAsync(batch.Id, Remote("msgbatch_guess", 3, RemoteStatus.Ended), Now);

        (await store.ConfirmBatchAsync(batch.Id, "NONCE001", Remote("msgbatch_ours", 3), proof)).ShouldBeOfType<ConfirmOutcome.Confirmed>();

        var now = await NowAsync(store, batch);
        (now.State, now.RemoteId, now.Proof).ShouldBe((BatchState.Created, "msgbatch_ours", proof));
        now.Remote!.Status.ShouldBe(RemoteStatus.InProgress);
        // The guess is nobody's again.
        (await store.KnownRemoteIdsAsync()).ShouldBe(["msgbatch_ours"]);
    }

    [Fact]
    public async Task One_count_candidate_never_replaces_another_and_an_id_belongs_to_one_batch()
    {
        await using var store = await OpenAsync();
        var run = await RunWithRowsAsync(store, 4);
        var a = await SentAsync(store, run, 2, "NONCE00A");
        var b = await SentAsync(store, run, 2, "NONCE00B");

        await store.ConfirmBatchAsync(a.Id, "NONCE00A", Remote("msgbatch_1", 2), Proof.Count);
        (await store.ConfirmBatchAsync(a.Id, "NONCE00A", Remote("msgbatch_2", 2), Proof.Count)).ShouldBeOfType<ConfirmOutcome.Duplicate>();
        (await store.ConfirmBatchAsync(b.Id, "NONCE00B", Remote("msgbatch_1", 2), Proof.Count)).ShouldBeOfType<ConfirmOutcome.Duplicate>();
        (await store.ClaimsAsync(b.Id)).Contested.ShouldBe(["msgbatch_1"]);

        // What a holds by count alone goes to b, which can prove it.
        (await store.ConfirmBatchAsync(b.Id, "NONCE00B", Remote("msgbatch_1", 2), Proof.Tag)).ShouldBeOfType<ConfirmOutcome.Confirmed>();
        (await NowAsync(store, a)).State.ShouldBe(BatchState.Unknown);
        (await store.ClaimsAsync(a.Id)).Excluded.ShouldBe(["msgbatch_1"]);
        (await store.ConfirmBatchAsync(a.Id, "NONCE00A", Remote("msgbatch_1", 2), Proof.Tag)).ShouldBeOfType<ConfirmOutcome.Duplicate>();
    }

    [Fact]
    public async Task A_candidate_that_is_released_is_not_this_batchs_and_may_be_anothers()
    {
        await using var store = await OpenAsync();
        var run = await RunWithRowsAsync(store, 4);
        var a = await SentAsync(store, run, 2, "NONCE00A");
        var b = await SentAsync(store, run, 2, "NONCE00B");
        await store.ConfirmBatchAsync(a.Id, "NONCE00A", Remote("msgbatch_1", 2), Proof.Count);

        await store.ReleaseBatchAsync(a.Id, "msgbatch_1");
        await store.ReleaseBatchAsync(a.Id, "msgbatch_1");

        var now = await NowAsync(store, a);
        (now.State, now.RemoteId, now.Proof, now.Remote).ShouldBe((BatchState.Unknown, null, null, null));
        (await store.ClaimsAsync(a.Id)).Excluded.ShouldBe(["msgbatch_1"]);
        (await store.ClaimsAsync(b.Id)).Excluded.ShouldBeEmpty();
        (await store.ConfirmBatchAsync(b.Id, "NONCE00B", Remote("msgbatch_1", 2), Proof.Count)).ShouldBeOfType<ConfirmOutcome.Confirmed>();
        await store.ProveBatchAsync(b.Id);
        await store.ReleaseBatchAsync(b.Id, "msgbatch_1");
        (await NowAsync(store, b)).RemoteId.ShouldBe("msgbatch_1");
    }

    [Fact]
    public async Task A_stale_observation_changes_nothing_after_the_end()
    {
        await using var store = await OpenAsync();
        var run = await RunWithRowsAsync(store, 2);
        var batch = await ArchivedAsync(store, run, 2, "NONCE001");
        var before = await StateAsync(store, run.Id);

        await store.ObserveBatchAsync(batch.Id, Remote("msgbatch_NONCE001", 2), Now.AddHours(1));
        await store.ObserveBatchAsync(batch.Id, Remote("msgbatch_else", 2), Now.AddHours(1));
        await store.DoubtBatchAsync(batch.Id, "NONCE001", "late");
        await store.RecordArchiveAsync(batch.Id, new Archive("other", 1, "", 1, 1));

        (await StateAsync(store, run.Id)).ShouldBe(before);
    }

    [Fact]
    public async Task A_batch_settles_when_every_request_has_its_result()
    {
        await using var store = await OpenAsync();
        var run = await RunWithRowsAsync(store, 3);
        var batch = await ArchivedAsync(store, run, 3, "NONCE001");
        var requests = await RequestsAsync(store, batch);

        (await store.RecordResultsAsync(batch.Id, [Result(requests[2]), Result(requests[0], RowState.Pending)])).ShouldBe(2);
        (await store.SettleBatchAsync(batch.Id, Now)).ShouldBeFalse();
        await BalancesAsync(store, run);
        (await store.RecordResultsAsync(batch.Id, [Result(requests[1], RowState.Quarantined), Result(requests[2])])).ShouldBe(1);
        (await store.SettleBatchAsync(batch.Id, Now)).ShouldBeTrue();
        (await store.SettleBatchAsync(batch.Id, Now)).ShouldBeFalse();
        (await store.RecordResultsAsync(batch.Id, [Result(requests[0])])).ShouldBe(0);

        (await store.RunsAsync())[0].Failed.ShouldBe(1);
        (await store.PendingAsync(run.Id, LaneRows.All)).ShouldBe([new PendingCount(1, 0, 1)]);
        (await store.OpenBatchesAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task Results_are_refused_before_the_archive_is_whole()
    {
        await using var store = await OpenAsync();
        var run = await RunWithRowsAsync(store, 1);
        var batch = await SentAsync(store, run, 1, "NONCE001");
        var request = (await RequestsAsync(store, batch)).Single();

        (await store.RecordResultsAsync(batch.Id, [Result(request)])).ShouldBe(0);
        await store.RecordArchiveAsync(batch.Id, new Archive("f", 1, "", 1, 1));
        (await store.SettleBatchAsync(batch.Id, Now)).ShouldBeFalse();

        (await NowAsync(store, batch)).State.ShouldBe(BatchState.Sending);
        (await store.LedgerAsync(run.Id)).InFlight.ShouldBe(1);
    }

    [Fact]
    public async Task A_result_of_a_row_that_is_not_in_the_batch_rolls_the_whole_chunk_back()
    {
        await using var store = await OpenAsync();
        var run = await RunWithRowsAsync(store, 3);
        var batch = await ArchivedAsync(store, run, 2, "NONCE001");
        var requests = await RequestsAsync(store, batch);
        var before = await StateAsync(store, run.Id);

        await Should.ThrowAsync<StoreException>(() =>
            store.RecordResultsAsync(batch.Id, [Result(requests[0]), Result(requests[1]) with { RowId = 3 }]));

        (await StateAsync(store, run.Id)).ShouldBe(before);
    }

    [Fact]
    public async Task Any_order_prefix_and_repetition_of_results_gives_the_same_state()
    {
        var wanted = await PlayAsync([[0, 1, 2, 3, 4, 5]]);
        var chunks = Gen.Choose(0, 5).ListOf(4).Select(list => list.ToArray()).ListOf(6).Select(list => list.ToArray());

        Prop.ForAll(chunks.ToArbitrary(), async Task (int[][] played) =>
            (await PlayAsync([.. played, .. Enumerable.Range(0, 6).OrderBy(i => (i * 7 + played.Length) % 6).Select(i => new[] { i })]))
                .ShouldBe(wanted)).Check(Config.QuickThrowOnFailure.WithMaxTest(15));
    }

    private async Task<string> PlayAsync(int[][] chunks)
    {
        await using var store = await OpenAsync();
        var run = await RunWithRowsAsync(store, 6);
        var batch = await ArchivedAsync(store, run, 6, "NONCE001");
        var requests = await RequestsAsync(store, batch);
        RowState[] to = [RowState.Succeeded, RowState.Pending, RowState.Quarantined, RowState.Expired, RowState.HumanQueued, RowState.Succeeded];
        foreach (var chunk in chunks)
        {
            await store.RecordResultsAsync(batch.Id, [.. chunk.Distinct().Select(i => Result(requests[i], to[i]))]);
            (await store.LedgerAsync(run.Id)).Balances.ShouldBeTrue();
        }

        (await store.SettleBatchAsync(batch.Id, Now)).ShouldBeTrue();
        return await StateAsync(store, run.Id);
    }

    [Fact]
    public async Task A_batch_taken_by_count_alone_is_not_archived_and_a_proven_one_is_not_released()
    {
        await using var store = await OpenAsync();
        var run = await RunWithRowsAsync(store, 2);
        var batch = (await store.IntendBatchAsync(await IntentAsync(store, run, 2, "NONCE1"))).ShouldBeOfType<IntendOutcome.Sealed>().Batch;
        await store.OpenGateAsync(batch.Id, batch.Nonce, Now);
        await store.DoubtBatchAsync(batch.Id, batch.Nonce, "lost");
        await store.ConfirmBatchAsync(batch.Id, batch.Nonce, Remote("msgbatch_1", 2), Proof.Count);
        await store.ObserveBatchAsync(batch.Id, Remote("msgbatch_1", 2, RemoteStatus.Ended, 2), Now);

        await store.RecordArchiveAsync(batch.Id, new Archive("f", 1, "", 2, 1));
        (await store.BatchesAsync(run.Id)).Single().State.ShouldBe(BatchState.Ended);
        await store.ProveBatchAsync(batch.Id);
        await store.RecordArchiveAsync(batch.Id, new Archive("f", 1, "", 2, 1));
        (await store.BatchesAsync(run.Id)).Single().State.ShouldBe(BatchState.Archived);
        await store.ReleaseBatchAsync(batch.Id, "msgbatch_1");
        (await store.BatchesAsync(run.Id)).Single().RemoteId.ShouldBe("msgbatch_1");
    }

    [Fact]
    public async Task A_lost_batch_errors_its_rows_once_and_is_over()
    {
        await using var store = await OpenAsync();
        var run = await RunWithRowsAsync(store, 3);
        var batch = (await store.IntendBatchAsync(await IntentAsync(store, run, 2, "NONCE1"))).ShouldBeOfType<IntendOutcome.Sealed>().Batch;
        (await store.LoseBatchAsync(batch.Id, "API.BATCH_GONE")).ShouldBeFalse();
        await store.OpenGateAsync(batch.Id, batch.Nonce, Now);
        (await store.LoseBatchAsync(batch.Id, "API.BATCH_GONE")).ShouldBeFalse();
        await store.ConfirmBatchAsync(batch.Id, batch.Nonce, Remote("msgbatch_1", 2), Proof.Reply);

        (await store.LoseBatchAsync(batch.Id, "API.BATCH_GONE")).ShouldBeTrue();
        (await store.LoseBatchAsync(batch.Id, "API.BATCH_GONE")).ShouldBeFalse();

        var ledger = await store.LedgerAsync(run.Id);
        (ledger.Errored, ledger.InFlight, ledger.Pending).ShouldBe((2, 0, 1));
        (await store.RunAsync(run.Id)).Failed.ShouldBe(2);
        (await store.ReasonsAsync(run.Id)).ShouldHaveSingleItem().ShouldBe(new ReasonCount(RowState.Errored, "API.BATCH_GONE", 2));
        (await store.OpenBatchesAsync()).ShouldBeEmpty();
        await BalancesAsync(store, run);
    }

    [Fact]
    public void The_ledger_balances_after_every_step_of_any_sequence_of_verbs()
    {
        var steps = Gen.Choose(0, 12).ListOf(40).Select(list => list.ToArray());
        Prop.ForAll(steps.ToArbitrary(), (Func<int[], Task>)WalkAsync).Check(Config.QuickThrowOnFailure.WithMaxTest(10));
    }

    /// <summary>Plays verbs blindly, in and out of place; a refusal is fine, an imbalance is not.</summary>
    private async Task WalkAsync(int[] steps)
    {
        await using var store = await OpenAsync();
        var run = await RunWithRowsAsync(store, 9);
        var nonce = 0;
        foreach (var step in steps)
        {
            var batches = await store.BatchesAsync(run.Id);
            var batch = batches.LastOrDefault(candidate => candidate.State is not (BatchState.Settled or BatchState.Withdrawn)) ?? batches.LastOrDefault();
            try
            {
                await StepAsync(store, run, batch, step, $"N{++nonce:0000000}");
            }
            catch (StoreException)
            {
                // Refused whole: the books below show that nothing of it stayed.
            }

            await BalancesAsync(store, run);
        }
    }

    private static async Task StepAsync(IStore store, Run run, Batch? batch, int step, string nonce)
    {
        if (batch is null || step == 0)
        {
            await store.IntendBatchAsync(await IntentAsync(store, run, 1 + (nonce[^1] % 3), nonce));
            return;
        }

        var id = batch.RemoteId ?? $"msgbatch_{batch.Id}";
        switch (step)
        {
            case 1: await store.OpenGateAsync(batch.Id, batch.Nonce, Now); break;
            case 2: await store.DoubtBatchAsync(batch.Id, batch.Nonce, "lost"); break;
            case 3: await store.ConfirmBatchAsync(batch.Id, batch.Nonce, Remote(id, batch.Requests), Proof.Count); break;
            case 4: await store.ConfirmBatchAsync(batch.Id, batch.Nonce, Remote($"msgbatch_{batch.Id}r", batch.Requests), Proof.Reply); break;
            case 5: await store.ReleaseBatchAsync(batch.Id, id); break;
            case 6: await store.WithdrawBatchAsync(batch.Id, batch.Nonce, "no"); break;
            case 7: await store.ObserveBatchAsync(batch.Id, Remote(id, batch.Requests, RemoteStatus.Ended, batch.Requests), Now); break;
            case 8: await store.RecordArchiveAsync(batch.Id, new Archive("f", 1, "", batch.Requests, 1)); break;
            case 9: await store.SettleBatchAsync(batch.Id, Now); break;
            case 12: await store.LoseBatchAsync(batch.Id, "API.BATCH_GONE"); break;
            case 10: await store.SetAsideAsync(run.Id, [new SetAside(9, "REQ.RENDER_FAILED", "x")]); break;
            default:
                await store.RecordResultsAsync(batch.Id,
                    [.. (await RequestsAsync(store, batch)).Select(row => Result(row, row.RowId % 3 == 0 ? RowState.Pending : RowState.Succeeded))]);
                break;
        }
    }

    [Fact]
    public async Task A_row_counts_as_failed_when_its_result_says_so()
    {
        await using var store = await OpenAsync();
        var run = await RunWithRowsAsync(store, 2);
        var batch = await ArchivedAsync(store, run, 2, "NONCE001");
        var requests = await RequestsAsync(store, batch);

        await store.RecordResultsAsync(batch.Id, [Result(requests[0], RowState.Canceled), Result(requests[1], RowState.Expired)]);

        (await store.RunAsync(run.Id)).Failed.ShouldBe(1, "what its operator cancels did not fail");
        (await store.LedgerAsync(run.Id)).Canceled.ShouldBe(1);
    }

    [Fact]
    public async Task Canceling_a_run_ends_what_was_pending()
    {
        await using var store = await OpenAsync();
        var run = await RunWithRowsAsync(store, 3);
        await store.MoveRunAsync(run.Id, RunState.Canceling, "asked", Now);

        (await store.MoveRunAsync(run.Id, RunState.Canceled, null, Now)).ShouldBeTrue();

        var ledger = await store.LedgerAsync(run.Id);
        (ledger.Canceled, ledger.Open).ShouldBe((3, 0));
        await BalancesAsync(store, run);
    }

    [Fact]
    public async Task A_run_with_open_rows_is_not_done()
    {
        await using var store = await OpenAsync();
        var run = await RunWithRowsAsync(store, 2);
        (await store.MoveRunAsync(run.Id, RunState.Done, null, Now)).ShouldBeFalse();
        var batch = await ArchivedAsync(store, run, 2, "NONCE1");
        (await store.MoveRunAsync(run.Id, RunState.Done, null, Now)).ShouldBeFalse();
        var still = (await store.RunsAsync()).Single();
        (still.State, still.EndedAt).ShouldBe((RunState.Running, null));

        await store.RecordResultsAsync(batch.Id, [.. (await RequestsAsync(store, batch)).Select(row => Result(row))]);

        (await store.MoveRunAsync(run.Id, RunState.Done, null, Now)).ShouldBeTrue();
        await BalancesAsync(store, run);
    }
}
