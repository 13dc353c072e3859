using Microsoft.Data.Sqlite;
using Muster.Purges;
using Muster.Results;
using Muster.Runs;
using Muster.Verdicts;

namespace Muster.Stores.Sqlite;

internal sealed partial class SqliteStore
{
    private const string PurgedRows = "select row_id from purged_row";

    /// <summary>The purges of a run, oldest first.</summary>
    public IReadOnlyList<Purge> Purges(long runId)
    {
        using var command = connection.Command("select purge_id, scope, state, at from purge where run_id = $1 order by purge_id", null, runId);
        using var reader = command.ExecuteReader();
        var purges = new List<Purge>();
        while (reader.Read())
        {
            purges.Add(new Purge(reader.GetInt64(0), runId, Sql.Parse<PurgeScope>(reader.GetString(1)), Sql.Parse<PurgeState>(reader.GetString(2)),
                Sql.Time(reader.GetString(3))));
        }

        return purges;
    }

    /// <summary>What is left of the archives of a run that a purge has touched, by batch.</summary>
    public IReadOnlyDictionary<long, PurgedArchive> PurgedArchives(long runId)
    {
        using var command = connection.Command(
            "select a.batch_id, a.removed, a.file, a.bytes, a.sha256, a.lines, a.raw_bytes from purged_archive a"
            + " join batch b on b.batch_id = a.batch_id where b.run_id = $1", null, runId);
        using var reader = command.ExecuteReader();
        var archives = new Dictionary<long, PurgedArchive>();
        while (reader.Read())
        {
            archives[reader.GetInt64(0)] = new PurgedArchive(reader.GetInt32(1), reader.IsDBNull(2)
                ? null
                : new Archive(reader.GetString(2), reader.GetInt64(3), reader.GetString(4), reader.GetInt32(5), reader.GetInt64(6)));
        }

        return archives;
    }

    /// <summary>Batches of a run whose remote copy a purge deleted.</summary>
    public IReadOnlySet<long> PurgedRemotes(long runId) => Ids(
        "select p.batch_id from purged_remote p join batch b on b.batch_id = p.batch_id where b.run_id = $1", runId).ToHashSet();

    /// <summary>The row of a key, and the rows set aside because they repeat it, without those purged before.</summary>
    public IReadOnlyList<long> RowsOfKey(long runId, string key) => Ids(
        // The gold rows of a case have its key and, behind a separator, a number.
        $"select row_id from row where run_id = $1 and key = $2 and row_id not in ({PurgedRows})"
        + $" union select row_id from row where run_id = -$1 and key > $2 || char(31) and key < $2 || char(32) and row_id not in ({PurgedRows})"
        + " union select w.row_id from row w join evidence e on e.row_id = w.row_id where w.run_id = $1 and w.key is null"
        + $" and w.state = $3 and instr(e.message, $4) > 0 and w.row_id not in ({PurgedRows})",
        runId, key, Number(RowState.Quarantined), Excerpt.Quoted(key));

    /// <summary>True when the run has the row of a key under the name that a purge left it.</summary>
    public bool WasPurged(long runId, string standIn) =>
        connection.Scalar<long>("select count(*) from row where run_id = $1 and key = $2", null, runId, standIn) > 0;

    /// <summary>Rows of a purge.</summary>
    public IReadOnlyList<long> RowsOfPurge(long purgeId) => Ids("select row_id from purged_row where purge_id = $1", purgeId);

    /// <summary>The keys of a purge's rows, before the purge takes them.</summary>
    public IEnumerable<string> KeysOfPurge(long purgeId)
    {
        using var command = connection.Command(
            "select w.key from purged_row p join row w on w.row_id = p.row_id where p.purge_id = $1 and w.key is not null", null, purgeId);
        using var reader = command.ExecuteReader();
        while (reader.Read())
            yield return reader.GetString(0);
    }

    /// <summary>Batches that asked about rows of a purge, with how many requests of theirs belong to purged rows by now.</summary>
    public IReadOnlyDictionary<long, int> BatchesOfPurge(long purgeId)
    {
        using var command = connection.Command(
            "select r.batch_id, sum(p.row_id is not null) from request r left join purged_row p on p.row_id = r.row_id"
            + " group by r.batch_id having sum(coalesce(p.purge_id, 0) = $1) > 0", null, purgeId);
        using var reader = command.ExecuteReader();
        var batches = new Dictionary<long, int>();
        while (reader.Read())
            batches[reader.GetInt64(0)] = reader.GetInt32(1);
        return batches;
    }

    /// <summary>Batches of a run that asked about rows of any purge.</summary>
    public IReadOnlySet<long> BatchesOfPurges(long runId) => Ids(
        "select b.batch_id from batch b where b.run_id = $1 and exists"
        + " (select 1 from request r join purged_row p on p.row_id = r.row_id where r.batch_id = b.batch_id)", runId).ToHashSet();

    /// <summary>Requests made for rows, and how many of them are answered by accepted outputs.</summary>
    public PurgeCounts Count(long runId, IReadOnlyCollection<long>? rows)
    {
        connection.Execute("create temp table if not exists muster_chosen (row_id integer primary key); delete from temp.muster_chosen");
        Choose(null, runId, rows, "insert into temp.muster_chosen (row_id) select row_id from");
        const string chosen = "(select row_id from temp.muster_chosen)";
        return new PurgeCounts(
            connection.Scalar<long>("select count(*) from temp.muster_chosen"),
            connection.Scalar<long>($"select count(*) from request where row_id in {chosen}"),
            connection.Scalar<long>($"select count(*) from staging where row_id in {chosen}"),
            Ids($"select distinct batch_id from request where row_id in {chosen} order by batch_id"));
    }

    /// <summary>Records what is going to be removed, before anything is.</summary>
    /// <param name="rows">Null for every row of the run.</param>
    public Purge BeginPurge(long runId, PurgeScope scope, IReadOnlyCollection<long>? rows, DateTimeOffset at)
    {
        using var transaction = connection.BeginTransaction();
        var id = connection.Scalar<long>("select coalesce(max(purge_id), 0) + 1 from purge", transaction);
        connection.Execute("insert into purge (purge_id, run_id, scope, state, at) values ($1, $2, $3, 'begun', $4)",
            transaction, id, runId, Sql.Snake(scope), Sql.Text(at));
        Choose(transaction, runId, rows, $"insert into purged_row (purge_id, row_id) select {id}, row_id from");
        transaction.Commit();
        return new Purge(id, runId, scope, PurgeState.Begun, at);
    }

    public void RecordPurgedArchive(long purgeId, long batchId, PurgedArchive archive) => connection.Execute(
        "insert into purged_archive (batch_id, purge_id, removed, file, bytes, sha256, lines, raw_bytes) values ($1, $2, $3, $4, $5, $6, $7, $8)"
        + " on conflict (batch_id) do update set purge_id = $2, removed = $3, file = $4, bytes = $5, sha256 = $6, lines = $7, raw_bytes = $8",
        null, batchId, purgeId, archive.Removed, archive.Left?.File, archive.Left?.Bytes, archive.Left?.Sha256, archive.Left?.Lines, archive.Left?.RawBytes);

    public void RecordPurgedRemote(long purgeId, long batchId, DateTimeOffset at) => connection.Execute(
        "insert into purged_remote (batch_id, purge_id, at) values ($1, $2, $3) on conflict do nothing", null, batchId, purgeId, Sql.Text(at));

    /// <summary>Duplicates of a run whose remote copy a purge deleted.</summary>
    public IReadOnlySet<string> PurgedDuplicates(long runId)
    {
        using var command = connection.Command(
            "select p.remote_id from purged_duplicate p join duplicate d on d.remote_id = p.remote_id join batch b on b.batch_id = d.batch_id"
            + " where b.run_id = $1", null, runId);
        using var reader = command.ExecuteReader();
        var ids = new HashSet<string>(StringComparer.Ordinal);
        while (reader.Read())
            ids.Add(reader.GetString(0));
        return ids;
    }

    public void RecordPurgedDuplicate(long purgeId, string remoteId, DateTimeOffset at) => connection.Execute(
        "insert into purged_duplicate (remote_id, purge_id, at) values ($1, $2, $3) on conflict do nothing", null, remoteId, purgeId, Sql.Text(at));

    /// <summary>The duplicate's archive is no longer there, on purpose; its length and checksum stay.</summary>
    public void ForgetDuplicateArchive(string remoteId) =>
        connection.Execute("update duplicate set archive_file = null where remote_id = $1", null, remoteId);

    /// <summary>begun → removed: the words of the rows leave the database, hashes and counts stay.</summary>
    public void RemoveRows(Purge purge, StandIn standIn)
    {
        connection.CreateFunction("muster_keyed", (byte[]? bytes) => bytes is null ? null : standIn.Hash(bytes), isDeterministic: true);
        connection.CreateFunction("muster_stand_in", (string key) => standIn.Of(key), isDeterministic: true);
        connection.Execute("pragma secure_delete = on");
        var keys = purge.Scope == PurgeScope.Keys ? KeysOfPurge(purge.Id).ToList() : null;
        using var transaction = connection.BeginTransaction();
        CutReasons(transaction, purge.RunId, keys);
        CutQueries(transaction, purge.RunId, keys);
        PurgeEvals(transaction, purge.RunId, keys?.Select(GoldKey).ToList(), standIn);
        connection.Execute(Sql.Named("purge_rows"), transaction, purge.Id);
        connection.Execute("update purge set state = 'removed' where purge_id = $1 and state = 'begun'", transaction, purge.Id);
        transaction.Commit();
    }

    /// <summary>removed → done: no free page, no unused byte of a page and no log holds what was removed.</summary>
    /// <returns>False when a reader beside us keeps the log from being emptied.</returns>
    public bool Scrub(Purge purge, DateTimeOffset at)
    {
        connection.Execute("vacuum");
        connection.Execute("update purge set state = 'done', done_at = $1 where purge_id = $2 and state = 'removed'", null, Sql.Text(at), purge.Id);
        if (Checkpointed())
            return true;
        connection.Execute("update purge set state = 'removed', done_at = null where purge_id = $1", null, purge.Id);
        return false;
    }

    /// <summary>An archive that was fetched again takes the place of one that was damaged.</summary>
    public void ReplaceArchive(long batchId, Archive archive) => connection.Execute(
        "update batch set archive_file = $1, archive_bytes = $2, archive_sha256 = $3, archive_lines = $4, archive_raw_bytes = $5"
        + " where batch_id = $6 and state = 'settled'", null, archive.File, archive.Bytes, archive.Sha256, archive.Lines, archive.RawBytes, batchId);

    private static string GoldKey(string key) => Evals.GoldRun.CaseOf(key) is { Length: > 0 } one ? one : key;

    private bool Checkpointed() => connection.Scalar<long>("pragma wal_checkpoint(truncate)") == 0;

    /// <summary>Why a run or a batch stopped may quote an id, and with it a key.</summary>
    private void CutReasons(SqliteTransaction transaction, long runId, List<string>? keys)
    {
        foreach (var (table, id) in new[] { ("run", "run_id"), ("batch", "batch_id") })
        {
            using var command = connection.Command($"select {id}, why from {table} where run_id = $1 and why is not null", transaction, runId);
            using var reader = command.ExecuteReader();
            var cut = new List<(long Id, string Why)>();
            while (reader.Read())
            {
                if (keys is null || keys.Exists(key => reader.GetString(1).Contains(key, StringComparison.Ordinal)))
                    cut.Add((reader.GetInt64(0), ReasonCode.Of(reader.GetString(1)) ?? "purged"));
            }

            reader.Close();
            foreach (var (row, why) in cut)
                connection.Execute($"update {table} set why = $1 where {id} = $2", transaction, why, row);
        }
    }

    /// <summary>A selector may name keys and answers.</summary>
    private void CutQueries(SqliteTransaction transaction, long runId, List<string>? keys)
    {
        using var command = connection.Command("select run_id, query from rerun where run_id = $1 or parent_run_id = $1", transaction, runId);
        using var reader = command.ExecuteReader();
        var cut = new List<long>();
        while (reader.Read())
        {
            if (keys is null || keys.Exists(key => reader.GetString(1).Contains(key, StringComparison.Ordinal)))
                cut.Add(reader.GetInt64(0));
        }

        reader.Close();
        foreach (var run in cut)
            connection.Execute("update rerun set query = 'purged' where run_id = $1", transaction, run);
    }

    private void Choose(SqliteTransaction? transaction, long runId, IReadOnlyCollection<long>? rows, string insertFrom)
    {
        if (rows is null)
        {
            connection.Execute($"{insertFrom} row where run_id in ($1, -$1) and row_id not in ({PurgedRows})", transaction, runId);
            return;
        }

        using var one = new Statement(connection, $"{insertFrom} row where row_id = ?1 and row_id not in ({PurgedRows})");
        foreach (var row in rows)
            one.With(row).Run();
    }

    private List<long> Ids(string sql, params object?[] values)
    {
        using var command = connection.Command(sql, null, values);
        using var reader = command.ExecuteReader();
        var ids = new List<long>();
        while (reader.Read())
            ids.Add(reader.GetInt64(0));
        return ids;
    }
}
