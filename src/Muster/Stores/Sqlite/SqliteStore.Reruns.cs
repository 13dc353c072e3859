using System.Runtime.CompilerServices;
using System.Text.Json;
using Muster.Runs;
using Muster.Selections;
using Muster.Sources;

namespace Muster.Stores.Sqlite;

internal sealed partial class SqliteStore
{
    private const int NamedKeys = 10;

    /// <summary>
    /// Puts the rows that a selector means beside the database, sorted by key, so that what is shown and what is done are the same rows.
    /// Changes nothing in the store; it is there for this connection alone.
    /// </summary>
    /// <param name="sourceNow">The source's rows as they are, where it changed since the full run; null takes the rows as they were recorded.</param>
    public async Task<FrozenRows> FreezeAsync(
        RunFamily family, Selector selector, SelectorContext context, IAsyncEnumerable<SourceRow>? sourceNow, CancellationToken cancellationToken = default)
    {
        connection.Execute("drop table if exists temp.muster_frozen");
        connection.Execute("create table temp.muster_frozen (row_id integer primary key, origin_id integer not null, key text not null unique, line text, input blob, seen integer not null default 0, new_id integer)");
        connection.Execute("begin");
        try
        {
            var keyless = await PutAsync(SelectAsync(family, selector, context, cancellationToken));
            var purged = connection.Execute("delete from temp.muster_frozen where not exists (select 1 from row_input i where i.row_id = muster_frozen.row_id)");
            var (changed, gone) = sourceNow is null ? (KeyCount.None, KeyCount.None) : await CompareAsync(sourceNow, cancellationToken);
            connection.Execute("commit");
            return new FrozenRows(FrozenCount(), Frozen(), keyless, purged, changed, gone, Standings(family));
        }
        catch
        {
            connection.Execute("rollback");
            throw;
        }
    }

    /// <summary>What <see cref="FreezeAsync"/> put aside, in source order.</summary>
    public async IAsyncEnumerable<SourceRow> FrozenRowsAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        using var command = connection.Command(
            "select coalesce(f.line, w.line), f.key, coalesce(f.input, i.input) from temp.muster_frozen f join row w on w.row_id = f.row_id"
            + " join row_input i on i.row_id = f.row_id order by f.origin_id", null);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (reader.Read())
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return new SourceRow(reader.GetString(0), reader.GetString(1), Bytes(reader, 2));
        }
    }

    /// <summary>Opens a run over what <see cref="FreezeAsync"/> put aside: its rows wait to be asked when this returns.</summary>
    /// <param name="selection">Its id is given here.</param>
    public Task<Run> OpenRerunAsync(RunOpening opening, Run parent, Selection selection, CancellationToken cancellationToken = default)
    {
        using var transaction = new Transaction(connection);
        var id = connection.Scalar<long>("select coalesce(max(run_id), 0) + 1 from run", transaction);
        connection.Execute(
            "insert into run (run_id, name, tag, job, job_version, snapshot, kind, state, fingerprint, columns, opened_at, records, unpiloted)"
            + " values ($1, $2, $3, $4, $5, $6, $7, 'running', $8, $9, $10, $11, $12)",
            transaction, id, $"r-{id}", opening.Tag, opening.Job, opening.JobVersion, opening.Snapshot, opening.Kind, opening.Fingerprint,
            JsonSerializer.Serialize(opening.Columns), Sql.Text(opening.At), selection.Rows, opening.Unpiloted ? 1 : 0);
        connection.Execute(
            "insert into rerun (run_id, parent_run_id, query, rows, selection_hash, frozen_at) values ($1, $2, $3, $4, $5, $6)",
            transaction, id, parent.Id, selection.Query, selection.Rows, selection.Hash, Sql.Text(selection.FrozenAt));
        connection.Execute(Sql.Named("open_rerun"), transaction, id);
        Expect((int)connection.Scalar<long>("select count(*) from row where run_id = $1", transaction, id), (int)selection.Rows, "Opening a rerun");
        foreach (var state in Enum.GetValues<RowState>())
        {
            connection.Execute("insert into ledger (run_id, state, rows) values ($1, $2, $3)", transaction, id, Number(state),
                state == RowState.Pending ? selection.Rows : 0);
        }

        transaction.Commit();
        return Task.FromResult(ReadRuns("where run_id = $1", id).Single());
    }

    private async Task<long> PutAsync(IAsyncEnumerable<SelectedRow> rows)
    {
        long keyless = 0;
        using var insert = new Statement(connection, "insert into temp.muster_frozen (row_id, origin_id, key) values (?1, ?2, ?3)");
        await foreach (var row in rows)
        {
            if (row.Key is null)
                keyless++;
            else
                insert.With(row.RowId).With(row.OriginId).With(row.Key).Run();
        }

        return keyless;
    }

    /// <summary>Rows that are another now get their new content; rows that are gone are left out. Of rows with the same key the first counts.</summary>
    private async Task<(KeyCount Changed, KeyCount Gone)> CompareAsync(IAsyncEnumerable<SourceRow> sourceNow, CancellationToken cancellationToken)
    {
        using (var see = new Statement(connection,
            "update temp.muster_frozen set seen = 1, line = ?2, input = case when ?3 is (select i.input from row_input i where i.row_id = muster_frozen.row_id) then null else ?3 end"
            + " where key = ?1 and seen = 0"))
        {
            await foreach (var row in sourceNow.WithCancellation(cancellationToken))
            {
                if (row.Fault is null)
                    see.With(row.Key).With(row.Line).With(row.Input.Span).Run();
            }
        }

        var changed = Keys("input is not null");
        var gone = Keys("seen = 0");
        connection.Execute("delete from temp.muster_frozen where seen = 0");
        return (changed, gone);
    }

    private KeyCount Keys(string where)
    {
        using var command = connection.Command($"select key from temp.muster_frozen where {where} order by origin_id limit {NamedKeys}", null);
        using var reader = command.ExecuteReader();
        var keys = new List<string>();
        while (reader.Read())
            keys.Add(reader.GetString(0));
        return new KeyCount(connection.Scalar<long>($"select count(*) from temp.muster_frozen where {where}"), keys);
    }

    private long FrozenCount() => connection.Scalar<long>("select count(*) from temp.muster_frozen");

    private string Frozen()
    {
        using var hash = new SelectionHash();
        using var command = connection.Command("select key from temp.muster_frozen order by key", null);
        using var reader = command.ExecuteReader();
        while (reader.Read())
            hash.Add(reader.GetString(0));
        return hash.Finish();
    }

    private List<StandingRows> Standings(RunFamily family)
    {
        using var command = connection.Command(
            "select w.run_id, count(*), sum(w.state = 2) from temp.muster_frozen f join row w on w.row_id = f.row_id group by w.run_id order by w.run_id", null);
        using var reader = command.ExecuteReader();
        var standings = new List<StandingRows>();
        while (reader.Read())
            standings.Add(new StandingRows(family.Runs.First(run => run.Id == reader.GetInt64(0)), reader.GetInt64(1), reader.GetInt64(2)));
        return standings;
    }
}
