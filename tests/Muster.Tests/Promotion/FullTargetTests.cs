using System.ComponentModel;
using System.Diagnostics;
using Muster.Jobs;
using Muster.Promotion;
using Muster.Staging;
using static Muster.Tests.Promotion.Staged;

namespace Muster.Tests.Promotion;

/// <summary>A target without room refuses a promotion whole; with room the same promotion is made.</summary>
public sealed class FullTargetTests
{
    private const int Rows = 400;
    private const int MaxRefusals = 400;
    private static readonly string Long = new('x', 500);

    private static readonly StagedRow[] Many =
        [.. Enumerable.Range(0, Rows).Select(i => Row($"k{i:D4}", $$"""{"category":"{{Long}}{{i}}","price":{{i}}}"""))];

    [Fact]
    public async Task A_table_whose_database_may_not_grow_is_as_it_was_and_is_promoted_to_when_it_may()
    {
        using var folder = new TargetFolder();
        folder.Run("insert into products values ('k0000','old',9,'n')");
        var points = new HashSet<string>();
        var refusals = 0;
        for (var pages = 8; ; pages += 7)
        {
            refusals.ShouldBeLessThan(MaxRefusals);
            var last = "opened";
            var target = new SqliteTarget(TargetFolder.Spec(folder.Database), TimeProvider.System) { MaxPages = pages, Reached = at => last = at };
            try
            {
                await target.Promote($"p{pages}", Many);
                break;
            }
            catch (TargetException refusal)
            {
                refusal.Message.ShouldBe("There is no room left for catalog.db:products; nothing was changed.");
                refusal.Hint.ShouldContain("Free disk space");
                points.Add(last);
                refusals++;
                folder.Rows().ShouldBe(["k0000|old|9r|n"]);
                (await folder.Target().ReceiptsAsync()).ShouldAllBe(receipt => receipt.State != PromotionState.Live);
            }
        }

        folder.Rows().Length.ShouldBe(Rows);
        points.Count.ShouldBeGreaterThanOrEqualTo(3, string.Join(", ", points));
    }

    [Theory]
    [InlineData(TargetKind.Csv)]
    [InlineData(TargetKind.Jsonl)]
    public async Task A_file_on_a_full_disk_is_as_it_was_and_leaves_no_half_version(TargetKind kind)
    {
        using var folder = new TargetFolder("");
        var disk = Path.Combine(folder.Folder, "disk");
        Directory.CreateDirectory(disk);
        if (!Run("mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", disk))
            Assert.Skip("Mounting a small file system is refused here.");
        try
        {
            var path = Path.Combine(disk, "out");
            var before = kind == TargetKind.Csv ? "sku,category,price\nk0000,old,9\n" : "{\"sku\":\"k0000\",\"category\":\"old\",\"price\":9}\n";
            File.WriteAllText(path, before);
            var spec = new TargetSpec(kind, path, "sku", [new("category", "/category"), new("price", "/price")]);
            var target = new FileTarget(spec, Path.Combine(folder.Folder, "out.db"), TimeProvider.System);

            var refused = await Should.ThrowAsync<TargetException>(() => target.Promote("p1", Many));

            refused.Message.ShouldStartWith("out cannot be used: ");
            File.ReadAllText(path).ShouldBe(before);
            Directory.GetFiles(disk).ShouldBe([path]);
            Run("mount", "-o", "remount,size=4m", disk).ShouldBeTrue();
            await target.Promote("p2", Many);
            File.ReadLines(path).Count().ShouldBe(Rows + (kind == TargetKind.Csv ? 1 : 0));
        }
        finally
        {
            Run("umount", "-l", disk);
        }
    }

    private static bool Run(string program, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments) { UseShellExecute = false, RedirectStandardError = true })!;
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (Win32Exception)
        {
            return false;
        }
    }
}
