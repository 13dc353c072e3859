using System.Runtime.CompilerServices;
using Muster.Batches;
using Muster.Results;
using Muster.Runs;
using Muster.Simulation.Scheduling;
using Muster.Simulation.Stores;
using Muster.Stores;

namespace Muster.Simulation.Mutants;

/// <summary>POST, then write the id: until the reply is recorded, a process that dies takes its batch's record with it.</summary>
internal sealed class SubmitsWithoutIntent : Mutant
{
    public override void AfterDeath(MemoryState state)
    {
        foreach (var batch in state.Batches.Select(batch => batch.Value).Where(batch => batch is { RemoteId: null, State: BatchState.Sealed or BatchState.Sending or BatchState.Unknown }).ToList())
            new MemoryStore(state).WithdrawBatchAsync(batch.Id, batch.Nonce, "never written").GetAwaiter().GetResult();
    }
}

/// <summary>The store takes a result that it already has.</summary>
internal sealed class AppliesResultsTwice : Mutant
{
    public override MemoryStore Memory(MemoryState state) => new(state) { ForgetsResults = true };
}

/// <summary>Results meet requests by their place: the server's order is not ours, so neighbours get each other's answers.</summary>
internal sealed class JoinsByPosition : Mutant
{
    public override IStore Store(IStore inner, MemoryState state, VirtualProcess process) => new Joined(inner);

    private sealed class Joined(IStore inner) : StoreDecorator(inner)
    {
        public override async IAsyncEnumerable<RequestRow> ReadRequestsAsync(long batchId, [EnumeratorCancellation] CancellationToken cancellationToken = default)
        {
            var rows = new List<RequestRow>();
            await foreach (var row in Inner.ReadRequestsAsync(batchId, cancellationToken))
                rows.Add(row);
            for (var i = 0; i < rows.Count; i++)
            {
                var other = rows[(i + 1) % rows.Count];
                yield return rows[i] with { RequestId = other.RequestId, RowId = other.RowId };
            }
        }
    }
}

/// <summary>Expired results are passed over.</summary>
internal sealed class ForgetsTheExpired : Mutant
{
    public override IStore Store(IStore inner, MemoryState state, VirtualProcess process) => new Forgetful(inner);

    private sealed class Forgetful(IStore inner) : StoreDecorator(inner)
    {
        public override Task<int> RecordResultsAsync(long batchId, IReadOnlyList<ResultRecord> results, CancellationToken cancellationToken = default) =>
            Inner.RecordResultsAsync(batchId, [.. results.Where(result => result.Type != ResultType.Expired)], cancellationToken);
    }
}

/// <summary>An expired request ends its row, whatever attempts are left.</summary>
internal sealed class EndsTheExpired : Mutant
{
    public override IStore Store(IStore inner, MemoryState state, VirtualProcess process) => new Final(inner);

    private sealed class Final(IStore inner) : StoreDecorator(inner)
    {
        public override Task<int> RecordResultsAsync(long batchId, IReadOnlyList<ResultRecord> results, CancellationToken cancellationToken = default) =>
            Inner.RecordResultsAsync(batchId,
                [.. results.Select(result => result.Type == ResultType.Expired ? result with { Move = result.Move with { State = RowState.Expired } } : result)],
                cancellationToken);
    }
}

/// <summary>A candidate of the same count is held for proven.</summary>
internal sealed class AdoptsWithoutProof : Mutant
{
    public override IStore Store(IStore inner, MemoryState state, VirtualProcess process) => new Trusting(inner);

    private sealed class Trusting(IStore inner) : StoreDecorator(inner)
    {
        public override Task<ConfirmOutcome> ConfirmBatchAsync(long batchId, string nonce, RemoteBatch remote, Proof proof, CancellationToken cancellationToken = default) =>
            Inner.ConfirmBatchAsync(batchId, nonce, remote, Proof.Tag, cancellationToken);
    }
}

/// <summary>The gate lets every process through, also one whose intent was replaced or that stood still.</summary>
internal sealed class LeavesTheGateOpen : Mutant
{
    public override IStore Store(IStore inner, MemoryState state, VirtualProcess process) => new Open(inner);

    private sealed class Open(IStore inner) : StoreDecorator(inner)
    {
        public override Task<bool> OpenGateAsync(long batchId, string nonce, DateTimeOffset at, CancellationToken cancellationToken = default) => Task.FromResult(true);
    }
}

/// <summary>What is absent from the list for two minutes is held not to exist.</summary>
internal sealed class BelievesAbsenceSoon(TimeSpan quietPeriod) : Mutant
{
    public override Swarm Adjust(Swarm swarm) => swarm with { QuietPeriod = quietPeriod };
}
