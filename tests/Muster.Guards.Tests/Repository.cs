namespace Muster.Guards.Tests;

/// <summary>The files of the checkout, without what builds and runs leave in it.</summary>
internal static class Repository
{
    private static readonly string[] Skipped = ["artifacts", "bin", "obj", "node_modules", ".git", ".muster", ".vs", ".idea"];

    private static readonly string[] TextEndings =
        [".cs", ".csproj", ".css", ".html", ".js", ".json", ".md", ".props", ".sh", ".slnx", ".sql", ".targets", ".txt", ".yaml", ".yml"];

    public static string Root { get; } = FindRoot();

    /// <summary>Paths from the root, with slashes, in ordinal order.</summary>
    public static IReadOnlyList<string> Files { get; } = [.. Walk(Root).Select(Relative).Order(StringComparer.Ordinal)];

    public static string Text(string path) => File.ReadAllText(Path.Combine(Root, path));

    public static string[] Lines(string path) => File.ReadAllLines(Path.Combine(Root, path));

    /// <summary>Source, data and prose that people write; scripts have no ending.</summary>
    public static IEnumerable<string> TextFiles() =>
        Files.Where(path => TextEndings.Contains(Path.GetExtension(path)) || path is "test" or "muster" || path.StartsWith(".ci/", StringComparison.Ordinal)
            || Path.GetFileName(path) is ".editorconfig" or ".gitignore" or ".gitattributes");

    /// <summary>The lines of a list in eng/, their fields parted by <c> | </c>; empty lines and comments are passed over.</summary>
    public static IReadOnlyList<string[]> Table(string path, int fields)
    {
        var rows = Lines(path).Where(line => line.Length > 0 && line[0] != '#').Select(line => line.Split(" | ", fields)).ToList();
        rows.ShouldAllBe(row => row.Length == fields && row.All(field => field.Trim().Length > 0), $"{path}: each line has {fields} fields");
        return [.. rows.Select(row => row.Select(field => field.Trim()).ToArray())];
    }

    private static IEnumerable<string> Walk(string folder) =>
        Directory.EnumerateFiles(folder).Concat(
            Directory.EnumerateDirectories(folder).Where(inner => !Skipped.Contains(Path.GetFileName(inner))).SelectMany(Walk));

    private static string Relative(string path) => Path.GetRelativePath(Root, path).Replace('\\', '/');

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Muster.slnx")))
                return folder.FullName;
        }

        throw new InvalidOperationException($"No Muster.slnx above {AppContext.BaseDirectory}.");
    }
}
