namespace Muster.Promotion;

/// <summary>Reads back what a promotion wrote.</summary>
internal sealed class Verifier(PromotionWork work)
{
    internal const int Keys = 200;

    internal Verification Verify(string promotionId, int seed)
    {
        var stored = ReceiptReader.Get(work, promotionId);
        var shape = work.ShapeOf(stored.Columns) ?? throw new TargetException(
            $"{work.Shown} no longer has the columns {stored.Columns} that the promotion wrote.", "Bring the columns back.");
        return Verify(shape, stored.Seq, seed);
    }

    internal Verification Verify(TargetShape shape, long promotion, int seed)
    {
        var sample = work.Database.List(
            PromotionWork.Sql("sample", shape), r => (Key: r.GetString(0), Holds: r.GetInt64(1) != 0),
            ("$promotion", promotion), ("$seed", Math.Abs((long)seed)), ("$keys", Keys));
        var written = work.Database.Scalar<long>(
            "select count(*) from main.muster_promotion_row where promotion = $promotion and op in ('insert', 'update') and undo is null",
            ("$promotion", promotion));
        var present = work.Database.Scalar<long>(PromotionWork.Sql("present", shape), ("$promotion", promotion));
        return new Verification(sample.Count, [.. sample.Where(s => !s.Holds).Select(s => s.Key)], written, present);
    }
}
