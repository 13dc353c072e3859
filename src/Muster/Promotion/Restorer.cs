namespace Muster.Promotion;

/// <summary>Takes a promotion back, key by key, where the target still holds what it wrote.</summary>
internal sealed class Restorer(PromotionWork work)
{
    private readonly TargetDatabase _database = work.Database;

    internal RollbackReceipt Rollback(RollbackRequest request, CancellationToken cancellationToken)
    {
        new Stager(_database).Force(request.ForceKeys, cancellationToken);
        var offenders = new Offenders(_database);
        while (true)
        {
            _database.Run("begin immediate");
            var stored = ReceiptReader.Get(work, request.PromotionId);
            if (stored.Receipt.State != PromotionState.Live)
            {
                _database.Run("rollback");
                return Ended(request, stored);
            }

            var shape = work.ShapeOf(stored.Columns) ?? throw new TargetException(
                $"{work.Shown} no longer has the columns {stored.Columns} that the promotion wrote.",
                "Bring the columns back, then roll back.");
            work.Reached("rollback.begun");
            _database.Run(PromotionWork.Sql("undo", shape), ("$promotion", stored.Seq));
            work.Reached("rollback.compared");
            var receipt = Count(request, stored.Seq);
            if (request.Mode == RollbackMode.DryRun)
            {
                _database.Run("rollback");
                return receipt;
            }

            if (!offenders.Tried(() => Write(shape, stored.Seq), () => WriteEach(shape, stored.Seq, offenders))) continue;
            work.Reached("rollback.written");
            _database.Run(
                TargetDatabase.Sql("undone"), ("$promotion", stored.Seq), ("$at", work.Time.GetUtcNow().ToString("O")));
            work.Committing(request.PromotionId);
            work.Reached("rollback.closed");
            if (!offenders.Committed(shape, stored.Seq)) continue;
            work.Reached("rollback.committed");
            return receipt;
        }
    }

    private RollbackReceipt Ended(RollbackRequest request, StoredPromotion stored) => stored.Receipt.State == PromotionState.RolledBack
        ? stored.Undo with { Mode = request.Mode, AlreadyRolledBack = true, Listed = Conflicts(stored.Seq, "where r.undo = 'conflict'") }
        : throw new TargetException(
            $"The promotion {Identifier.Show(request.PromotionId)} is final: what was there before it is no longer kept.",
            "Correct the rows and promote them again.");

    private void Write(TargetShape shape, long promotion)
    {
        _database.Run(PromotionWork.Sql("restore", shape, "r.before"), ("$promotion", promotion));
        work.Reached("rollback.restored");
        _database.Run(PromotionWork.Sql("remove", shape));
    }

    private void WriteEach(TargetShape shape, long promotion, Offenders offenders)
    {
        offenders.Each(
            "select key from temp.muster_undo where act = 'restored' and $promotion > 0 order by key",
            PromotionWork.Sql("restore", shape, "r.before", " and u.key = $key"), promotion);
        offenders.Each(
            "select key from temp.muster_undo where act = 'deleted' and $promotion > 0 order by key",
            PromotionWork.Sql("remove", shape, one: " and u.key = $key and $promotion > 0"), promotion);
    }

    private RollbackReceipt Count(RollbackRequest request, long promotion)
    {
        var acts = _database.List(
            "select act, count(*) from temp.muster_undo group by act", r => (Act: r.GetString(0), Rows: r.GetInt64(1)))
            .ToDictionary(a => a.Act, a => a.Rows);
        return new RollbackReceipt(
            request.PromotionId, request.Mode, acts.GetValueOrDefault("restored"), acts.GetValueOrDefault("deleted"),
            acts.GetValueOrDefault("conflict"),
            Conflicts(promotion, "join temp.muster_undo u on u.key = r.key and u.act = 'conflict'", "u.detail", "u.now"));
    }

    private List<RollbackConflict> Conflicts(
        long promotion, string those, string detail = "'left alone'", string now = "null") => _database.List(
        $"""
        select r.key, {detail}, r.after, {now} from main.muster_promotion_row r {those}
        {(those.StartsWith("where") ? "and" : "where")} r.promotion = $promotion order by r.key limit $most
        """,
        r => new RollbackConflict(r.GetString(0), r.GetString(1), ReceiptReader.Text(r, 2), ReceiptReader.Text(r, 3)),
        ("$promotion", promotion), ("$most", Planner.Examples));
}
