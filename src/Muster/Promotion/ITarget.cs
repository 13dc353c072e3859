using Muster.Staging;

namespace Muster.Promotion;

/// <summary>
/// What accepted outputs are promoted into. Nothing reaches it but by <see cref="ApplyAsync"/>, and the images of what was there
/// are kept beside the data, so that any process that can open the target can take a promotion back.
/// </summary>
public interface ITarget
{
    /// <summary>Every fault that would keep a promotion from working, all at once; empty when there is none. Writes nothing.</summary>
    Task<IReadOnlyList<TargetFault>> CheckAsync(CancellationToken cancellationToken = default);

    /// <summary>
    /// Compares the staged rows with the target and stores what a promotion would do. An unapplied plan of the same run is replaced.
    /// </summary>
    /// <exception cref="TargetException">The target cannot be used, a key is staged twice, or there are too many rows.</exception>
    Task<PromotionPlan> PlanAsync(
        PlanRequest request, IAsyncEnumerable<StagedRow> rows, CancellationToken cancellationToken = default);

    /// <summary>The stored plan, or null when it is unknown, applied or replaced.</summary>
    Task<PromotionPlan?> FindPlanAsync(string planId, CancellationToken cancellationToken = default);

    /// <summary>Does what the stored plan says, in one transaction. A plan that was applied before returns its first receipt.</summary>
    /// <exception cref="TargetException">The plan is unknown, or what was read back is not what was written.</exception>
    Task<Receipt> ApplyAsync(ApplyRequest request, CancellationToken cancellationToken = default);

    /// <summary>Puts back what was there before, in one transaction, for each key that still holds what the promotion wrote.</summary>
    Task<RollbackReceipt> RollbackAsync(RollbackRequest request, CancellationToken cancellationToken = default);

    /// <summary>Reads back a sample of the promotion's keys and its counts.</summary>
    /// <param name="seed">Chooses the sample.</param>
    Task<Verification> VerifyAsync(string promotionId, int seed, CancellationToken cancellationToken = default);

    /// <summary>Ends the undo window: removes the before- and after-images of a promotion and keeps the hashes.</summary>
    Task<Receipt> FinalizeAsync(string promotionId, CancellationToken cancellationToken = default);

    /// <summary>Takes keys and images out of the promotion log, for people who must delete; the target's rows stay as they are.</summary>
    /// <returns>Lines of the log that lost their images.</returns>
    Task<long> ForgetAsync(ForgetRequest request, CancellationToken cancellationToken = default);

    /// <summary>The promotions that the target holds, newest first.</summary>
    Task<IReadOnlyList<Receipt>> ReceiptsAsync(CancellationToken cancellationToken = default);

    /// <summary>Every key of a promotion and what became of it, in key order, streamed.</summary>
    IAsyncEnumerable<PromotedRow> RowsAsync(string promotionId, CancellationToken cancellationToken = default);
}
