using System.Text;
using Muster.Batches;
using Muster.Results;
using Muster.Runs;
using Muster.Simulation.Network;
using Muster.Simulation.Scheduling;
using Muster.Simulation.Stores;
using Muster.Simulator;

namespace Muster.Simulation.Checks;

/// <summary>
/// The invariants of docs/guarantees.md as named checkers over the store in memory, the files and the remote's bill. Those of the
/// state run after each commit, those of the bill as it grows, the rest at the end.
/// </summary>
/// <param name="expected">The right answer of each key.</param>
/// <param name="attempts">How often a row may be asked for failures of the platform.</param>
internal sealed class Checkers(
    World world, MemoryState state, VirtualNetwork network, string archives, Func<Truth> truth, IReadOnlyDictionary<string, string> expected, int attempts)
{
    private readonly Dictionary<long, RowState> rowsBefore = [];
    private readonly Dictionary<long, Batch> batchesBefore = [];
    private readonly HashSet<long> finished = [];
    private readonly HashSet<long> joined = [];
    private readonly HashSet<long> failed = [];
    private readonly HashSet<string> looked = [];
    private readonly LaneCheckers lane = new(world, truth);
    private int sealedBatches;
    private int known;
    private RunState runBefore = RunState.Running;

    public Run Run => state.Runs[0];

    /// <summary>Counts a seed in which the checker had something to look at.</summary>
    private void Looked(string checker)
    {
        if (looked.Add(checker))
            world.Trace.Count(FaultMatrix.Checked(checker));
    }

    public void AfterCommit(string verb)
    {
        EachRowOneState();
        OneLiveAttempt();
        TerminalStays();
        LinesAccounted();
        IntentStands(verb);
        JoinedByKey(onlyNew: true);
        OnlySpentRowsFail(onlyNew: true);
        if (verb == "RecordArchive")
            DurableBeforeVisible();
        lane.CalledAtMostOnce(state.Batches.Select(batch => batch.Value));
        if (verb == "SettleBatch")
            TokensRight(truth(), network.Accepted.TrueForAll(record => !record.IsOurs || IsSettled(record)));
    }

    public void BeforeMessage() => lane.BeforeMessage(state.Batches.Select(batch => batch.Value));

    /// <summary>G1: the equation holds, and counting agrees with the books.</summary>
    private void EachRowOneState()
    {
        Looked("EachRowOneState");
        if (state.Differences(Run.Id) is [var difference, ..])
            world.Violate("EachRowOneState", difference);
    }

    /// <summary>G2: a row in flight is in one open batch, under its present attempt.</summary>
    private void OneLiveAttempt()
    {
        var live = new Dictionary<long, long>();
        foreach (var request in state.Requests)
        {
            if (request.Result is not null || BatchStates.IsOver(state.Batch(request.BatchId).Value.State))
                continue;
            Looked("OneLiveAttempt");
            var row = state.Row(request.RowId);
            if (!live.TryAdd(request.RowId, request.BatchId) || row.State != RowState.InFlight || row.BatchId != request.BatchId || row.Attempt != request.Attempt)
                world.Violate("OneLiveAttempt", $"row {row.Key} is {row.State} at attempt {row.Attempt} in batch {row.BatchId}, and attempt {request.Attempt} is open in {request.BatchId}");
        }
    }

    /// <summary>G4: what is finished stays, and every move is in its table.</summary>
    private void TerminalStays()
    {
        Looked("TerminalStays");
        foreach (var row in state.Rows)
        {
            if (rowsBefore.TryGetValue(row.Id, out var before) && before > RowState.InFlight && row.State != before)
                world.Violate("TerminalStays", $"row {row.Key} was {before} and is {row.State}");
            rowsBefore[row.Id] = row.State;
        }

        foreach (var batch in state.Batches.Select(batch => batch.Value))
        {
            if (batchesBefore.TryGetValue(batch.Id, out var before) && before.State != batch.State && !CanMove(before.State, batch.State))
                world.Violate("TerminalStays", $"{batch.Name} was {before.State} and is {batch.State}");
            batchesBefore[batch.Id] = batch;
        }

        if (runBefore != Run.State && !RunStates.CanMove(runBefore, Run.State))
            world.Violate("TerminalStays", $"the run was {runBefore} and is {Run.State}");
        runBefore = Run.State;
    }

    // A batch that is found in the list after its end is created and ended in one commit.
    public static bool CanMove(BatchState from, BatchState to) =>
        BatchStates.CanMove(from, to) || (BatchStates.CanMove(from, BatchState.Created) && to == BatchState.Ended);

    /// <summary>G6: ids sent = counts = lines = results when a batch is finished.</summary>
    private void LinesAccounted()
    {
        foreach (var batch in state.Batches.Select(batch => batch.Value))
        {
            if (batch.State != BatchState.Settled || !finished.Add(batch.Id))
                continue;
            Looked("LinesAccounted");
            var results = state.RequestsOf(batch.Id).Where(request => request.Result is not null).GroupBy(request => request.Result!.Type)
                .ToDictionary(group => group.Key, group => group.Count());
            if (batch.Lane == Lane.Synchronous)
            {
                if (results.Values.Sum() != batch.Requests)
                    world.Violate("LinesAccounted", $"{batch.Name}: {batch.Requests} calls, {results.Values.Sum()} results");
                continue;
            }

            var counts = batch.Remote!.Counts;
            if (results.GetValueOrDefault(ResultType.Succeeded) != counts.Succeeded || results.GetValueOrDefault(ResultType.Errored) != counts.Errored
                || results.GetValueOrDefault(ResultType.Expired) != counts.Expired || results.GetValueOrDefault(ResultType.Canceled) != counts.Canceled)
                world.Violate("LinesAccounted", $"{batch.Name}: the remote counts {counts}, the results are {string.Join(", ", results)}");
            if (network.Accepted.Find(record => record.Id == batch.RemoteId)?.Nonce != batch.Nonce)
                world.Violate("LinesAccounted", $"{batch.Name} is settled with {batch.RemoteId}, which another intent made");
        }
    }

    /// <summary>G10: what the store calls archived is whole on the disk.</summary>
    private void DurableBeforeVisible()
    {
        foreach (var batch in state.Batches.Select(batch => batch.Value).Where(batch => batch.State == BatchState.Archived))
        {
            Looked("DurableBeforeVisible");
            if (ArchiveReader.Verify(archives, batch.Archive!) is { } damage)
                world.Violate("DurableBeforeVisible", $"{batch.Name}: {damage}");
        }
    }

    /// <summary>No byte of a create before its intent, no last byte before the gate.</summary>
    public void IntentBeforeBytes(ReadOnlyMemory<byte> body, bool isLast)
    {
        var nonce = VirtualNetwork.IdsIn(body.Span) is [var first, ..] ? first.Nonce : null;
        Looked("IntentBeforeBytes");
        var intent = state.Batches.Find(batch => batch.Value.Nonce == nonce)?.Value;
        if (intent is null || (isLast ? intent.State != BatchState.Sending : intent.State is not (BatchState.Sealed or BatchState.Sending)))
            world.Violate("IntentBeforeBytes", $"bytes of {nonce} leave and the store says {intent?.State.ToString() ?? "nothing"}{(isLast ? " (last bytes)" : "")}");
    }

    /// <summary>G8: nothing is sealed that may pass the cap.</summary>
    public void SpendCapped(long capPicoUsd)
    {
        // What was sealed before may have cost more than was reserved for it; nothing may be added then.
        if (state.Batches.Count == sealedBatches)
            return;
        sealedBatches = state.Batches.Count;
        Looked("SpendCapped");
        var spent = state.Usage.Values.Sum(sums => sums[7]);
        var reserved = state.Batches.Where(batch => batch.Value.State is not (BatchState.Settled or BatchState.Withdrawn)).Sum(batch => batch.ReservedPicoUsd);
        if (spent + reserved > capPicoUsd)
            world.Violate("SpendCapped", $"{spent} spent and {reserved} reserved pass the cap of {capPicoUsd}");
    }

    public void AtEnd()
    {
        EachRowOneState();
        NoOrphan();
        BilledOnce(truth());
        JoinedByKey(onlyNew: false);
        OnlySpentRowsFail(onlyNew: false);
        DurableBeforeVisible();
    }

    /// <summary>G3: the ledger knows every batch of ours that the remote has.</summary>
    private void NoOrphan()
    {
        foreach (var remote in network.Accepted.Where(record => record.IsOurs))
        {
            Looked("NoOrphan");
            var ours = state.Batches.Find(batch => batch.Value.RemoteId == remote.Id)?.Value;
            if (!IsSettled(remote))
                world.Violate("NoOrphan", $"{remote.Id} with nonce {remote.Nonce} is {ours?.State.ToString() ?? "not in the store"} at the end");
        }
    }

    /// <summary>G3, until then: whatever the remote took came from an intent that the ledger has and has not given up.</summary>
    private void IntentStands(string verb)
    {
        if (network.Accepted.Count == known && verb != "WithdrawBatch")
            return;
        known = network.Accepted.Count;
        foreach (var remote in network.Accepted.Where(record => record.IsOurs))
        {
            Looked("NoOrphan");
            if (state.Batches.Find(batch => batch.Value.Nonce == remote.Nonce)?.Value is not { State: not BatchState.Withdrawn })
                world.Violate("NoOrphan", $"the remote has {remote.Id}, and its intent {remote.Nonce} is withdrawn or unknown");
        }
    }

    private bool IsSettled(RemoteRecord remote) => state.Batches.Exists(batch => batch.Value.RemoteId == remote.Id && batch.Value.State == BatchState.Settled);

    /// <summary>G2, G8: the bill and the books say the same.</summary>
    private void BilledOnce(Truth truth)
    {
        Looked("PaidAtMostOnce");
        if (truth.PairsAcceptedMoreThanOnce > 0)
            world.Violate("PaidAtMostOnce", string.Join(", ", truth.RepeatedIds));
        TokensRight(truth, isWhole: true);
    }

    /// <summary>G8: nothing is booked that was not billed, and, once every batch of ours is settled, nothing billed that is not booked.</summary>
    private void TokensRight(Truth truth, bool isWhole)
    {
        Looked("TokensRight");
        var usage = state.Usage.Values;
        var booked = (usage.Sum(s => s[0]), usage.Sum(s => s[1]), usage.Sum(s => s[2]), usage.Sum(s => s[3] + s[4]), usage.Sum(s => s[5]));
        var billed = (Rows: truth.RowsBilled + truth.MessagesAnswered, Input: truth.InputTokens + truth.MessageInputTokens,
            Output: truth.OutputTokens + truth.MessageOutputTokens, truth.CacheWriteTokens, truth.CacheReadTokens);
        var isMore = booked.Item1 > billed.Rows || booked.Item2 > billed.Input || booked.Item3 > billed.Output
            || booked.Item4 > billed.CacheWriteTokens || booked.Item5 > billed.CacheReadTokens;
        // Calls under way, and those whose reply was lost, may be billed and are not booked.
        var isKnown = isWhole && !state.Rows.Exists(row => LaneCheckers.IsLost(row.Reason)) && !state.Batches.Exists(batch => batch.Value is { Lane: Lane.Synchronous, State: BatchState.Sending or BatchState.Archived });
        if (isMore || (isKnown && booked != billed))
            world.Violate("TokensRight", $"the books say {booked}, the remote billed {billed} (requests, input, output, cache writes, cache reads)");
    }

    /// <summary>G6: each staged answer is that of its own key.</summary>
    /// <param name="onlyNew">Those that were not looked at before; at the end all are, once more.</param>
    private void JoinedByKey(bool onlyNew)
    {
        foreach (var (id, staged) in state.Staging)
        {
            if (!joined.Add(id) && onlyNew)
                continue;
            Looked("JoinedByKey");
            var key = state.Row(id).Key!;
            if (Encoding.UTF8.GetString(staged.Output.Span) != expected[key])
                world.Violate("JoinedByKey", $"{key} has the output {Encoding.UTF8.GetString(staged.Output.Span)}");
        }
    }

    /// <summary>A failure of the platform ends a row only when its attempts are spent; a run that is being canceled asks no more.</summary>
    private void OnlySpentRowsFail(bool onlyNew)
    {
        if (Run.State is RunState.Canceling or RunState.Canceled)
            return;
        foreach (var row in state.Rows.Where(row => row.State is RowState.Expired or RowState.Errored))
        {
            if (!failed.Add(row.Id) && onlyNew)
                continue;
            Looked("OnlySpentRowsFail");
            if (row.Spent < attempts)
                world.Violate("OnlySpentRowsFail", $"{row.Key} ended {row.State} after {row.Spent} of {attempts} attempts");
        }
    }

    /// <summary>Everything that a reader can see, as one hash.</summary>
    public string StateHash()
    {
        var text = new StringBuilder();
        text.AppendLine($"{Run.State} {Run.Records} {Run.Failed}");
        foreach (var row in state.Rows)
            text.AppendLine($"{row.Id} {row.State} {row.Tier} {row.Attempt} {row.Spent} {row.Tries} {row.Variant} {row.Reason}");
        foreach (var batch in state.Batches)
            text.AppendLine(batch.Value.ToString());
        foreach (var (key, sums) in state.Usage)
            text.AppendLine($"{key} {string.Join(' ', sums)}");
        foreach (var (id, staged) in state.Staging)
            text.AppendLine($"{id} {staged.Attempt} {Convert.ToHexString(staged.Output.Span)}");
        return Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())));
    }
}
