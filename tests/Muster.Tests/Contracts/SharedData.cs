namespace Muster.Tests.Contracts;

/// <summary>Files that stand beside the repository and are not part of it; a test that wants an absent one is skipped.</summary>
internal static class SharedData
{
    public static string Folder(string name)
    {
        var path = Path.Combine(Root(), "..", "shared", "data", name);
        if (!Directory.Exists(path))
        {
            Assert.Skip($"../shared/data/{name} is absent.");
        }

        return path;
    }

    public static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Muster.slnx")))
        {
            folder = folder.Parent;
        }

        return folder.ShouldNotBeNull("Muster.slnx stands above the tests").FullName;
    }
}
