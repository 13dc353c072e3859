using System.Runtime.CompilerServices;
using System.Text.Json;
using Microsoft.Data.Sqlite;
using Muster.Drift;
using Muster.Review;
using Muster.Runs;
using Muster.Selections;

namespace Muster.Stores.Sqlite;

internal sealed partial class SqliteStore
{
    /// <summary>
    /// True of a row <c>w</c> that no later rerun took over. A rerun's row that was canceled without an answer takes nothing over.
    /// </summary>
    private const string StandingRow =
        """
        (not exists (select 1 from rerun_row later join row v on v.row_id = later.row_id where later.parent_row_id = coalesce(
             (select mine.parent_row_id from rerun_row mine where mine.row_id = w.row_id), w.row_id) and later.row_id > w.row_id and v.state <> 5)
         and (w.state <> 5 or not exists (select 1 from rerun_row mine where mine.row_id = w.row_id)))
        """;

    /// <summary>The same, without a look at each row in a store that has no rerun.</summary>
    private string Standing => StandingIn(null);

    private string StandingIn(SqliteTransaction? transaction) =>
        connection.Scalar<long>("select exists (select 1 from rerun)", transaction) == 0 ? "1" : StandingRow;

    /// <summary>The reruns of all runs, oldest first.</summary>
    public async Task<IReadOnlyList<Rerun>> RerunsAsync(CancellationToken cancellationToken = default)
    {
        var runs = (await RunsAsync(cancellationToken)).ToDictionary(run => run.Id);
        using var command = connection.Command("select run_id, parent_run_id, query, rows, selection_hash, frozen_at from rerun order by run_id", null);
        using var reader = command.ExecuteReader();
        var reruns = new List<Rerun>();
        while (reader.Read())
        {
            var (run, parent) = (runs[reader.GetInt64(0)], runs[reader.GetInt64(1)].Name);
            reruns.Add(new Rerun(run, parent, new Selection(run.Name, parent, reader.GetString(2), reader.GetInt64(3), reader.GetString(4), Sql.Time(reader.GetString(5)))));
        }

        return reruns;
    }

    /// <summary>The full run that a run is, or is a rerun of, with all its reruns.</summary>
    public async Task<RunFamily> FamilyAsync(Run run, CancellationToken cancellationToken = default)
    {
        var reruns = await RerunsAsync(cancellationToken);
        var name = reruns.FirstOrDefault(rerun => rerun.Run.Id == run.Id)?.ParentName ?? run.Name;
        var full = (await RunsAsync(cancellationToken)).First(one => one.Name == name);
        return new RunFamily(full, [.. reruns.Where(rerun => rerun.ParentName == name)]);
    }

    /// <summary>Rows of a run that reruns asked again and that have no accepted answer there.</summary>
    public IReadOnlySet<long> UnansweredElsewhere(long runId)
    {
        using var command = connection.Command(
            "select mine.parent_row_id from rerun_row mine join row w on w.row_id = mine.row_id join row p on p.row_id = mine.parent_row_id"
            + $" where p.run_id = $1 and w.state <> 2 and {StandingRow}", null, runId);
        using var reader = command.ExecuteReader();
        var rows = new HashSet<long>();
        while (reader.Read())
            rows.Add(reader.GetInt64(0));
        return rows;
    }

    /// <summary>The rerun in which a row stands by now; null where it stands in its own run.</summary>
    public string? TakenOverBy(long rowId) => connection.Scalar<string?>(
        "select n.name from rerun_row later join row v on v.row_id = later.row_id join run n on n.run_id = v.run_id"
        + " where later.parent_row_id = coalesce((select mine.parent_row_id from rerun_row mine where mine.row_id = $1), $1)"
        + " and later.row_id > $1 and v.state <> 5 order by later.row_id desc limit 1", null, rowId);

    /// <summary>Rows of the family as they stand that the selector means, run by run in source order.</summary>
    public async IAsyncEnumerable<SelectedRow> SelectAsync(
        RunFamily family, Selector selector, SelectorContext context, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        if (selector.Terms.Any(term => term.Field == SelectorField.Issue))
            context = context with { IssueNames = Issues(family.Full.Job).ToDictionary(issue => issue.Fingerprint, issue => issue.Id, StringComparer.Ordinal) };
        var tables = KeyTables(context);
        foreach (var run in family.Runs)
        {
            var sql = SelectorSql.Of(selector, run, context.Now, tables, 2);
            var reader = sql.Rest.Terms.Count == 0 ? null : new RestReader(run, sql.Rest, context);
            using var command = connection.Command(
                "select w.row_id, coalesce((select m.parent_row_id from rerun_row m where m.row_id = w.row_id), w.row_id), w.key, w.state"
                + (reader is null ? "" : ", w.line, w.reason, e.message, coalesce(s.output, e.output), i.input, n.name")
                + " from row w"
                + (reader is null ? "" : " left join staging s on s.row_id = w.row_id left join evidence e on e.row_id = w.row_id left join row_input i on i.row_id = w.row_id"
                    + " left join request q on q.batch_id = w.batch_id and q.row_id = w.row_id left join result t on t.request_id = q.request_id left join model n on n.model_id = t.model_id")
                + $" where w.run_id = $1 and {Standing} and {sql.Where} order by w.row_id", null, [run.Id, .. sql.Values]);
            await using var rows = await command.ExecuteReaderAsync(cancellationToken);
            while (rows.Read())
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (reader is null || reader.Matches(rows))
                    yield return new SelectedRow(rows.GetInt64(0), rows.GetInt64(1), rows.Text(2), (RowState)rows.GetInt32(3), run);
            }
        }
    }

    /// <summary>Quarantined rows that stand in a run and that the selector means, in source order; two readers side by side, so that none is held.</summary>
    public async IAsyncEnumerable<EvidenceRow> QuarantinedAsync(
        Run run, Selector selector, SelectorContext context, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await using var meant = SelectAsync(new RunFamily(run, []), selector.InQuarantine(), context, cancellationToken).GetAsyncEnumerator(cancellationToken);
        var isMore = await meant.MoveNextAsync();
        await foreach (var row in EvidenceAsync(run.Id, cancellationToken))
        {
            while (isMore && meant.Current.RowId < row.RowId)
                isMore = await meant.MoveNextAsync();
            if (!isMore)
                yield break;
            if (meant.Current.RowId == row.RowId)
                yield return row;
        }
    }

    private Dictionary<string, string> KeyTables(SelectorContext context)
    {
        var tables = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (file, keys) in context.KeyFiles)
        {
            var table = $"temp.muster_keys_{tables.Count}";
            tables[file] = table;
            connection.Execute($"drop table if exists {table}");
            connection.Execute($"create table {table} (key text primary key) without rowid");
            // A store opened for reading may write to its temporary tables, but not begin as a writer.
            connection.Execute("savepoint muster_keys");
            using (var insert = new Statement(connection, $"insert into {table} (key) values (?1)"))
            {
                foreach (var key in keys)
                    insert.With(key).Run();
            }

            connection.Execute("release muster_keys");
        }

        return tables;
    }

    /// <summary>Decides the terms that SQL cannot, from the row itself.</summary>
    private sealed class RestReader(Run run, Selector rest, SelectorContext context)
    {
        private readonly IssueGrouper issues = new(Jobs.JobSnapshot.FromJson(run.Snapshot));
        private readonly RowSlices slices = new(RunShape.Of(run));

        public bool Matches(SqliteDataReader row)
        {
            using var output = Parse(row);
            var (key, state, reason) = (row.Text(2), (RowState)row.GetInt32(3), row.Text(5));
            var facts = new RowFacts(key ?? "", state)
            {
                Reason = reason,
                Run = run.Name,
                Output = output?.RootElement,
                Issue = state == RowState.Quarantined ? issues.FingerprintOf(new EvidenceRow(key, row.GetString(4), state, reason ?? "", row.Text(6), default)) : null,
                Slices = rest.Terms.Any(term => term.Field == SelectorField.Slice) ? slices.Of(Bytes(row, 8), row.Text(9)) : [],
            };
            return rest.Matches(facts, context);
        }

        private JsonDocument? Parse(SqliteDataReader row)
        {
            if (row.IsDBNull(7) || !rest.Terms.Any(term => term.Field == SelectorField.Pointer))
                return null;
            try
            {
                return JsonDocument.Parse(Bytes(row, 7));
            }
            catch (JsonException)
            {
                // An answer that is no JSON has no fields to ask about.
                return null;
            }
        }
    }
}

/// <summary>A row that a selector means.</summary>
/// <param name="OriginId">The row of the full run; its own id where no rerun took it over.</param>
/// <param name="Run">The run that it stands in.</param>
internal sealed record SelectedRow(long RowId, long OriginId, string? Key, RowState State, Run Run);
