using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Muster.Guards.Tests;

public sealed partial class ProjectTests
{
    private static readonly IReadOnlyList<string> Projects =
        [.. Repository.Files.Where(path => path.EndsWith(".csproj", StringComparison.Ordinal) || path.EndsWith("Directory.Build.props", StringComparison.Ordinal))];

    [Fact]
    public void References_and_package_versions_are_in_alphabetical_order()
    {
        var unsorted = from path in Projects.Append("Directory.Packages.props")
                       from name in new[] { "PackageReference", "ProjectReference", "PackageVersion" }
                       let includes = Includes(path, name)
                       where !includes.SequenceEqual(includes.Order(StringComparer.OrdinalIgnoreCase))
                       select $"{path}: {string.Join(", ", includes)}";

        unsorted.ShouldBeEmpty();
    }

    [Fact]
    public void Each_package_earns_its_place_in_a_line_of_the_dependencies()
    {
        var used = Projects.SelectMany(path => Includes(path, "PackageReference")).Distinct().Order(StringComparer.OrdinalIgnoreCase).ToList();
        var versions = Includes("Directory.Packages.props", "PackageVersion");
        var described = Repository.Lines("docs/dependencies.md").Select(line => Row().Match(line)).Where(match => match.Success)
            .Select(match => match.Groups[1].Value).Order(StringComparer.OrdinalIgnoreCase).ToList();

        described.ShouldBe(used, "docs/dependencies.md has one row for each package that a project refers to");
        versions.ShouldBe(used, "Directory.Packages.props has one version for each package that a project refers to");
    }

    [Fact]
    public void The_solution_has_every_project_in_order()
    {
        var listed = XDocument.Parse(Repository.Text("Muster.slnx")).Descendants("Project").Select(project => project.Attribute("Path")!.Value).ToList();

        listed.Order(StringComparer.Ordinal).ShouldBe(Repository.Files.Where(path => path.EndsWith(".csproj", StringComparison.Ordinal)));
    }

    private static List<string> Includes(string path, string element) =>
        [.. XDocument.Parse(Repository.Text(path)).Descendants(element).Select(item => item.Attribute("Include")?.Value).OfType<string>()];

    [GeneratedRegex("^\\| `([A-Za-z0-9_.]+)` \\|")]
    private static partial Regex Row();
}
