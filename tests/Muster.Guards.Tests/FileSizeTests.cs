namespace Muster.Guards.Tests;

public sealed class FileSizeTests
{
    private const string Allowed = "eng/long-files.txt";

    private static readonly Dictionary<string, int> MaxLines = new()
    {
        ["src/"] = 300, ["tests/"] = 500, ["bench/"] = 500, ["samples/"] = 300,
    };

    [Fact]
    public void Long_files_are_split_or_listed_with_a_reason_and_none_is_listed_in_vain()
    {
        var listed = Repository.Table(Allowed, 2).Select(row => row[0]).ToList();

        TooLong().ShouldBe(listed.Order(StringComparer.Ordinal), $"{Allowed} lists exactly the files that are too long");
    }

    private static IEnumerable<string> TooLong() =>
        from path in Repository.Files
        where path.EndsWith(".cs", StringComparison.Ordinal)
        from limit in MaxLines
        where path.StartsWith(limit.Key, StringComparison.Ordinal) && Repository.Lines(path).Length > limit.Value
        select path;
}
