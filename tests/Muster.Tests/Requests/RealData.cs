namespace Muster.Tests.Requests;

/// <summary>Finds the real inputs that lie beside the repository, or skips the test.</summary>
internal static class RealData
{
    public static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(System.IO.Path.Combine(folder.FullName, "Muster.slnx")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new InvalidOperationException("Muster.slnx is in no folder above the tests.");
    }

    public static string Path(string name)
    {
        var path = System.IO.Path.GetFullPath(System.IO.Path.Combine(Root(), "..", "shared", "data", name));
        if (!File.Exists(path))
        {
            Assert.Skip($"{path} is not there");
        }

        return path;
    }
}
