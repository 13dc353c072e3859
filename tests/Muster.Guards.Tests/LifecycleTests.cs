using System.Text.Json;
using System.Text.RegularExpressions;
using Muster.Batches;
using Muster.Requests;
using Muster.Results;
using Muster.Runs;

namespace Muster.Guards.Tests;

public sealed partial class LifecycleTests
{
    private static readonly string Document = Repository.Text("docs/lifecycle.md");
    private static readonly string Schema = Repository.Text("src/Muster/Stores/Sqlite/Sql/001_lifecycle.sql");

    [Fact]
    public void The_diagram_of_a_run_draws_the_moves_of_the_code()
    {
        Moves("Run").ShouldBe(Drawn(RunState.Reading, RunStates.All()).Append("done --> [*]").Order(StringComparer.Ordinal), "a done run may be reopened and need not be");
        Rows("Run").ShouldBe(Names<RunState>());
    }

    [Fact]
    public void The_diagram_of_a_batch_draws_the_moves_of_the_code()
    {
        Moves("Batch").ShouldBe(Drawn(BatchState.Sealed, BatchStates.All()));
        Rows("Batch").ShouldBe(Names<BatchState>());
    }

    [Fact]
    public void The_table_of_row_states_has_those_of_the_code_and_no_move_leads_elsewhere()
    {
        Rows("Row").ShouldBe(Names<RowState>());
        Moves("Row").SelectMany(move => move.Split(" --> ")).Distinct().Order(StringComparer.Ordinal)
            .ShouldBe(Names<RowState>().Append("[*]").Order(StringComparer.Ordinal));
    }

    [Fact]
    public void The_database_checks_the_states_of_the_code()
    {
        Checked("run", "state").ShouldBe(Names<RunState>());
        Checked("batch", "state").ShouldBe(Names<BatchState>());
        Checked("batch", "proof").ShouldBe(Names<Proof>());
        Checked("batch", "remote_status").ShouldBe(Names<RemoteStatus>());
        Greatest("row", "state").ShouldBe((int)Enum.GetValues<RowState>().Max());
        Greatest("ledger", "state").ShouldBe((int)Enum.GetValues<RowState>().Max());
        Greatest("row", "variant").ShouldBe((int)Enum.GetValues<VariantKind>().Max());
        Greatest("result", "type").ShouldBe((int)Enum.GetValues<ResultType>().Max());
    }

    private static IEnumerable<string> Drawn<T>(T first, IEnumerable<(T From, T To)> moves) where T : struct, Enum
    {
        var all = moves.ToList();
        return all.Select(move => $"{Name(move.From)} --> {Name(move.To)}")
            .Append($"[*] --> {Name(first)}")
            .Concat(Enum.GetValues<T>().Where(state => all.TrueForAll(move => !move.From.Equals(state))).Select(state => $"{Name(state)} --> [*]"))
            .Order(StringComparer.Ordinal);
    }

    private static IEnumerable<string> Moves(string section) =>
        Section(section).Select(line => Move().Match(line)).Where(match => match.Success)
            .Select(match => $"{match.Groups[1].Value} --> {match.Groups[2].Value}").Order(StringComparer.Ordinal);

    private static IEnumerable<string> Rows(string section) =>
        Section(section).Select(line => Row().Match(line)).Where(match => match.Success).Select(match => match.Groups[1].Value);

    private static IEnumerable<string> Section(string name) =>
        Document.Split('\n').SkipWhile(line => line != $"## {name}").Skip(1).TakeWhile(line => !line.StartsWith("## ", StringComparison.Ordinal));

    private static string[] Checked(string table, string column) =>
        Regex.Match(Table(table), $@"\b{column}\s+text[^,\n]*check \({column} in \(([^)]*)\)").Groups[1].Value.Split(',').Select(value => value.Trim('\'', ' ')).ToArray();

    private static int Greatest(string table, string column) =>
        int.Parse(Regex.Match(Table(table), $@"check \({column} between 0 and (\d+)\)").Groups[1].Value);

    private static string Table(string name) => Regex.Match(Schema, $@"create table {name} \((.*?)\n\)", RegexOptions.Singleline).Groups[1].Value;

    private static IEnumerable<string> Names<T>() where T : struct, Enum => Enum.GetValues<T>().Select(Name);

    private static string Name<T>(T state) where T : struct, Enum => JsonNamingPolicy.SnakeCaseLower.ConvertName(state.ToString());

    [GeneratedRegex(@"^\s*(\[\*\]|[a-z_]+) --> (\[\*\]|[a-z_]+)")]
    private static partial Regex Move();

    [GeneratedRegex("^\\| `([a-z_]+)` \\|")]
    private static partial Regex Row();
}
