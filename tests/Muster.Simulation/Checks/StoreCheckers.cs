using System.Text;
using Muster.Batches;
using Muster.Results;
using Muster.Runs;
using Muster.Simulation.Network;
using Muster.Simulation.Scheduling;
using Muster.Simulator;
using Muster.Stores;

namespace Muster.Simulation.Checks;

/// <summary>The named checkers that a real store can answer, through its own reading verbs beside the process that writes: after each commit and at the end.</summary>
/// <param name="open">A reader beside whatever process lives.</param>
internal sealed class StoreCheckers(
    World world, Func<IStore> open, VirtualNetwork network, string archives, Func<Truth> truth, IReadOnlyDictionary<string, string> expected)
{
    private const long RunId = 1;

    private readonly Dictionary<long, BatchState> batchesBefore = [];
    private readonly HashSet<string> joined = new(StringComparer.Ordinal);
    private readonly HashSet<string> looked = [];
    private RunState runBefore = RunState.Running;

    private readonly LaneCheckers lane = new(world, truth);

    public void AfterCommit(string verb) => Look(store =>
    {
        var batches = Now(store.BatchesAsync(RunId));
        EachRowOneState(store);
        lane.CalledAtMostOnce(batches);
        TerminalStays(store, batches);
        IntentStands(batches);
        if (verb == "RecordArchive")
            DurableBeforeVisible(batches);
        if (verb == "RecordResults")
            JoinedByKey(store, onlyNew: true);
        if (verb == "SettleBatch")
            TokensRight(store, isWhole: network.Accepted.TrueForAll(record => !record.IsOurs || IsSettled(record, batches)));
    });

    public void AtEnd() => Look(store =>
    {
        var batches = Now(store.BatchesAsync(RunId));
        EachRowOneState(store);
        NoOrphan(batches);
        BilledOnce(store);
        JoinedByKey(store, onlyNew: false);
        DurableBeforeVisible(batches);
    });

    /// <summary>No byte of a create before its intent, no last byte before the gate.</summary>
    public void IntentBeforeBytes(ReadOnlyMemory<byte> body, bool isLast) => Look(store =>
    {
        Looked("IntentBeforeBytes");
        var nonce = VirtualNetwork.IdsIn(body.Span) is [var first, ..] ? first.Nonce : null;
        var intent = Now(store.BatchesAsync(RunId)).FirstOrDefault(batch => batch.Nonce == nonce);
        if (intent is null || (isLast ? intent.State != BatchState.Sending : intent.State is not (BatchState.Sealed or BatchState.Sending)))
            world.Violate("IntentBeforeBytes", $"bytes of {nonce} leave and the store says {intent?.State.ToString() ?? "nothing"}{(isLast ? " (last bytes)" : "")}");
    });

    public void BeforeMessage() => Look(store => lane.BeforeMessage(Now(store.BatchesAsync(RunId))));

    /// <summary>G1: the store's own audit, which counts everything again.</summary>
    private void EachRowOneState(IStore store)
    {
        Looked("EachRowOneState");
        if (Now(store.AuditAsync(RunId)) is [var finding, ..])
            world.Violate("EachRowOneState", finding);
    }

    /// <summary>G4, for batches and the run.</summary>
    private void TerminalStays(IStore store, IReadOnlyList<Batch> batches)
    {
        Looked("TerminalStays");
        foreach (var batch in batches)
        {
            if (batchesBefore.TryGetValue(batch.Id, out var before) && before != batch.State && !Checkers.CanMove(before, batch.State))
                world.Violate("TerminalStays", $"{batch.Name} was {before} and is {batch.State}");
            batchesBefore[batch.Id] = batch.State;
        }

        var run = Now(store.RunAsync(RunId)).State;
        if (runBefore != run && !RunStates.CanMove(runBefore, run))
            world.Violate("TerminalStays", $"the run was {runBefore} and is {run}");
        runBefore = run;
    }

    /// <summary>G3: whatever the remote took came from an intent that stands.</summary>
    private void IntentStands(IReadOnlyList<Batch> batches)
    {
        foreach (var remote in network.Accepted.Where(record => record.IsOurs))
        {
            Looked("NoOrphan");
            if (batches.FirstOrDefault(batch => batch.Nonce == remote.Nonce) is not { State: not BatchState.Withdrawn })
                world.Violate("NoOrphan", $"the remote has {remote.Id}, and its intent {remote.Nonce} is withdrawn or unknown");
        }
    }

    private void NoOrphan(IReadOnlyList<Batch> batches)
    {
        if (network.Accepted.Find(record => record.IsOurs && !IsSettled(record, batches)) is { } orphan)
            world.Violate("NoOrphan", $"{orphan.Id} is not settled at the end");
    }

    private static bool IsSettled(RemoteRecord remote, IReadOnlyList<Batch> batches) =>
        batches.Any(batch => batch.RemoteId == remote.Id && batch.State == BatchState.Settled);

    /// <summary>G10: what the store calls archived is whole on the disk.</summary>
    private void DurableBeforeVisible(IReadOnlyList<Batch> batches)
    {
        foreach (var batch in batches.Where(batch => batch.State == BatchState.Archived))
        {
            Looked("DurableBeforeVisible");
            if (ArchiveReader.Verify(archives, batch.Archive!) is { } damage)
                world.Violate("DurableBeforeVisible", $"{batch.Name}: {damage}");
        }
    }

    /// <summary>G6: each staged answer is that of its own key.</summary>
    private void JoinedByKey(IStore store, bool onlyNew)
    {
        foreach (var staged in store.StagedAsync(RunId).ToBlockingEnumerable())
        {
            if (!joined.Add(staged.Key) && onlyNew)
                continue;
            Looked("JoinedByKey");
            if (Encoding.UTF8.GetString(staged.Output.Span) is var output && output != expected[staged.Key])
                world.Violate("JoinedByKey", $"{staged.Key} has the output {output}");
        }
    }

    /// <summary>G2, G8: the bill and the books say the same.</summary>
    private void BilledOnce(IStore store)
    {
        Looked("PaidAtMostOnce");
        if (truth() is { PairsAcceptedMoreThanOnce: > 0 } bill)
            world.Violate("PaidAtMostOnce", string.Join(", ", bill.RepeatedIds));
        TokensRight(store, isWhole: true);
    }

    /// <summary>G8: nothing is booked that was not billed, and, once every batch of ours is settled, nothing billed that is not booked.</summary>
    private void TokensRight(IStore store, bool isWhole)
    {
        Looked("TokensRight");
        var usage = Now(store.UsageAsync(RunId));
        var bill = truth();
        var booked = (usage.Sum(u => u.Requests), usage.Sum(u => u.InputTokens), usage.Sum(u => u.OutputTokens));
        var billed = (Rows: bill.RowsBilled + bill.MessagesAnswered, Input: bill.InputTokens + bill.MessageInputTokens, Output: bill.OutputTokens + bill.MessageOutputTokens);
        var isMore = booked.Item1 > billed.Rows || booked.Item2 > billed.Input || booked.Item3 > billed.Output;
        // Calls under way, and those whose reply was lost, may be billed and are not booked.
        var isKnown = isWhole && Now(store.LaneUseAsync(RunId)).Lost == 0 && !Now(store.BatchesAsync(RunId)).Any(batch => batch is { Lane: Lane.Synchronous, State: BatchState.Sending or BatchState.Archived });
        if (isMore || (isKnown && booked != billed))
            world.Violate("TokensRight", $"the books say {booked}, the remote billed {billed} (requests, input, output)");
    }

    /// <summary>Counts a seed in which the checker had something to look at.</summary>
    private void Looked(string checker)
    {
        if (looked.Add(checker))
            world.Trace.Count(FaultMatrix.Checked(checker));
    }

    /// <summary>The reader's tasks are done when they return: SQLite answers at once.</summary>
    private void Look(Action<IStore> look)
    {
        var store = open();
        try
        {
            look(store);
        }
        finally
        {
            store.DisposeAsync().AsTask().GetAwaiter().GetResult();
        }
    }

    private static T Now<T>(Task<T> task) => task.GetAwaiter().GetResult();
}
