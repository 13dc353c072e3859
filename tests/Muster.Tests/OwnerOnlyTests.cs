namespace Muster.Tests;

/// <summary>What holds rows is its owner's.</summary>
public sealed class OwnerOnlyTests
{
    [Fact]
    [System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
    public void Every_folder_that_is_made_for_a_file_is_its_owners_alone()
    {
        if (OperatingSystem.IsWindows())
            Assert.Skip("Windows has no file modes.");
        var above = Some.Folder();
        var before = File.GetUnixFileMode(above);

        OwnerOnly.Create(Path.Combine(above, "state", "targets", "out.csv.db"));

        foreach (var folder in (string[])["state", "state/targets"])
            File.GetUnixFileMode(Path.Combine(above, folder)).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, folder);
        File.GetUnixFileMode(above).ShouldBe(before, "it was there");
    }
}
