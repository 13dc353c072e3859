using Microsoft.Data.Sqlite;
using Muster.Jobs;
using Muster.Promotion;
using static Muster.Tests.Promotion.Staged;

namespace Muster.Tests.Promotion;

/// <summary>Tables with rules, names and values of their own.</summary>
public sealed class HardTableTests
{
    private const string Base = "create table products (sku text primary key, category text, price real, note text";

    [Theory]
    [InlineData("check (price < 100)", "CHECK constraint failed: price < 100")]
    [InlineData("unique (category)", "UNIQUE constraint failed: products.category")]
    [InlineData("unique (category) on conflict replace", "UNIQUE constraint failed: products.category")]
    [InlineData("foreign key (category) references allowed (name)", "FOREIGN KEY constraint failed")]
    [InlineData("foreign key (category) references allowed (name) deferrable initially deferred", "FOREIGN KEY constraint failed")]
    public async Task A_row_that_a_constraint_refuses_is_taken_out_by_key_and_the_rest_is_promoted(string rule, string message)
    {
        using var folder = new TargetFolder(
            $"create table allowed (name text primary key); insert into allowed values ('ok'), ('fine'), ('taken'); {Base}, {rule});"
            + "insert into products values ('a','fine',1,'n'), ('t','taken',1,'n')");
        var bad = rule.Contains("foreign") ? "unknown" : "taken";

        var receipt = await folder.Target().Promote(
            "p", [Row("a", $$"""{"category":"{{bad}}","price":100}"""), Row("b", $$"""{"category":"{{bad}}","price":100}"""), Row("c", """{"category":"ok"}""")]);

        receipt.Counts.ShouldBe(new PromotionCounts(1, 0, 0, 0, 0, 0, 2));
        receipt.Listed.Select(l => $"{l.Key} {l.Reason} {l.Detail}").ShouldBe([$"a PRM.CONSTRAINT {message}", $"b PRM.CONSTRAINT {message}"]);
        receipt.Stale.ShouldBeFalse();
        folder.Rows().ShouldBe(["a|fine|1r|n", "c|ok|NULL|NULL", "t|taken|1r|n"]);
        (await folder.Target().RollbackAsync(new RollbackRequest("p"))).Deleted.ShouldBe(1);
    }

    [Fact]
    public async Task A_row_that_others_refer_to_is_not_removed_by_a_rollback()
    {
        using var folder = new TargetFolder();
        var target = folder.Target();
        await target.Promote("p", [Row("a", "{}"), Row("b", "{}")]);
        folder.Run("create table orders (sku text references products (sku)); insert into orders values ('a')");

        var undone = await target.RollbackAsync(new RollbackRequest("p"));

        (undone.Deleted, undone.Conflicts).ShouldBe((1L, 1L));
        undone.Listed[0].Detail.ShouldBe("FOREIGN KEY constraint failed");
        folder.Rows("select sku from products").ShouldBe(["a"]);
    }

    [Theory]
    [InlineData("abort")]
    [InlineData("rollback")]
    [InlineData("ignore")]
    public async Task A_trigger_may_refuse_or_change_a_row(string raise)
    {
        using var folder = new TargetFolder();
        var answer = raise == "ignore" ? "raise(ignore)" : $"raise({raise}, 'never')";
        folder.Run($"create trigger no before insert on products when new.sku = 'b' begin select {answer}; end;"
            + "create trigger up after insert on products begin update products set category = upper(category) where sku = new.sku; end;");
        var target = folder.Target();

        var receipt = await target.Promote("p", [Row("a", """{"category":"x"}"""), Row("b", "{}"), Row("c", """{"category":"y"}""")]);

        receipt.Counts.ShouldBe(new PromotionCounts(2, 0, 0, 0, 0, 0, 1));
        receipt.Listed.Single().Detail.ShouldBe(raise == "ignore" ? "a trigger of the target kept the row out" : "never");
        folder.Rows().ShouldBe(["a|X|NULL|NULL", "c|Y|NULL|NULL"]);
        (await target.RollbackAsync(new RollbackRequest("p"))).Deleted.ShouldBe(2);
        folder.Rows().ShouldBeEmpty();
    }

    [Fact]
    public async Task What_is_read_back_differently_undoes_the_promotion()
    {
        using var folder = new TargetFolder();
        folder.Run("insert into products values ('a','old',1,'n')");
        var target = folder.Target();
        await target.Plan("p", [Row("a", """{"category":"x"}""")]);
        folder.Run("create trigger odd after update on muster_promotion begin update products set category = 'odd'; end");

        var refused = await Should.ThrowAsync<TargetException>(target.ApplyAsync(new ApplyRequest("plan-p", "p", 1)));

        refused.Message.ShouldContain("1 of 1 keys read back differ");
        folder.Rows().ShouldBe(["a|old|1r|n"]);
        (await target.ReceiptsAsync()).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("a\"; drop table x--", "select", "größe 表")]
    [InlineData("it's", "{{key}}", "$plan")]
    [InlineData("order", "group", "muster_value(1, 2)")]
    public async Task Any_name_the_catalog_knows_is_only_a_name(string table, string key, string column)
    {
        static string Q(string name) => "\"" + name.Replace("\"", "\"\"") + "\"";
        using var folder = new TargetFolder($"create table x (y); create table {Q(table)} ({Q(key)} text unique, {Q(column)} text)");
        var spec = new TargetSpec(TargetKind.Sqlite, folder.Database, key, [new(column, "/v")]) { Table = table };
        var target = folder.Target(spec: spec);

        (await target.CheckAsync()).ShouldBeEmpty();
        (await target.Promote("p", [Row("k'\"", """{"v":"w"}""")])).Counts.Insert.ShouldBe(1);
        (await target.Promote("q", [Row("k'\"", """{"v":"x"}""")], "r2")).Counts.Update.ShouldBe(1);
        folder.Rows($"select * from {Q(table)}").ShouldBe(["k'\"|x"]);
        await target.RollbackAsync(new RollbackRequest("q"));
        await target.RollbackAsync(new RollbackRequest("p"));
        folder.Rows($"select * from {Q(table)}").ShouldBeEmpty();
        folder.Rows("select * from x").ShouldBeEmpty();
    }

    [Fact]
    public async Task Every_value_that_was_there_comes_back_exactly_and_with_its_type()
    {
        const string values = "('a', x'', null), ('b', x'00ff', ''), ('c', 1, 1.0), ('d', 0.1, 9e999), ('e', cast(x'c328' as text), -9223372036854775808),"
            + "('f', 'a' || char(0) || 'b', 5e-324), ('g', '\"\\é<', 123456789.123456789), ('h', '1', 1)";
        using var folder = new TargetFolder($"create table products (sku primary key, category, price); insert into products values {values}");
        const string exactly = "select sku, typeof(category), hex(category), typeof(price), price from products order by 1";
        var before = folder.Rows(exactly);
        var target = folder.Target();

        await target.Promote("p", "abcdefgh".Select(k => Row(k.ToString(), """{"category":"new","price":true}""")));
        folder.Rows(exactly).ShouldAllBe(r => r.EndsWith("|text|6E6577|integer|1"));
        (await target.RollbackAsync(new RollbackRequest("p"))).Restored.ShouldBe(8);

        folder.Rows(exactly).ShouldBe(before);
    }

    [Theory]
    [InlineData("\"x\"", "text|x")]
    [InlineData("\"\"", "text|")]
    [InlineData("9223372036854775807", "integer|9223372036854775807")]
    [InlineData("9223372036854775808", "text|9223372036854775808")]
    [InlineData("1.0", "real|1r")]
    [InlineData("1e3", "real|1000r")]
    [InlineData("1e999", "text|1e999")]
    [InlineData("true", "integer|1")]
    [InlineData("false", "integer|0")]
    [InlineData("null", "null|NULL")]
    [InlineData("[1, {\"a\" : \"\\u00e9\\n\"}]", "text|[1,{\"a\":\"é\\n\"}]")]
    public async Task A_json_value_becomes_the_sql_value_of_its_kind(string json, string expected)
    {
        using var folder = new TargetFolder("create table products (sku text primary key, category, price)");
        await folder.Target().Promote("p", [Row("a", $$"""{ "category" : {{json}} }""")]);
        folder.Rows("select typeof(category), category from products").ShouldBe([expected]);
    }

    [Fact]
    public async Task The_columns_types_decide_and_a_second_plan_sees_no_change()
    {
        using var folder = new TargetFolder("create table products (sku integer primary key, category integer, price text) ");
        var target = folder.Target();
        var rows = new[] { Row("007", """{"category":"12","price":1.5}"""), Row("x", "{}") };
        (await target.Promote("p", rows)).Counts.ShouldBe(new PromotionCounts(1, 0, 0, 0, 0, 0, 1));
        folder.Rows().ShouldBe(["7|12|1.5"]);
        (await target.Plan("q", rows[..1], "r2")).Counts.Unchanged.ShouldBe(1);
    }

    [Fact]
    public async Task A_key_matches_as_its_unique_index_compares()
    {
        using var folder = new TargetFolder(
            "create table products (sku text, category text, price real) ; create unique index i on products (sku collate nocase);"
            + "insert into products values ('ABC', 'old', 1)");
        var target = folder.Target();
        await target.Promote("p", [Row("abc", """{"category":"new"}""")]);
        folder.Rows().ShouldBe(["ABC|new|NULL"]);
        (await Should.ThrowAsync<TargetException>(target.Plan("q", [Row("x", "{}"), Row("X", "{}")]))).Message.ShouldContain("staged twice");
    }

    [Fact]
    public async Task A_table_without_rowid_is_a_table_like_others()
    {
        using var folder = new TargetFolder(Base + ") without rowid; insert into products values ('a','old',1,'n')");
        var target = folder.Target();
        (await target.Promote("p", [Row("a", "{}"), Row("b", "{}")])).Counts.Written.ShouldBe(2);
        await target.RollbackAsync(new RollbackRequest("p"));
        folder.Rows().ShouldBe(["a|old|1r|n"]);
    }

    [Fact]
    public async Task Output_that_is_not_json_is_a_row_that_is_not_promoted()
    {
        using var folder = new TargetFolder();
        var receipt = await folder.Target().Promote("p", [Row("a", "{"), Row("b", "{\"category\":\"\\ud800\"}"), Row("c", "{}")]);
        receipt.Counts.ShouldBe(new PromotionCounts(1, 0, 0, 0, 0, 0, 2));
        receipt.Listed[0].Detail.ShouldBe("the output is not JSON text");
    }

    [Fact]
    public async Task A_check_names_all_faults_at_once_and_how_to_mend_them()
    {
        using var folder = new TargetFolder("create table products (sku text, category text, price real as (1.0)); create view v as select 1 as sku");
        var spec = TargetFolder.Spec(folder.Database);
        var faults = await folder.Target(spec: spec with { Columns = [new("price", ""), new("nope", "")] }).CheckAsync();
        faults.Select(f => f.Message).ShouldBe(
        [
            "The column \"price\" is computed by the database and cannot be written.", "The table \"products\" has no column \"nope\".",
            "The key column \"sku\" of \"products\" has no unique index of its own.",
        ]);
        faults[2].Hint.ShouldBe("CREATE UNIQUE INDEX \"muster_products\" ON \"products\" (\"sku\");");
        folder.Run("create unique index part on products (sku) where sku > 'a'; create unique index two on products (sku, category)");
        (await folder.Target().CheckAsync()).Count.ShouldBe(2);
        folder.Run(faults[2].Hint);
        (await folder.Target(spec: spec with { Columns = [new("category", "")] }).CheckAsync()).ShouldBeEmpty();
        (await folder.Target(spec: spec with { Table = "v" }).CheckAsync()).Single().Message.ShouldContain("no table \"v\"");
        (await folder.Target(spec: spec with { Table = new string('é', 32) }).CheckAsync()).Single().Message.ShouldContain("64 bytes");
        (await folder.Target(spec: spec with { Path = folder.Database + "x" }).CheckAsync()).Single().Message.ShouldContain("no database");
        var text = Path.Combine(folder.Folder, "text.db");
        File.WriteAllText(text, "not a database, but long enough");
        (await folder.Target(spec: spec with { Path = text }).CheckAsync()).Single().Message.ShouldContain("is not a SQLite database");
    }

    [Fact]
    public async Task A_database_that_another_program_writes_to_is_left_alone()
    {
        using var folder = new TargetFolder();
        var target = folder.Target();
        await target.Plan("p", [Row("a", "{}")]);
        using var other = new SqliteConnection($"Data Source={folder.Database};Pooling=False");
        other.Open();
        using var command = other.CreateCommand();
        command.CommandText = "begin immediate";
        command.ExecuteNonQuery();
        (await Should.ThrowAsync<TargetException>(target.ApplyAsync(new ApplyRequest("plan-p", "p", 1)))).Message.ShouldContain("Another program");
        command.CommandText = "rollback";
        command.ExecuteNonQuery();
        (await target.ApplyAsync(new ApplyRequest("plan-p", "p", 1))).Counts.Insert.ShouldBe(1);
    }

    [Fact]
    public async Task A_cancelled_promotion_writes_nothing()
    {
        using var folder = new TargetFolder();
        using var stop = new CancellationTokenSource();
        var target = folder.Target(point =>
        {
            if (point == "apply.logged") stop.Cancel();
        });
        await target.Plan("p", Enumerable.Range(0, 5000).Select(i => Row("k" + i, "{}")));
        await Should.ThrowAsync<OperationCanceledException>(target.ApplyAsync(new ApplyRequest("plan-p", "p", 1), stop.Token));
        folder.Rows().ShouldBeEmpty();
    }
}
