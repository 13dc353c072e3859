using System.Text.RegularExpressions;

namespace Muster.Guards.Tests;

public sealed partial class DocLinkTests
{
    [Fact]
    public void Every_link_inside_the_repository_leads_somewhere()
    {
        var broken = from path in Repository.Files
                     where path.EndsWith(".md", StringComparison.Ordinal)
                     from Match link in Link().Matches(Prose(path))
                     let target = link.Groups[1].Value
                     where !target.Contains("://", StringComparison.Ordinal) && !target.StartsWith("mailto:", StringComparison.Ordinal)
                     where !Resolves(path, target)
                     select $"{path}: {target}";

        broken.ShouldBeEmpty();
    }

    private static bool Resolves(string from, string target)
    {
        var parts = target.Split('#', 2);
        var folder = Path.GetDirectoryName(Path.Combine(Repository.Root, from))!;
        var file = parts[0].Length == 0 ? Path.Combine(Repository.Root, from) : Path.GetFullPath(Path.Combine(folder, parts[0]));
        if (!File.Exists(file) && !Directory.Exists(file))
            return false;
        return parts.Length == 1 || Headings(file).Contains(parts[1]);
    }

    private static HashSet<string> Headings(string file) =>
        [.. Heading().Matches(Fence().Replace(File.ReadAllText(file), "")).Select(match => Anchor(match.Groups[1].Value))];

    /// <summary>As code hosts make anchors of headings: lower case, punctuation dropped, blanks to hyphens.</summary>
    private static string Anchor(string heading) =>
        string.Concat(heading.Trim().ToLowerInvariant().Where(c => char.IsLetterOrDigit(c) || c is ' ' or '-' or '_')).Replace(' ', '-');

    private static string Prose(string path) => Code().Replace(Fence().Replace(Repository.Text(path), ""), "");

    [GeneratedRegex(@"\]\(([^)\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"^#{1,6} (.+)$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex(@"^```.*?^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Fence();

    [GeneratedRegex("`[^`\n]*`")]
    private static partial Regex Code();
}
