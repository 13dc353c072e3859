using System.Text;
using Microsoft.Data.Sqlite;
using Muster.Review;
using Muster.Runs;
using Muster.Selections;

namespace Muster.Stores.Sqlite;

internal sealed partial class SqliteStore
{
    private const string CardColumns =
        "w.row_id, w.key, w.line, w.state, w.attempt, w.tier, w.reason, e.message, n.input, coalesce(s.output, e.output), j.item_id"
        + " from row w left join row_input n on n.row_id = w.row_id left join staging s on s.row_id = w.row_id left join evidence e on e.row_id = w.row_id"
        + " left join review_item j on j.row_id = w.row_id and j.attempt = w.attempt";

    /// <summary>A row by its key, or by its line, as <c>products.csv:17</c>; null when the run has none of the name.</summary>
    public ReviewCard? Card(long runId, string name) =>
        Cards($"{CardColumns} where w.run_id = $1 and w.key = $2", runId, name).FirstOrDefault()
        ?? Cards($"{CardColumns} where w.run_id = $1 and w.line = $2", runId, name).FirstOrDefault();

    public ReviewCard CardOf(string itemId) =>
        Cards($"{CardColumns} where j.item_id = $1", Number(itemId)).Single();

    /// <summary>The rows that wait for people, in the order of the queue but for the places that samples take.</summary>
    public IEnumerable<ReviewLine> WaitingLines(long runId)
    {
        using var command = connection.Command($"select {ItemColumns}, w.line, w.state, w.reason from {LiveItems()} order by i.priority desc, i.opened_at, i.item_id", null, runId);
        using var reader = command.ExecuteReader();
        while (reader.Read())
        {
            var item = Item(reader);
            yield return new ReviewLine(item, reader.Text(1), reader.GetString(13), (RowState)reader.GetInt32(14), reader.Text(15));
        }
    }

    /// <summary>The items that wait, of rows that stand in the run and that the selector means. Holds the queue's ids.</summary>
    public async Task<IReadOnlySet<string>> WaitingAmongAsync(Run run, Selector selector, SelectorContext context, CancellationToken cancellationToken = default)
    {
        var waiting = new Dictionary<long, string>();
        using (var command = connection.Command($"select i.row_id, i.item_id from {LiveItems()}", null, run.Id))
        using (var reader = command.ExecuteReader())
        {
            while (reader.Read())
                waiting[reader.GetInt64(0)] = Name(reader.GetInt64(1));
        }

        var items = new HashSet<string>(StringComparer.Ordinal);
        await foreach (var row in SelectAsync(new RunFamily(run, []), selector, context, cancellationToken))
        {
            if (waiting.TryGetValue(row.RowId, out var item))
                items.Add(item);
        }

        return items;
    }

    /// <summary>The audit trail of a run, oldest first.</summary>
    /// <param name="rowId">Only what is told of this row; null for all.</param>
    public IEnumerable<LoggedEvent> ReviewLog(long runId, long? rowId = null)
    {
        using var command = connection.Command(Sql.Named("review_log"), null, runId, rowId);
        using var reader = command.ExecuteReader();
        while (reader.Read())
        {
            RowState? State(int column) => reader.IsDBNull(column) ? null : (RowState)reader.GetInt32(column);
            string? Utf8(int column) => reader.IsDBNull(column) ? null : Encoding.UTF8.GetString((byte[])reader.GetValue(column));
            yield return new LoggedEvent(reader.GetInt64(0), Sql.Time(reader.GetString(1)), reader.GetString(2), Sql.Parse<ReviewEventKind>(reader.GetString(3)),
                reader.Text(4), reader.Text(5), reader.IsDBNull(6) ? null : MadeDecision.NameOf(reader.GetInt64(6)), reader.GetString(7), State(8), State(9))
            {
                OutputBefore = Utf8(10), OutputAfter = Utf8(11),
            };
        }
    }

    /// <summary>Quarantined rows that people decided to leave so.</summary>
    public IReadOnlySet<long> WaivedRows(long runId) => Ids(
        "select d.row_id from decided_row d join decision c on c.decision_id = d.decision_id and c.undone_at is null"
        + " join row w on w.row_id = d.row_id and w.attempt = d.attempt and w.state = d.to_state where c.run_id = $1 and c.action = 'waive'", runId).ToHashSet();

    private List<ReviewCard> Cards(string columnsAndRest, params object?[] values)
    {
        var cards = new List<(ReviewCard Card, long? Item)>();
        using (var command = connection.Command($"select {columnsAndRest}", null, values))
        using (var reader = command.ExecuteReader())
        {
            while (reader.Read())
            {
                cards.Add((new ReviewCard(null, reader.GetInt64(0), reader.Text(1), reader.GetString(2), (RowState)reader.GetInt32(3), reader.GetInt32(4), reader.GetInt32(5),
                    reader.Text(6), reader.Text(7), Bytes(reader, 8), Bytes(reader, 9)), reader.IsDBNull(10) ? null : reader.GetInt64(10)));
            }
        }

        return [.. cards.Select(found => WithItem(found.Card, found.Item))];
    }

    private ReviewCard WithItem(ReviewCard card, long? itemId)
    {
        var decided = DecisionOf(card.RowId);
        if (itemId is not { } id)
            return card with { Decided = decided };
        var item = ReadItems(null, "review_item i join row w on w.row_id = i.row_id where i.item_id = $1", id).Single();
        return card with { Item = item, Votes = Votes(null, item), Decided = decided };
    }
}
