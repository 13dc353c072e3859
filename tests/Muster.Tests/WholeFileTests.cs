using System.Diagnostics;

namespace Muster.Tests;

public sealed class WholeFileTests
{
    private readonly string folder = Some.Folder();

    private string PathOf(string name) => Path.Combine(folder, name);

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("old")]
    public void What_was_there_stands_until_the_new_text_is_whole(string? before)
    {
        var path = PathOf("report.html");
        if (before is not null)
            File.WriteAllText(path, before);
        using var file = new WholeFile(path);
        file.Text.Write(new string('x', 1 << 20));
        file.Text.Flush();
        (File.Exists(path) ? File.ReadAllText(path) : null).ShouldBe(before);

        file.Done();

        File.ReadAllText(path).Length.ShouldBe(1 << 20);
        Directory.GetFiles(folder).ShouldHaveSingleItem();
    }

    [Fact]
    public void A_page_that_breaks_off_leaves_what_was_there()
    {
        File.WriteAllText(PathOf("report.html"), "old");

        using (var file = new WholeFile(PathOf("report.html")))
            file.Text.Write("half");

        File.ReadAllText(PathOf("report.html")).ShouldBe("old");
        Directory.GetFiles(folder).ShouldHaveSingleItem();
    }

    [Fact]
    public void A_link_stays_one_and_the_rights_of_a_file_too()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Links and rights of a Unix system.");
        File.WriteAllText(PathOf("shared.html"), "old");
        const UnixFileMode rights = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead;
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(PathOf("shared.html"), rights);
        File.CreateSymbolicLink(PathOf("link.html"), PathOf("shared.html"));
        File.CreateSymbolicLink(PathOf("dangling.html"), PathOf("new.html"));

        Write(PathOf("link.html"));
        Write(PathOf("dangling.html"));

        File.ReadAllText(PathOf("shared.html")).ShouldBe("new");
        File.ReadAllText(PathOf("new.html")).ShouldBe("new");
        if (!OperatingSystem.IsWindows())
            File.GetUnixFileMode(PathOf("shared.html")).ShouldBe(rights);
        File.ResolveLinkTarget(PathOf("link.html"), returnFinalTarget: false)!.FullName.ShouldBe(PathOf("shared.html"));
        Directory.GetFiles(folder).Length.ShouldBe(4);
    }

    [Fact]
    public async Task A_pipe_and_a_device_are_written_to_and_not_replaced()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Pipes and devices of a Unix system.");
        using (var made = Process.Start("mkfifo", PathOf("pipe")))
            await made.WaitForExitAsync(TestContext.Current.CancellationToken);
        var read = Task.Run(() => File.ReadAllText(PathOf("pipe")), TestContext.Current.CancellationToken);

        Write(PathOf("pipe"));
        Write("/dev/null");

        (await read).ShouldBe("new");
        Directory.GetFiles(folder).ShouldHaveSingleItem();
        await using var none = File.OpenRead("/dev/null");
        none.ReadByte().ShouldBe(-1);
    }

    private static void Write(string path)
    {
        using var file = new WholeFile(path);
        file.Text.Write("new");
        file.Done();
    }
}
