using System.Runtime.CompilerServices;
using Muster.Pilots;

namespace Muster.Simulation.Stores;

internal sealed partial class MemoryStore
{
    public Task<RunPick?> PickAsync(long runId, CancellationToken cancellationToken = default) => Task.FromResult(state.Picks.GetValueOrDefault(runId));

    public async IAsyncEnumerable<PickedResult> ReadPickedAsync(long runId, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var strata = state.Picks[runId].Rows.ToDictionary(row => row.Line, row => row.Stratum);
        foreach (var row in state.Rows.Where(row => row.RunId == runId && strata.ContainsKey(row.Line)).ToList())
        {
            var results = state.Requests.Where(request => request.RowId == row.Id && request.Result is not null).Select(request => request.Result!.Billing).ToList();
            var billed = results.OfType<Results.Billing>().ToList();
            var kept = state.Evidence.GetValueOrDefault(row.Id);
            var output = state.Staging.TryGetValue(row.Id, out var staged) ? staged.Output : kept?.Output ?? default;
            yield return new PickedResult(row.Key, row.Line, strata[row.Line], row.State, row.Tier, row.Reason, kept?.Message, row.Input, output,
                new PickedUse(results.Count, billed.Sum(bill => (long)bill.InputTokens + bill.CacheWrite5mTokens + bill.CacheWrite1hTokens + bill.CacheReadTokens),
                    billed.Sum(bill => (long)bill.OutputTokens), billed.Sum(bill => bill.CostPicoUsd ?? 0)));
        }
    }

    public Task LockPilotAsync(PilotLock pilot, CancellationToken cancellationToken = default)
    {
        state.Locks[(pilot.Job, pilot.JobVersion)] = pilot;
        return Task.CompletedTask;
    }

    public Task<PilotLock?> PilotLockAsync(string job, string version, CancellationToken cancellationToken = default) =>
        Task.FromResult(state.Locks.GetValueOrDefault((job, version)));
}
