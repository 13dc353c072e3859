using System.Runtime.CompilerServices;
using System.Text.Json;
using Microsoft.Data.Sqlite;
using Muster.Pilots;
using Muster.Runs;

namespace Muster.Stores.Sqlite;

internal sealed partial class SqliteStore
{
    public Task<RunPick?> PickAsync(long runId, CancellationToken cancellationToken = default)
    {
        using var command = connection.Command("select seed, records, askable, mix from pick where run_id = $1", null, runId);
        using var reader = command.ExecuteReader();
        if (!reader.Read())
            return Task.FromResult<RunPick?>(null);
        return Task.FromResult<RunPick?>(new RunPick(ulong.Parse(reader.GetString(0), System.Globalization.CultureInfo.InvariantCulture), reader.GetInt64(1), reader.GetInt64(2),
            JsonSerializer.Deserialize<StratumShare[]>(reader.GetString(3))!, PickedRows(runId)));
    }

    public async IAsyncEnumerable<PickedResult> ReadPickedAsync(long runId, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        using var command = connection.Command(Sql.Named("picked_results"), null, runId);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (reader.Read())
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return new PickedResult(reader.Text(0), reader.GetString(1), (Stratum)reader.GetInt32(2), (RowState)reader.GetInt32(3), reader.GetInt32(4),
                reader.Text(5), reader.Text(6), Bytes(reader, 7), Bytes(reader, 8),
                new PickedUse(reader.GetInt32(9), reader.GetInt64(10), reader.GetInt64(11), reader.GetInt64(12)))
            {
                Ruling = reader.IsDBNull(13) ? null : new PickedRuling(reader.GetInt64(13), (RowState)reader.GetInt32(14), Bytes(reader, 15)),
            };
        }
    }

    public Task LockPilotAsync(PilotLock pilot, CancellationToken cancellationToken = default)
    {
        connection.Execute(
            "insert into pilot_lock (job, job_version, run_id, locked_at, who, pass_rate, rows, eval_set_sha256, rows_read) values ($1, $2, $3, $4, $5, $6, $7, $8, $9)"
            + " on conflict (job, job_version) do update set run_id = $3, locked_at = $4, who = $5, pass_rate = $6, rows = $7, eval_set_sha256 = $8, rows_read = $9",
            null, pilot.Job, pilot.JobVersion, pilot.RunId, Sql.Text(pilot.LockedAt), pilot.Who, pilot.PassRate, pilot.Rows, pilot.EvalSetSha256, pilot.Read);
        return Task.CompletedTask;
    }

    public Task<PilotLock?> PilotLockAsync(string job, string version, CancellationToken cancellationToken = default)
    {
        using var command = connection.Command(
            "select run_id, locked_at, who, pass_rate, rows, eval_set_sha256, rows_read from pilot_lock where job = $1 and job_version = $2", null, job, version);
        using var reader = command.ExecuteReader();
        return Task.FromResult(reader.Read()
            ? new PilotLock(job, version, reader.GetInt64(0), Sql.Time(reader.GetString(1)), reader.GetString(2), reader.GetDouble(3), reader.GetInt64(4), reader.GetString(5))
            {
                Read = reader.IsDBNull(6) ? null : reader.GetInt64(6),
            }
            : null);
    }

    private static ReadOnlyMemory<byte> Bytes(SqliteDataReader reader, int column) => reader.IsDBNull(column) ? default : (byte[])reader.GetValue(column);

    private List<PickedRow> PickedRows(long runId)
    {
        using var command = connection.Command("select record, line, stratum from picked_row where run_id = $1 order by record", null, runId);
        using var reader = command.ExecuteReader();
        var rows = new List<PickedRow>();
        while (reader.Read())
            rows.Add(new PickedRow(reader.GetInt64(0), reader.GetString(1), (Stratum)reader.GetInt32(2)));
        return rows;
    }

    private void RecordPick(SqliteTransaction transaction, long runId, RunPick pick)
    {
        connection.Execute("insert into pick (run_id, seed, records, askable, mix) values ($1, $2, $3, $4, $5)", transaction,
            runId, pick.Seed.ToString(System.Globalization.CultureInfo.InvariantCulture), pick.Records, pick.Askable, JsonSerializer.Serialize(pick.Mix));
        foreach (var row in pick.Rows)
        {
            connection.Execute("insert into picked_row (run_id, record, line, stratum) values ($1, $2, $3, $4)", transaction,
                runId, row.Record, row.Line, (int)row.Stratum);
        }
    }
}
