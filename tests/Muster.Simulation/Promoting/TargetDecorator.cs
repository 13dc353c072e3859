using Muster.Promotion;
using Muster.Staging;

namespace Muster.Simulation.Promoting;

/// <summary>Passes every verb on; what derives from it changes some.</summary>
internal abstract class TargetDecorator(ITarget inner) : ITarget
{
    protected ITarget Inner => inner;

    public Task<IReadOnlyList<TargetFault>> CheckAsync(CancellationToken cancellationToken = default) => inner.CheckAsync(cancellationToken);

    public virtual Task<PromotionPlan> PlanAsync(PlanRequest request, IAsyncEnumerable<StagedRow> rows, CancellationToken cancellationToken = default) =>
        inner.PlanAsync(request, rows, cancellationToken);

    public Task<PromotionPlan?> FindPlanAsync(string planId, CancellationToken cancellationToken = default) => inner.FindPlanAsync(planId, cancellationToken);

    public virtual Task<Receipt> ApplyAsync(ApplyRequest request, CancellationToken cancellationToken = default) => inner.ApplyAsync(request, cancellationToken);

    public virtual Task<RollbackReceipt> RollbackAsync(RollbackRequest request, CancellationToken cancellationToken = default) => inner.RollbackAsync(request, cancellationToken);

    public Task<Verification> VerifyAsync(string promotionId, int seed, CancellationToken cancellationToken = default) => inner.VerifyAsync(promotionId, seed, cancellationToken);

    public Task<Receipt> FinalizeAsync(string promotionId, CancellationToken cancellationToken = default) => inner.FinalizeAsync(promotionId, cancellationToken);

    public Task<long> ForgetAsync(ForgetRequest request, CancellationToken cancellationToken = default) => inner.ForgetAsync(request, cancellationToken);

    public Task<IReadOnlyList<Receipt>> ReceiptsAsync(CancellationToken cancellationToken = default) => inner.ReceiptsAsync(cancellationToken);

    public IAsyncEnumerable<PromotedRow> RowsAsync(string promotionId, CancellationToken cancellationToken = default) => inner.RowsAsync(promotionId, cancellationToken);
}
