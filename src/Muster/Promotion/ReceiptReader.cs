using Microsoft.Data.Sqlite;

namespace Muster.Promotion;

/// <summary>Reads what a target holds about its promotions.</summary>
internal static class ReceiptReader
{
    private const string Columns =
        """
        select seq, id, plan_id, run_id, plan_hash, actor, at, state, stale, inserted, updated, unchanged, conflicts, source_changed,
            missing, constraint_failed, columns, restored, deleted, undo_conflicts
        from main.muster_promotion
        """;

    internal static bool HasTables(TargetDatabase database) =>
        database.Scalar<long>("select count(*) from main.sqlite_master where type = 'table' and name = 'muster_promotion'") > 0;

    internal static IReadOnlyList<Receipt> All(PromotionWork work) => !HasTables(work.Database)
        ? []
        : [.. work.Database.List(Columns + " where target = $target order by seq desc", Stored, ("$target", work.Table))
            .Select(s => Receipt(work, s))];

    internal static StoredPromotion? Find(PromotionWork work, string column, string value) => !HasTables(work.Database)
        ? null
        : work.Database.List(
            $"{Columns} where target = $target and {column} = $value", Stored, ("$target", work.Table), ("$value", value)).FirstOrDefault();

    internal static StoredPromotion Get(PromotionWork work, string promotionId) => Find(work, "id", promotionId)
        ?? throw new TargetException(
            $"{work.Shown} has no promotion {Identifier.Show(promotionId)}.", "List the promotions that the target holds.");

    internal static Receipt Receipt(PromotionWork work, StoredPromotion stored) => stored.Receipt with
    {
        Target = work.Shown,
        Listed = work.Database.List(
            """
            select key, op, detail, before, after from main.muster_promotion_row
            where promotion = $promotion and op in ('conflict', 'source_changed', 'missing', 'constraint') order by key limit $most
            """,
            Example, ("$promotion", stored.Seq), ("$most", Planner.Examples)),
    };

    internal static IEnumerable<PromotedRow> Rows(PromotionWork work, string promotionId)
    {
        var stored = Get(work, promotionId);
        using var command = work.Database.Command(
            "select key, attempt, op, detail, undo from main.muster_promotion_row where promotion = $promotion order by key",
            ("$promotion", stored.Seq));
        using var r = command.ExecuteReader();
        while (r.Read()) yield return new PromotedRow(r.GetString(0), r.GetInt32(1), Ops.Op(r.GetString(2)), Text(r, 3), Ops.Undo(Text(r, 4)));
    }

    internal static PromotionExample Example(SqliteDataReader r)
    {
        var op = Ops.Op(r.GetString(1));
        return new PromotionExample(r.GetString(0), op, Ops.Reason(op), Text(r, 2), Text(r, 3), Text(r, 4));
    }

    internal static string? Text(SqliteDataReader r, int column) => r.IsDBNull(column) ? null : r.GetString(column);

    private static StoredPromotion Stored(SqliteDataReader r) => new(
        r.GetInt64(0),
        r.GetString(16),
        new RollbackReceipt(r.GetString(1), RollbackMode.Write, r.GetInt64(17), r.GetInt64(18), r.GetInt64(19), []),
        new Receipt(
            r.GetString(1), r.GetString(2), r.GetString(3), "", r.GetString(4), r.GetString(5),
            DateTimeOffset.Parse(r.GetString(6)), Ops.State(r.GetString(7)),
            new PromotionCounts(
                r.GetInt64(9), r.GetInt64(10), r.GetInt64(11), r.GetInt64(12), r.GetInt64(13), r.GetInt64(14), r.GetInt64(15)),
            [])
        {
            Stale = r.GetInt64(8) != 0,
        });
}

/// <param name="Columns">The managed columns of that time, as JSON.</param>
/// <param name="Undo">The counts of its rollback.</param>
internal sealed record StoredPromotion(long Seq, string Columns, RollbackReceipt Undo, Receipt Receipt);
