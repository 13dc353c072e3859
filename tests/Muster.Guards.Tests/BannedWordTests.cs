using System.Text;
using System.Text.RegularExpressions;

namespace Muster.Guards.Tests;

public sealed class BannedWordTests
{
    private const string Words = "eng/banned-words.txt";
    private const string Allowed = "eng/allowed-words.txt";

    private sealed record Rule(string Where, Regex Pattern, string Why)
    {
        public bool Covers(string path) => Where switch
        {
            "all" => true,
            "code" => path.EndsWith(".cs", StringComparison.Ordinal),
            "prose" => path.EndsWith(".md", StringComparison.Ordinal),
            _ => throw new InvalidOperationException($"{Words}: '{Where}' is not all, code or prose."),
        };
    }

    [Fact]
    public void No_banned_word_stands_where_it_is_not_allowed_and_none_is_allowed_in_vain()
    {
        var rules = Repository.Table(Words, 3).Select(row => new Rule(row[0], new Regex(row[1], RegexOptions.CultureInvariant), row[2])).ToList();
        var allowed = Repository.Table(Allowed, 3).Select(row => (Path: row[0], Word: row[1])).ToHashSet();
        var used = new HashSet<(string, string)>();
        var found = new List<string>();

        foreach (var path in Repository.TextFiles().Where(path => path is not (Words or Allowed)))
        {
            var lines = Repository.Lines(path);
            foreach (var rule in rules.Where(rule => rule.Covers(path)))
            {
                for (var i = 0; i < lines.Length; i++)
                {
                    foreach (Match match in rule.Pattern.Matches(lines[i]))
                    {
                        if (allowed.Contains((path, match.Value)))
                            used.Add((path, match.Value));
                        else
                            found.Add($"{path}:{i + 1}: '{match.Value}': {rule.Why}");
                    }
                }
            }
        }

        found.ShouldBeEmpty();
        allowed.Except(used).ShouldBeEmpty($"{Allowed} allows words that are not there");
    }

    /// <summary>Tests hold such characters as data.</summary>
    [Fact]
    public void Prose_and_product_have_no_emoji()
    {
        var found = from path in Repository.TextFiles()
                    where !path.StartsWith("tests/", StringComparison.Ordinal)
                    from line in Repository.Lines(path).Select((text, index) => (Text: text, Number: index + 1))
                    where line.Text.EnumerateRunes().Any(IsEmoji)
                    select $"{path}:{line.Number}: {line.Text.Trim()}";

        found.ShouldBeEmpty();
    }

    private static bool IsEmoji(Rune rune) => rune.Value is (>= 0x1F000 and <= 0x1FAFF) or (>= 0x2600 and <= 0x26FF) or 0x2705 or 0x2728 or 0x274C or 0x2B50 or 0xFE0F;
}
