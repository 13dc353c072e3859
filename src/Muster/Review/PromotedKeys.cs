using Muster.Promotion;
using Muster.Runs;

namespace Muster.Review;

/// <summary>Asks the target whether a promotion of a run wrote a key and stands.</summary>
/// <param name="target">Null where the job names none, or where there is none yet: then nothing is promoted.</param>
internal sealed class PromotedKeys(ITarget? target)
{
    /// <summary>The refusal for the first of the keys that is live, or null.</summary>
    public async Task<ReviewException?> RefusalAsync(Run run, IReadOnlySet<string> keys, CancellationToken cancellationToken = default)
    {
        if (target is null || keys.Count == 0)
            return null;
        var name = Promotions.RunIdOf(run);
        foreach (var receipt in (await target.ReceiptsAsync(cancellationToken)).Where(receipt => receipt.RunId == name && receipt.State != PromotionState.RolledBack))
        {
            await foreach (var row in target.RowsAsync(receipt.PromotionId, cancellationToken))
            {
                if (row is { Op: PromotionOp.Insert or PromotionOp.Update, Undone: null } && keys.Contains(row.Key))
                    return Refuse(row.Key, receipt);
            }
        }

        return null;
    }

    /// <summary>The newest promotion of a run that wrote the key and was rolled back; null when there is none, or when the key is live.</summary>
    public async Task<Receipt?> TakenBackAsync(Run run, string key, CancellationToken cancellationToken = default)
    {
        if (target is null)
            return null;
        var name = Promotions.RunIdOf(run);
        foreach (var receipt in (await target.ReceiptsAsync(cancellationToken)).Where(receipt => receipt.RunId == name && receipt.State == PromotionState.RolledBack))
        {
            await foreach (var row in target.RowsAsync(receipt.PromotionId, cancellationToken))
            {
                if (row.Key == key && row.Undone is UndoOutcome.Restored or UndoOutcome.Deleted)
                    return await RefusalAsync(run, new HashSet<string>(StringComparer.Ordinal) { key }, cancellationToken) is null ? receipt : null;
            }
        }

        return null;
    }

    private static ReviewException Refuse(string key, Receipt receipt) => receipt.State == PromotionState.Final
        ? new ReviewException(ReviewRefusal.Promoted, $"{Excerpt.Of(key)} is live: {receipt.PromotionId} promoted it and is final.",
            "Correct it in the target, or ask it in a new run.")
        : new ReviewException(ReviewRefusal.Promoted, $"{Excerpt.Of(key)} is live: {receipt.PromotionId} promoted it at {receipt.At:yyyy-MM-dd HH:mm:ss}Z.",
            $"Take the promotion back first: `muster rollback {receipt.PromotionId}`; then decide, and promote again.");
}
