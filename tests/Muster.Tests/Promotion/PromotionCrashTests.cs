using Muster.Jobs;
using Muster.Promotion;
using Muster.Staging;
using static Muster.Tests.Promotion.Staged;

namespace Muster.Tests.Promotion;

/// <summary>A process that dies at any named point leaves the target before or after, never between, and the next one goes on.</summary>
public sealed class PromotionCrashTests
{
    private static readonly StagedRow[] Rows =
        [Row("a", """{"category":"shoes","price":1.5}"""), Row("b", """{"category":"hats","price":2}"""), Row("c", """{"category":"x"}""")];

    public static TheoryData<string, string> Points() => new(
        from kind in (string[])["sqlite", "csv", "jsonl"]
        from point in (string[])
        [
            "plan.staged", "plan.written",
            "apply.begun", "apply.logged", "apply.updated", "apply.written", "apply.closed", "apply.verified", "apply.committed",
            "rollback.begun", "rollback.compared", "rollback.restored", "rollback.written", "rollback.closed", "rollback.committed",
            "file.exported", "file.kept", "file.renamed", "file.settled",
        ]
        where kind != "sqlite" || !point.StartsWith("file.")
        select (kind, point));

    [Theory]
    [MemberData(nameof(Points))]
    public async Task Dying_at_a_point_leaves_before_or_after_and_the_next_process_goes_on(string kind, string point)
    {
        using var folder = new TargetFolder(kind == "sqlite" ? TargetSchema : "");
        var before = Start(folder, kind);
        var after = await After(kind);
        after.ShouldNotBe(before);
        for (var occurrence = 1; ; occurrence++)
        {
            var left = occurrence;
            var died = false;
            void Die(string at)
            {
                if (at != point || --left > 0) return;
                died = true;
                throw new DeadException();
            }

            var id = "p" + occurrence;
            await UntilDead(() => Open(folder, kind, Die).Promote(id, Rows));
            Content(folder, kind).ShouldBeOneOf(before, after);
            var goesOn = Open(folder, kind, _ => { });
            if ((await goesOn.ReceiptsAsync()).All(r => r.PromotionId != id || r.State != PromotionState.Live)) await goesOn.Promote(id + "again", Rows);
            Content(folder, kind).ShouldBe(after);
            var live = (await goesOn.ReceiptsAsync()).First(r => r.State == PromotionState.Live).PromotionId;
            await UntilDead(() => Open(folder, kind, Die).RollbackAsync(new RollbackRequest(live)));
            Content(folder, kind).ShouldBeOneOf(before, after);
            (await goesOn.RollbackAsync(new RollbackRequest(live))).Conflicts.ShouldBe(0);
            Content(folder, kind).ShouldBe(before);
            Directory.GetFiles(folder.Folder, ".*next").ShouldBeEmpty();
            if (!died) break;
        }
    }

    private const string TargetSchema =
        "create table products (sku text primary key, category text, price real, note text); insert into products values ('a','old',9,'n')";

    private static async Task<string> After(string kind)
    {
        using var folder = new TargetFolder(kind == "sqlite" ? TargetSchema : "");
        Start(folder, kind);
        await Open(folder, kind, _ => { }).Promote("p", Rows);
        return Content(folder, kind);
    }

    private static string Start(TargetFolder folder, string kind)
    {
        if (kind == "csv") File.WriteAllText(Path.Combine(folder.Folder, "t.csv"), "sku,note,category,price\na,n,old,9\n");
        if (kind == "jsonl") File.WriteAllText(Path.Combine(folder.Folder, "t.jsonl"), "{\"sku\":\"a\",\"category\":\"old\",\"price\":9}\n");
        return Content(folder, kind);
    }

    private static string Content(TargetFolder folder, string kind) => kind == "sqlite"
        ? string.Join('\n', folder.Rows())
        : File.ReadAllText(Path.Combine(folder.Folder, "t." + kind));

    private static ITarget Open(TargetFolder folder, string kind, Action<string> reached) => kind switch
    {
        "sqlite" => folder.Target(reached),
        "csv" => FilePromotionTests.Target(folder, TargetKind.Csv, reached),
        _ => FilePromotionTests.Target(folder, TargetKind.Jsonl, reached),
    };

    private static async Task UntilDead(Func<Task> step)
    {
        try
        {
            await step();
        }
        catch (DeadException)
        {
            // The process is gone: nothing of it cleans up.
        }
    }

    private sealed class DeadException : Exception;
}
