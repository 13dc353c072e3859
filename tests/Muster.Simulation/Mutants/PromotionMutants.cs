using System.Runtime.CompilerServices;
using System.Text;
using Muster.Promotion;
using Muster.Results;
using Muster.Runs;
using Muster.Simulation.Promoting;
using Muster.Simulation.Stores;
using Muster.Staging;
using Muster.Stores;

namespace Muster.Simulation.Mutants;

/// <summary>No staging: accepted answers are live as they come.</summary>
internal sealed class WritesAsItGoes : Mutant
{
    public override IStore Live(IStore inner, LiveTable table) => new Writing(inner, table);

    private sealed class Writing(IStore inner, LiveTable table) : StoreDecorator(inner)
    {
        public override Task<int> RecordResultsAsync(long batchId, IReadOnlyList<ResultRecord> results, CancellationToken cancellationToken = default)
        {
            foreach (var result in results.Where(result => result.Move.State == RowState.Succeeded))
            {
                var answer = Managed.Of(Encoding.UTF8.GetString(result.Output.Span));
                table.Write(answer.Summary!, new TargetRow(answer, null));
            }

            return Inner.RecordResultsAsync(batchId, results, cancellationToken);
        }
    }
}

/// <summary>Half of the answers in a transaction of their own, then the promotion.</summary>
internal sealed class CommitsInTwo : Mutant
{
    private readonly List<StagedRow> staged = [];

    public override ITarget Target(ITarget inner, LiveTable table) => new Halved(inner, table, staged);

    private sealed class Halved(ITarget inner, LiveTable table, List<StagedRow> staged) : KeepsStaged(inner, staged)
    {
        public override Task<Receipt> ApplyAsync(ApplyRequest request, CancellationToken cancellationToken = default)
        {
            foreach (var row in Staged.Take((Staged.Count + 1) / 2))
                table.Write(row.Key, new TargetRow(Managed.Of(Encoding.UTF8.GetString(row.Output.Span)), null));
            return Inner.ApplyAsync(request, cancellationToken);
        }
    }
}

/// <summary>Knows what was staged for the last plan, over all processes.</summary>
internal abstract class KeepsStaged(ITarget inner, List<StagedRow> staged) : TargetDecorator(inner)
{
    protected IReadOnlyList<StagedRow> Staged => staged;

    public override Task<PromotionPlan> PlanAsync(PlanRequest request, IAsyncEnumerable<StagedRow> rows, CancellationToken cancellationToken = default)
    {
        staged.Clear();
        return Inner.PlanAsync(request, KeptAsync(rows, cancellationToken), cancellationToken);
    }

    private async IAsyncEnumerable<StagedRow> KeptAsync(IAsyncEnumerable<StagedRow> rows, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var row in rows.WithCancellation(cancellationToken))
        {
            staged.Add(row);
            yield return row;
        }
    }
}

/// <summary>A plan that was applied is written once more.</summary>
internal sealed class AppliesAgain : Mutant
{
    private readonly List<StagedRow> staged = [];

    public override ITarget Target(ITarget inner, LiveTable table) => new Again(inner, table, staged);

    private sealed class Again(ITarget inner, LiveTable table, List<StagedRow> staged) : KeepsStaged(inner, staged)
    {
        public override async Task<Receipt> ApplyAsync(ApplyRequest request, CancellationToken cancellationToken = default)
        {
            var receipt = await Inner.ApplyAsync(request, cancellationToken);
            foreach (var row in receipt.AlreadyApplied ? Staged : [])
                table.Write(row.Key, new TargetRow(Managed.Of(Encoding.UTF8.GetString(row.Output.Span)), null));
            return receipt;
        }
    }
}

/// <summary>What others wrote since is overwritten, too.</summary>
internal sealed class RollsBackEverything : Mutant
{
    public override ITarget Target(ITarget inner, LiveTable table) => new Forcing(inner, table);

    private sealed class Forcing(ITarget inner, LiveTable table) : TargetDecorator(inner)
    {
        public override Task<RollbackReceipt> RollbackAsync(RollbackRequest request, CancellationToken cancellationToken = default) =>
            Inner.RollbackAsync(request with { ForceKeys = table.State.Rows.Keys.ToHashSet() }, cancellationToken);
    }
}
