using System.Text;
using Muster.Jobs;
using Muster.Promotion;
using Muster.Staging;
using static Muster.Tests.Promotion.Staged;

namespace Muster.Tests.Promotion;

public sealed class FilePromotionTests
{
    private const string Csv = "﻿sku,note,category,price\r\na,\"two\r\nlines, \"\"q\"\"\",old,9\r\nz, 5\" disc ,kept,\n\r\nb,n,hats,2";
    private const string Jsonl = """
        {"sku":"a", "note": {"x" : 1}, "category":"old","price":9}
        {"price":2,"sku":"b","category":"h\u0061ts"}

        {"sku":"z","other":[1, 2]}
        """;

    private static readonly StagedRow[] Three =
    [
        Row("a", """{"category":"sho,es","price":1.50}"""),
        Row("b", """{"category":"hats","price":2}"""),
        Row("c", """{"category":["x", "\u00e9"],"price":true}"""),
    ];

    [Fact]
    public async Task A_csv_file_keeps_every_byte_that_is_not_a_managed_field_of_a_changed_row()
    {
        using var folder = new TargetFolder("");
        var target = Target(folder, TargetKind.Csv, Csv, out var path);

        (await target.Plan("p1", Three)).Counts.ShouldBe(new PromotionCounts(1, 1, 1, 0, 0, 0, 0));
        File.ReadAllText(path).ShouldBe(Csv[1..]);
        await target.ApplyAsync(new ApplyRequest("plan-p1", "p1", 1));

        Encoding.UTF8.GetString(File.ReadAllBytes(path)).ShouldBe(
            "﻿sku,note,category,price\r\na,\"two\r\nlines, \"\"q\"\"\",\"sho,es\",1.50\r\nz, 5\" disc ,kept,\n\r\nb,n,hats,2\r\n"
            + "c,,\"[\"\"x\"\",\"\"é\"\"]\",true\r\n");
        File.ReadAllText(path + ".p1.prev").ShouldBe(Csv[1..]);
        (await target.VerifyAsync("p1", 5)).Holds.ShouldBeTrue();
        (await target.Plan("p2", Three)).Counts.Unchanged.ShouldBe(3);

        var undone = await target.RollbackAsync(new RollbackRequest("p1"));
        (undone.Restored, undone.Deleted, undone.Conflicts).ShouldBe((1L, 1L, 0L));
        File.ReadAllText(path).ShouldBe(Csv[1..] + "\r\n");
    }

    [Fact]
    public async Task A_jsonl_file_keeps_every_byte_that_is_not_a_managed_property_of_a_changed_row()
    {
        using var folder = new TargetFolder("");
        var target = Target(folder, TargetKind.Jsonl, Jsonl, out var path);

        (await target.Plan("p1", Three)).Counts.ShouldBe(new PromotionCounts(1, 1, 1, 0, 0, 0, 0));
        await target.ApplyAsync(new ApplyRequest("plan-p1", "p1", 1));

        File.ReadAllText(path).ShouldBe(
            """
            {"sku":"a", "note": {"x" : 1}, "category":"sho,es","price":1.50}
            {"price":2,"sku":"b","category":"h\u0061ts"}

            {"sku":"z","other":[1, 2]}
            {"sku":"c","category":["x","é"],"price":true}

            """);
        await target.Promote("p2", [Row("z", """{"category":"new"}""")], "r2");
        File.ReadAllLines(path)[3].ShouldBe("""{"sku":"z","other":[1, 2],"category":"new"}""");
    }

    [Fact]
    public async Task An_edit_of_the_file_is_a_conflict_and_survives_promotion_and_rollback()
    {
        using var folder = new TargetFolder("");
        var target = Target(folder, TargetKind.Csv, "sku,category,price\na,old,9\nb,old,9\n", out var path);
        await target.Promote("p1", Three);
        File.WriteAllText(path, File.ReadAllText(path).Replace("hats", "by hand"));

        (await target.Plan("p2", [Row("b", """{"category":"caps"}""")], "r2")).Counts.Conflict.ShouldBe(1);
        (await target.RollbackAsync(new RollbackRequest("p1"))).Conflicts.ShouldBe(1);

        File.ReadAllText(path).ShouldBe("sku,category,price\na,old,9\nb,by hand,2\n");
    }

    [Fact]
    public async Task A_missing_file_is_an_empty_one_and_is_made_for_its_owner_only()
    {
        using var folder = new TargetFolder("");
        var target = Target(folder, TargetKind.Csv, null, out var path);
        await target.Promote("p1", Three);
        File.ReadAllText(path).ShouldStartWith("sku,category,price\r\na,\"sho,es\",1.50\r\n");
        if (!OperatingSystem.IsWindows())
        {
            foreach (var file in Directory.GetFiles(folder.Folder, "*", SearchOption.AllDirectories))
            {
                File.GetUnixFileMode(file).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite, file);
            }
        }

        Directory.GetFiles(folder.Folder).ShouldBe([path]);
        (await target.FinalizeAsync("p1")).State.ShouldBe(PromotionState.Final);
    }

    [Fact]
    public async Task Two_reviewers_who_look_at_receipts_at_one_time_wait_for_their_turn()
    {
        using var folder = new TargetFolder("");
        var target = Target(folder, TargetKind.Csv, _ => { });
        await target.Promote("p1", Three);
        var held = new FileStream(Directory.GetFiles(folder.Folder, "*.lock", SearchOption.AllDirectories).Single(), FileMode.Open, FileAccess.ReadWrite, FileShare.None);

        var waiting = target.ReceiptsAsync();
        waiting.IsCompleted.ShouldBeFalse();
        held.Dispose();

        (await waiting).Single().PromotionId.ShouldBe("p1");
    }

    [Fact]
    public async Task A_file_that_changes_while_its_next_version_is_written_is_kept_and_the_promotion_is_marked_undone()
    {
        using var folder = new TargetFolder("");
        var path = Path.Combine(folder.Folder, "t.csv");
        File.WriteAllText(path, "sku,category,price\na,old,9\n");
        var target = Target(folder, TargetKind.Csv, point =>
        {
            if (point == "apply.committed") File.AppendAllText(path, "q,theirs,1\n");
        });

        (await Should.ThrowAsync<TargetException>(target.Promote("p1", Three))).Hint.ShouldContain("Plan again");

        File.ReadAllText(path).ShouldBe("sku,category,price\na,old,9\nq,theirs,1\n");
        (await target.ReceiptsAsync()).Single().State.ShouldBe(PromotionState.RolledBack);
        (await target.Plan("p2", Three)).Counts.ShouldBe(new PromotionCounts(2, 1, 0, 0, 0, 0, 0));
    }

    [Theory]
    [InlineData("sku,category,price\na,x,1\na,y,2\n", ":3 repeats a key")]
    [InlineData("sku,category\na,x\n", "no column \"price\"")]
    [InlineData("sku,category,price\na,\"x,1\n", "a quoted field has no end")]
    public async Task A_file_that_cannot_be_used_is_refused_by_line_or_column(string text, string message)
    {
        using var folder = new TargetFolder("");
        var target = Target(folder, TargetKind.Csv, text, out var path);
        (await Should.ThrowAsync<TargetException>(target.Plan("p1", Three))).Message.ShouldContain(message);
        File.ReadAllText(path).ShouldBe(text);
    }

    [Fact]
    public async Task A_line_that_is_not_an_object_is_refused_by_its_number()
    {
        using var folder = new TargetFolder("");
        var target = Target(folder, TargetKind.Jsonl, "{\"sku\":\"a\"}\n[1]\n", out _);
        (await Should.ThrowAsync<TargetException>(target.Plan("p1", Three))).Message.ShouldContain("t.jsonl:2 cannot be read");
    }

    internal static FileTarget Target(TargetFolder folder, TargetKind kind, Action<string> reached)
    {
        var path = Path.Combine(folder.Folder, kind == TargetKind.Csv ? "t.csv" : "t.jsonl");
        return new FileTarget(
            TargetFolder.Spec(path) with { Kind = kind, Table = null }, Path.Combine(folder.Folder, ".muster", "targets", "t.db"), TimeProvider.System)
        {
            Reached = reached,
        };
    }

    private static FileTarget Target(TargetFolder folder, TargetKind kind, string? text, out string path)
    {
        path = Path.Combine(folder.Folder, kind == TargetKind.Csv ? "t.csv" : "t.jsonl");
        if (text is not null) File.WriteAllText(path, text);
        return Target(folder, kind, _ => { });
    }
}
