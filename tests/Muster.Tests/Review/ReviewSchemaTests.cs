using System.Text.RegularExpressions;
using Muster.Review;
using Muster.Stores.Sqlite;

namespace Muster.Tests.Review;

public sealed class ReviewSchemaTests
{
    private static readonly string Schema = Sql.Named("004_review");

    [Fact]
    public void The_database_checks_the_words_of_the_code()
    {
        Words("review_item", "kind").ShouldBe(Names<ReviewKind>());
        Words("review_item", "state").ShouldBe(Names<ReviewState>());
        Words("review_item", "decision").ShouldBe(Names<Decision>());
        Words("review_vote", "decision").ShouldBe(Names<Decision>());
        Words("decision", "action").ShouldBe(Enum.GetValues<Decision>().Where(RowRulings.IsRuling).Select(Sql.Snake));
        Words("review_event", "kind").ShouldBe(Names<ReviewEventKind>());
        Words("issue", "state").ShouldBe(Names<IssueState>());
    }

    [Fact]
    public void The_diagram_of_a_row_draws_every_move_that_people_make()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Muster.slnx")))
            folder = Path.GetDirectoryName(folder)!;
        var drawn = Regex.Matches(File.ReadAllText(Path.Combine(folder, "docs", "lifecycle.md")), @"^ {2}([a-z_]+ --> [a-z_]+): a person", RegexOptions.Multiline).Select(match => match.Groups[1].Value);

        drawn.Order(StringComparer.Ordinal).ShouldBe(RowRulings.All().Select(move => $"{Sql.Snake(move.From)} --> {Sql.Snake(move.To)}").Order(StringComparer.Ordinal));
    }

    private static IEnumerable<string> Names<T>() where T : struct, Enum => Enum.GetValues<T>().Select(Sql.Snake);

    private static string[] Words(string table, string column)
    {
        var columns = Regex.Match(Schema, $@"create table {table} \((.*?)\n\)", RegexOptions.Singleline).Groups[1].Value;
        return [.. Regex.Match(columns, $@"\b{column}\s+text[^,\n]*check \({column} in \(([^)]*)\)").Groups[1].Value.Split(',').Select(value => value.Trim('\'', ' '))];
    }
}
