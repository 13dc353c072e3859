namespace Muster.Promotion;

/// <summary>Ends the undo window of a promotion: images may hold personal data and are not kept for longer.</summary>
internal sealed class Finalizer(PromotionWork work)
{
    internal Receipt Finalize(string promotionId)
    {
        var database = work.Database;
        database.Run("begin immediate");
        var stored = ReceiptReader.Get(work, promotionId);
        database.Run(
            """
            update main.muster_promotion_row set before = null, after = null where promotion = $promotion;
            update main.muster_promotion set ended_at = $at, state = case state when 'live' then 'final' else state end
            where seq = $promotion and state <> 'final';
            """,
            ("$promotion", stored.Seq), ("$at", work.Time.GetUtcNow().ToString("O")));
        database.Run("commit");
        return ReceiptReader.Receipt(work, ReceiptReader.Get(work, promotionId));
    }
}
