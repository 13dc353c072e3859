
namespace Muster.Promotion;

/// <summary>Applies a stored plan in one transaction.</summary>
internal sealed class Promoter(PromotionWork work)
{
    private readonly TargetDatabase _database = work.Database;

    internal async Task<Receipt> ApplyAsync(ApplyRequest request, CancellationToken cancellationToken)
    {
        if (Applied(request.PlanId) is { } before) return before;
        await new Stager(_database).SourceAsync(request.SourceNow, cancellationToken);
        var shape = work.Shape();
        var offenders = new Offenders(_database);
        while (true)
        {
            _database.Run("begin immediate");
            if (Applied(request.PlanId) is { } raced)
            {
                _database.Run("rollback");
                return raced;
            }

            work.Reached("apply.begun");
            var plan = Plan(request);
            var promotion = Log(request, shape, plan);
            work.Reached("apply.logged");
            if (!offenders.Tried(() => Write(shape, promotion), () => WriteEach(shape, promotion, offenders))) continue;
            work.Reached("apply.written");
            Close(plan, promotion);
            work.Reached("apply.closed");
            var check = new Verifier(work).Verify(shape, promotion, request.Seed);
            if (!check.Holds)
            {
                _database.Run("rollback");
                throw new TargetException(
                    $"{work.Shown} does not hold what was written: {check.Wrong.Count} of {check.Keys} keys read back differ, "
                    + $"{check.Present} of {check.Written} rows are there. Nothing was promoted.",
                    "Look for a trigger that changes the table while others are written.");
            }

            work.Committing(request.PromotionId);
            work.Reached("apply.verified");
            if (!offenders.Committed(shape, promotion)) continue;
            work.Reached("apply.committed");
            return ReceiptReader.Receipt(work, ReceiptReader.Get(work, request.PromotionId));
        }
    }

    private Receipt? Applied(string planId) =>
        ReceiptReader.Find(work, "plan_id", planId) is { } stored
            ? ReceiptReader.Receipt(work, stored) with { AlreadyApplied = true }
            : null;

    private long Plan(ApplyRequest request)
    {
        var plan = ReceiptReader.HasTables(_database)
            ? _database.List(
                "select seq, hash, columns from main.muster_plan where id = $id and target = $target",
                r => (Seq: r.GetInt64(0), Hash: r.GetString(1), Columns: r.GetString(2)),
                ("$id", request.PlanId), ("$target", work.Table))
            : [];
        if (plan.Count == 0)
        {
            throw new TargetException(
                $"{work.Shown} has no plan {Identifier.Show(request.PlanId)}.",
                "It is replaced by a newer one, or was made elsewhere: plan again.");
        }

        if (plan[0].Columns != work.ColumnsJson || (request.PlanHash is { } hash && hash != plan[0].Hash))
        {
            throw new TargetException(
                $"The plan {Identifier.Show(request.PlanId)} is not the one that was looked at, or is for other columns.", "Plan again.");
        }

        return plan[0].Seq;
    }

    private long Log(ApplyRequest request, TargetShape shape, long plan)
    {
        if (_database.Scalar<long>("select count(*) from main.muster_promotion where id = $id", ("$id", request.PromotionId)) > 0)
        {
            throw new TargetException($"There is a promotion {Identifier.Show(request.PromotionId)} already.", "Give this one another id.");
        }

        var promotion = _database.Scalar<long>(
            """
            insert into main.muster_promotion (id, plan_id, run_id, target, columns, plan_hash, actor, at, state)
            select $id, p.id, p.run_id, p.target, p.columns, p.hash, $actor, $at, 'live' from main.muster_plan p where p.seq = $plan
            returning seq
            """,
            ("$id", request.PromotionId), ("$actor", request.Actor), ("$at", work.Time.GetUtcNow().ToString("O")), ("$plan", plan));
        _database.Run(
            PromotionWork.Sql("log", shape),
            ("$plan", plan), ("$promotion", promotion), ("$checked", request.SourceNow is null ? 0 : 1));
        return promotion;
    }

    private void Write(TargetShape shape, long promotion)
    {
        var updated = _database.Run(PromotionWork.Sql("update", shape, "r.after"), ("$promotion", promotion));
        work.Reached("apply.updated");
        var inserted = _database.Run(PromotionWork.Sql("insert", shape, "r.after"), ("$promotion", promotion));
        Settle(shape, promotion, updated + inserted);
    }

    private void Settle(TargetShape shape, long promotion, long written)
    {
        var logged = _database.Scalar<long>(
            "select count(*) from main.muster_promotion_row where promotion = $promotion and op in ('insert', 'update')",
            ("$promotion", promotion));
        if (written == logged && !shape.Table.HasTriggers) return;
        _database.Run(PromotionWork.Sql("now", shape), ("$promotion", promotion));
        _database.Run(TargetDatabase.Sql(shape.Table.HasTriggers ? "adopt" : "notarrived"), ("$promotion", promotion));
    }

    private void WriteEach(TargetShape shape, long promotion, Offenders offenders)
    {
        offenders.Each(
            "select key from main.muster_promotion_row where promotion = $promotion and op = 'update' order by key",
            PromotionWork.Sql("update", shape, "r.after") + " and r.key = $key", promotion);
        offenders.Each(
            "select key from main.muster_promotion_row where promotion = $promotion and op = 'insert' order by key",
            PromotionWork.Sql("insert", shape, "r.after", " and r.key = $key"), promotion);
    }

    private void Close(long plan, long promotion)
    {
        _database.Run(TargetDatabase.Sql("close"), ("$plan", plan), ("$promotion", promotion));
        _database.Run(
            "delete from main.muster_plan_row where plan = $plan; delete from main.muster_plan where seq = $plan", ("$plan", plan));
    }
}
