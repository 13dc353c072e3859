namespace Muster.Tests;

public sealed class WholeFileTests
{
    [Fact]
    public void What_was_there_stands_until_the_new_text_is_whole()
    {
        var path = Path.Combine(Some.Folder(), "report.html");
        File.WriteAllText(path, "old");
        using var file = new WholeFile(path);
        file.Text.Write(new string('x', 1 << 20));
        file.Text.Flush();
        File.ReadAllText(path).ShouldBe("old");

        file.Done();

        File.ReadAllText(path).Length.ShouldBe(1 << 20);
        Directory.GetFiles(Path.GetDirectoryName(path)!).ShouldHaveSingleItem();
    }

    [Fact]
    public void A_page_that_breaks_off_leaves_what_was_there()
    {
        var path = Path.Combine(Some.Folder(), "report.html");
        File.WriteAllText(path, "old");

        using (var file = new WholeFile(path))
            file.Text.Write("half");

        File.ReadAllText(path).ShouldBe("old");
        Directory.GetFiles(Path.GetDirectoryName(path)!).ShouldHaveSingleItem();
    }

    [Fact]
    public void A_link_stays_one_and_a_device_is_not_replaced()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Links and devices of a Unix system.");
        var folder = Some.Folder();
        var (target, link) = (Path.Combine(folder, "target.html"), Path.Combine(folder, "link.html"));
        File.WriteAllText(target, "old");
        File.CreateSymbolicLink(link, target);

        foreach (var path in new[] { link, "/dev/null" })
        {
            using var file = new WholeFile(path);
            file.Text.Write("new");
            file.Done();
        }

        File.ReadAllText(target).ShouldBe("new");
        File.ResolveLinkTarget(link, returnFinalTarget: false)!.FullName.ShouldBe(target);
        File.Exists("/dev/null.new").ShouldBeFalse();
        using var none = File.OpenRead("/dev/null");
        none.ReadByte().ShouldBe(-1);
    }
}
