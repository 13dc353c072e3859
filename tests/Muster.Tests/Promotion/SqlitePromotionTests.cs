using Muster.Promotion;
using Muster.Staging;
using static Muster.Tests.Promotion.Staged;

namespace Muster.Tests.Promotion;

public sealed class SqlitePromotionTests
{
    private static readonly StagedRow[] Three =
    [
        Row("a", """{"category":"shoes","price":1.5}"""),
        Row("b", """{"category":"hats","price":2}"""),
        Row("c", """{"category":null}"""),
    ];

    [Fact]
    public async Task A_promotion_writes_only_the_managed_columns_and_a_rollback_is_the_identity()
    {
        using var folder = new TargetFolder();
        folder.Run("insert into products values ('a','old',9.25,'mine'), ('b','hats',2,'same'), ('z','kept',1,'other')");
        var before = folder.Rows();
        var target = folder.Target();

        var plan = await target.Plan("p1", Three);
        plan.Counts.ShouldBe(new PromotionCounts(1, 1, 1, 0, 0, 0, 0));
        plan.Changes.ShouldBe([new ColumnChange("category", 1), new ColumnChange("price", 1)]);
        plan.Examples.Select(e => $"{e.Key} {e.Op} {e.Before} {e.After}").ShouldBe(
        [
            """c Insert  {"category":null,"price":null}""",
            """a Update {"category":"old","price":9.25} {"category":"shoes","price":1.5}""",
        ], ignoreOrder: true);
        (await target.FindPlanAsync("plan-p1"))!.Hash.ShouldBe(plan.Hash);
        folder.Rows().ShouldBe(before);

        var receipt = await target.ApplyAsync(new ApplyRequest("plan-p1", "p1", 7) { PlanHash = plan.Hash });
        receipt.Counts.ShouldBe(plan.Counts);
        receipt.Stale.ShouldBeFalse();
        folder.Rows().ShouldBe(["a|shoes|1.5r|mine", "b|hats|2r|same", "c|NULL|NULL|NULL", "z|kept|1r|other"]);
        (await target.VerifyAsync("p1", 3)).ShouldSatisfyAllConditions(v => v.Holds.ShouldBeTrue(), v => v.Keys.ShouldBe(2));

        (await target.RollbackAsync(new RollbackRequest("p1", RollbackMode.DryRun))).Restored.ShouldBe(1);
        folder.Rows().Length.ShouldBe(4);
        var undone = await target.RollbackAsync(new RollbackRequest("p1"));
        (undone.Restored, undone.Deleted, undone.Conflicts).ShouldBe((1L, 1L, 0L));
        folder.Rows().ShouldBe(before);
        var again = await target.RollbackAsync(new RollbackRequest("p1"));
        (again.AlreadyRolledBack, again.Restored, again.Deleted).ShouldBe((true, 1L, 1L));
        folder.Rows().ShouldBe(before);
    }

    [Fact]
    public async Task Promoting_the_same_rows_twice_writes_nothing_the_second_time()
    {
        using var folder = new TargetFolder();
        var target = folder.Target();
        await target.Promote("p1", Three);
        var rows = folder.Rows();

        var applied = await target.ApplyAsync(new ApplyRequest("plan-p1", "p9", 1));
        applied.AlreadyApplied.ShouldBeTrue();
        applied.PromotionId.ShouldBe("p1");
        (await target.Plan("p2", Three)).Counts.ShouldBe(new PromotionCounts(0, 0, 3, 0, 0, 0, 0));
        (await target.ApplyAsync(new ApplyRequest("plan-p2", "p2", 1))).Counts.Written.ShouldBe(0);
        folder.Rows().ShouldBe(rows);
        (await target.ReceiptsAsync()).Select(r => r.PromotionId).ShouldBe(["p2", "p1"]);
        folder.Rows("select count(*) from muster_plan_row").ShouldBe(["0"]);
    }

    [Fact]
    public async Task A_key_that_changes_between_plan_and_apply_is_kept_and_listed_and_the_rest_is_applied()
    {
        using var folder = new TargetFolder();
        folder.Run("insert into products values ('a','old',9,null), ('b','old',9,null)");
        var target = folder.Target();
        await target.Plan("p1", Three);
        folder.Run("update products set price = 10 where sku = 'a'; insert into products values ('c','theirs',1,null)");

        var receipt = await target.ApplyAsync(new ApplyRequest("plan-p1", "p1", 1));

        receipt.Stale.ShouldBeTrue();
        receipt.Counts.ShouldBe(new PromotionCounts(0, 1, 0, 2, 0, 0, 0));
        receipt.Listed.Select(l => $"{l.Key} {l.Reason} {l.Detail}").ShouldBe(
            ["a PRM.CONFLICT changed by someone since the plan", "c PRM.CONFLICT added by someone since the plan"]);
        folder.Rows().ShouldBe(["a|old|10r|NULL", "b|hats|2r|NULL", "c|theirs|1r|NULL"]);
        var rows = new List<string>();
        await foreach (var row in target.RowsAsync("p1")) rows.Add($"{row.Key} {row.Op}");
        rows.ShouldBe(["a Conflict", "b Update", "c Conflict"]);
    }

    [Fact]
    public async Task A_row_edited_since_its_promotion_is_a_conflict_until_its_key_is_forced()
    {
        using var folder = new TargetFolder();
        var target = folder.Target();
        await target.Promote("p1", Three);
        folder.Run("update products set category = 'by hand' where sku = 'a'; delete from products where sku = 'b'");
        StagedRow[] next = [Row("a", """{"category":"boots"}"""), Row("b", """{"category":"caps"}"""), Row("c", """{"category":"new"}""")];

        var plan = await target.Plan("p2", next, run: "r2");
        plan.Counts.ShouldBe(new PromotionCounts(0, 1, 0, 2, 0, 0, 0));
        plan.Examples.Where(e => e.Op == PromotionOp.Conflict).Select(e => e.Detail).ShouldBe(
            ["changed by someone since it was promoted", "removed by someone since it was promoted"]);
        (await target.ApplyAsync(new ApplyRequest("plan-p2", "p2", 1))).Stale.ShouldBeFalse();
        folder.Rows("select sku, category from products order by 1").ShouldBe(["a|by hand", "c|new"]);

        var forced = new PlanRequest("plan-p3", "r2") { ForceKeys = new HashSet<string> { "a", "b" } };
        (await target.PlanAsync(forced, Stream(next))).Counts.ShouldBe(new PromotionCounts(1, 1, 1, 0, 0, 0, 0));
    }

    [Fact]
    public async Task An_edit_is_seen_although_the_job_manages_other_columns_by_now()
    {
        using var folder = new TargetFolder();
        await folder.Target().Promote("p1", Three);
        folder.Run("update products set price = 99 where sku = 'a'");
        var spec = TargetFolder.Spec(folder.Database) with { Columns = [new("category", "/category")] };

        var plan = await folder.Target(spec: spec).Plan("p2", [Row("a", """{"category":"x"}"""), Row("b", """{"category":"y"}""")], "r2");

        plan.Counts.ShouldBe(new PromotionCounts(0, 1, 0, 1, 0, 0, 0));
    }

    [Fact]
    public async Task A_rollback_keeps_edits_and_newer_promotions_and_lists_both_values()
    {
        using var folder = new TargetFolder();
        folder.Run("insert into products values ('a','old',9,'n'), ('b','old',9,'n'), ('c','old',9,'n')");
        var target = folder.Target();
        await target.Promote("p1", Three);
        folder.Run("update products set price = 77 where sku = 'a'");
        await target.Promote("p2", [Row("b", """{"category":"newer"}""")], "r2");

        var undone = await target.RollbackAsync(new RollbackRequest("p1"));

        (undone.Restored, undone.Deleted, undone.Conflicts).ShouldBe((1L, 0L, 2L));
        undone.Listed[0].ShouldBe(new RollbackConflict(
            "a", "changed by someone since", """{"category":"shoes","price":1.5}""", """{"category":"shoes","price":77.0}"""));
        folder.Rows().ShouldBe(["a|shoes|77r|n", "b|newer|NULL|n", "c|old|9r|n"]);
        (await target.Plan("p3", [Row("a", """{"category":"x"}""")], "r3")).Counts.Conflict.ShouldBe(1);
    }

    [Fact]
    public async Task A_forced_key_is_put_back_whatever_it_holds()
    {
        using var folder = new TargetFolder();
        folder.Run("insert into products values ('a','old',9,'n')");
        var target = folder.Target();
        await target.Promote("p1", Three);
        folder.Run("update products set price = 77 where sku in ('a', 'b')");

        var undone = await target.RollbackAsync(new RollbackRequest("p1") { ForceKeys = new HashSet<string> { "a" } });

        (undone.Restored, undone.Deleted, undone.Conflicts).ShouldBe((1L, 1L, 1L));
        folder.Rows().ShouldBe(["a|old|9r|n", "b|hats|77r|NULL"]);
    }

    [Fact]
    public async Task A_changed_or_vanished_source_row_is_not_promoted()
    {
        using var folder = new TargetFolder();
        var target = folder.Target();
        SourceState[] now = [new("a", Hash(1)), new("b", Hash(2))];
        var plan = await target.PlanAsync(new PlanRequest("x", "r1") { SourceNow = Stream(now) }, Stream(Three));
        plan.Counts.ShouldBe(new PromotionCounts(1, 0, 0, 0, 2, 0, 0));

        var receipt = await target.ApplyAsync(new ApplyRequest("x", "p1", 1) { SourceNow = Stream<SourceState>([]) });

        receipt.Counts.ShouldBe(new PromotionCounts(0, 0, 0, 0, 3, 0, 0));
        receipt.Stale.ShouldBeTrue();
        folder.Rows().ShouldBeEmpty();
    }

    [Fact]
    public async Task A_job_that_may_not_insert_lists_missing_keys()
    {
        using var folder = new TargetFolder();
        folder.Run("insert into products values ('a','old',9,'n')");
        var target = folder.Target(spec: TargetFolder.Spec(folder.Database) with { Insert = false });
        var receipt = await target.Promote("p1", Three);
        receipt.Counts.ShouldBe(new PromotionCounts(0, 1, 0, 0, 0, 2, 0));
        folder.Rows().ShouldBe(["a|shoes|1.5r|n"]);
    }

    [Fact]
    public async Task The_images_of_a_final_promotion_are_gone_and_it_cannot_be_rolled_back()
    {
        using var folder = new TargetFolder();
        var target = folder.Target();
        await target.Promote("p1", Three);
        (await target.FinalizeAsync("p1")).State.ShouldBe(PromotionState.Final);
        folder.Rows("select count(*) from muster_promotion_row where before is not null or after is not null").ShouldBe(["0"]);
        (await Should.ThrowAsync<TargetException>(target.RollbackAsync(new RollbackRequest("p1")))).Message.ShouldContain("final");
        folder.Run("update products set category = 'by hand' where sku = 'a'");
        (await target.Plan("p2", [Row("a", "{}")], "r2")).Counts.Conflict.ShouldBe(1);
    }

    [Fact]
    public async Task Plans_that_are_unknown_replaced_or_not_the_one_looked_at_are_refused()
    {
        using var folder = new TargetFolder();
        var target = folder.Target();
        await target.Plan("p1", Three);
        await target.Plan("p2", Three);
        (await target.FindPlanAsync("plan-p1")).ShouldBeNull();
        (await Should.ThrowAsync<TargetException>(target.ApplyAsync(new ApplyRequest("plan-p1", "x", 1)))).Hint.ShouldContain("plan again");
        await Should.ThrowAsync<TargetException>(target.ApplyAsync(new ApplyRequest("plan-p2", "x", 1) { PlanHash = "00" }));
        await Should.ThrowAsync<TargetException>(target.RollbackAsync(new RollbackRequest("x")));
        folder.Rows().ShouldBeEmpty();
    }

    [Fact]
    public async Task Too_many_rows_and_keys_staged_twice_are_refused_with_the_number_or_the_key()
    {
        using var folder = new TargetFolder();
        var target = folder.Target();
        (await Should.ThrowAsync<TargetException>(target.PlanAsync(new PlanRequest("x", "r") { MaxRows = 2 }, Stream(Three))))
            .Message.ShouldStartWith("3 rows are staged; one promotion takes 2.");
        (await Should.ThrowAsync<TargetException>(target.Plan("y", [.. Three, Row("b", "{}")]))).Message.ShouldContain("\"b\" is staged twice");
        folder.Rows("select name from sqlite_master where name like 'muster%'").ShouldBeEmpty();
    }
}
