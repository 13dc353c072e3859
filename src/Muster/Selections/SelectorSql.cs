using System.Globalization;
using System.Text;
using Muster.Runs;

namespace Muster.Selections;

/// <summary>The part of a selector that SQL decides, about a row <c>w</c>. Pure; <see cref="SelectorEvaluation"/> is its meaning.</summary>
/// <param name="Where">A condition whose parameters follow those that stand before it.</param>
/// <param name="Values">Of its parameters, in order.</param>
/// <param name="Rest">Terms that need the row itself.</param>
internal sealed record SelectorSql(string Where, IReadOnlyList<object> Values, Selector Rest)
{
    /// <param name="run">The run whose rows are asked about.</param>
    /// <param name="keyTables">The table, with a column <c>key</c>, that holds the keys of each file named.</param>
    /// <param name="first">The number of the first parameter.</param>
    public static SelectorSql Of(Selector selector, Run run, DateTimeOffset now, IReadOnlyDictionary<string, string> keyTables, int first)
    {
        var writer = new Writer(run, now, keyTables, first);
        var terms = selector.Terms.Where(term => term.IsForSql).Select(writer.Term).ToList();
        return new SelectorSql(terms.Count == 0 ? "1" : string.Join(" and ", terms), writer.Values, new Selector([.. selector.Terms.Where(term => !term.IsForSql)]));
    }

    private sealed class Writer(Run run, DateTimeOffset now, IReadOnlyDictionary<string, string> keyTables, int first)
    {
        public List<object> Values { get; } = [];

        public string Term(SelectorTerm term)
        {
            var any = string.Join(" or ", term.Values.Select(value => Value(term.Field, value)));
            // A comparison with null is null, which is no answer to either question.
            return $"{(term.Negated ? "not " : "")}coalesce(({any}), 0)";
        }

        private string Value(SelectorField field, SelectorValue value) => field switch
        {
            SelectorField.State => State(value),
            SelectorField.Reason => value.Match == SelectorMatch.Prefix
                ? Text("w.reason", value)
                : $"({Text("w.reason", value)} or {Begins("w.reason", value.Text + ".")})",
            SelectorField.Key when value.Match == SelectorMatch.File => $"coalesce(w.key, '') in (select key from {keyTables[value.Text]})",
            SelectorField.Key => Text("coalesce(w.key, '')", value),
            SelectorField.Batch => "w.row_id in (select q.row_id from batch b join request q on q.batch_id = b.batch_id"
                + $" where b.run_id = {Next(run.Id)} and ({Text("b.name", value)} or {Text("b.remote_id", value)}))",
            SelectorField.Run => Matches(run.Name, value) ? "1" : "0",
            SelectorField.Tier => $"cast(w.tier + 1 as text) = {Next(value.Text)}",
            SelectorField.Since => $"coalesce((select b.settled_at from batch b where b.batch_id = w.batch_id), {Next(Stores.Sqlite.Sql.Text(run.OpenedAt))})"
                + $" >= {Next(Stores.Sqlite.Sql.Text(SelectorValueRules.Since(value.Text, now)))}",
            _ => throw new System.Diagnostics.UnreachableException(field.ToString()),
        };

        private static string State(SelectorValue value)
        {
            var states = value.Match == SelectorMatch.Prefix
                ? SelectorWords.StateNames.Where(name => name.StartsWith(value.Text, StringComparison.Ordinal)).SelectMany(SelectorWords.StatesOf)
                : SelectorWords.StatesOf(value.Text);
            return $"w.state in ({string.Join(", ", states.Distinct().Order().Select(state => ((int)state).ToString(CultureInfo.InvariantCulture)))})";
        }

        private static bool Matches(string name, SelectorValue value) =>
            value.Match == SelectorMatch.Prefix ? name.StartsWith(value.Text, StringComparison.Ordinal) : name == value.Text;

        private string Text(string column, SelectorValue value) =>
            value.Match == SelectorMatch.Prefix ? Begins(column, value.Text) : $"{column} = {Next(value.Text)}";

        // By bytes: like takes letters for their other case, and the length of a text ends at its first NUL.
        private string Begins(string column, string text)
        {
            var bytes = Encoding.UTF8.GetBytes(text);
            return bytes.Length == 0 ? $"{column} is not null" : $"substr(cast({column} as blob), 1, {bytes.Length}) = {Next(bytes)}";
        }

        private string Next(object value)
        {
            Values.Add(value);
            return $"${first + Values.Count - 1}";
        }
    }
}
