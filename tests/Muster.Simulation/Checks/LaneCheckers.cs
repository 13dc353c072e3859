using Muster.Batches;
using Muster.Simulation.Scheduling;
using Muster.Simulator;
using Muster.Verdicts;

namespace Muster.Simulation.Checks;

/// <summary>What holds of the synchronous lane, over whatever store.</summary>
internal sealed class LaneCheckers(World world, Func<Truth> truth)
{
    private bool called;
    private bool looked;

    /// <summary>Rows whose calls left without a reply.</summary>
    public static bool IsLost(string? reason) => reason?.StartsWith(Reasons.FallbackFailed, StringComparison.Ordinal) == true;

    /// <summary>G2: no call leaves before its wave says durably that it is sending.</summary>
    public void BeforeMessage(IEnumerable<Batch> batches)
    {
        called = true;
        if (!batches.Any(batch => batch is { Lane: Lane.Synchronous, State: BatchState.Sending }))
            world.Violate("IntentBeforeBytes", "a synchronous call leaves and no wave is sending");
    }

    /// <summary>G2: no request of the lane is answered twice, and none that no wave has.</summary>
    public void CalledAtMostOnce(IEnumerable<Batch> batches)
    {
        if (!called)
            return;
        var calls = batches.Where(batch => batch is { Lane: Lane.Synchronous, State: not BatchState.Withdrawn }).Sum(batch => batch.Requests);
        if (calls > 0 && !looked)
            world.Trace.Count(FaultMatrix.Checked("CalledAtMostOnce"));
        looked |= calls > 0;
        var bill = truth();
        if (bill.MessagesRepeated > 0 || bill.MessagesAnswered > calls)
            world.Violate("CalledAtMostOnce", $"{bill.MessagesAnswered} messages were answered, {bill.MessagesRepeated} of them again; the waves have {calls} requests");
    }
}
