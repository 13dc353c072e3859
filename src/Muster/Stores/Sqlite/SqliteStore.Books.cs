using System.Runtime.CompilerServices;
using Muster.Batches;
using Muster.Runs;
using Muster.Sources;
using Muster.Staging;
using Muster.Verdicts;

namespace Muster.Stores.Sqlite;

internal sealed partial class SqliteStore
{
    public Task<Ledger> LedgerAsync(long runId, CancellationToken cancellationToken = default)
    {
        using var command = connection.Command(
            "select state, rows from ledger where run_id = $1 union all"
            + " select -1, records - merged from run where run_id = $1", null, runId);
        using var reader = command.ExecuteReader();
        var by = new long[9];
        while (reader.Read())
            by[reader.GetInt32(0) + 1] = reader.GetInt64(1);
        long Of(RowState state) => by[(int)state + 1];
        return Task.FromResult(new Ledger(by[0], Of(RowState.Succeeded), Of(RowState.Errored), Of(RowState.Expired), Of(RowState.Canceled),
            Of(RowState.Quarantined), Of(RowState.HumanQueued), Of(RowState.Pending), Of(RowState.InFlight)));
    }

    public Task<LaneUse> LaneUseAsync(long runId, CancellationToken cancellationToken = default)
    {
        using var command = connection.Command(
            "select count(*), coalesce(sum(s.type = 0), 0), coalesce(sum(w.batch_id = b.batch_id and w.state = $2 and substr(w.reason, 1, length($3)) = $3), 0),"
            + " coalesce(sum(s.cost_pico), 0) from batch b join request r on r.batch_id = b.batch_id join row w on w.row_id = r.row_id"
            + " left join result s on s.request_id = r.request_id where b.run_id = $1 and b.lane = 'synchronous'",
            null, runId, Number(RowState.Errored), Reasons.FallbackFailed);
        using var reader = command.ExecuteReader();
        reader.Read();
        return Task.FromResult(new LaneUse(reader.GetInt64(0), reader.GetInt64(1), reader.GetInt64(2), reader.GetInt64(3)));
    }

    public Task<IReadOnlyList<Usage>> UsageAsync(long runId, CancellationToken cancellationToken = default)
    {
        using var command = connection.Command(
            "select u.tier, m.name, requests, input_tokens, output_tokens, cache_5m, cache_1h, cache_read, thinking, cost_pico, sync_pico,"
            + " unpriced from usage u join model m on m.model_id = u.model_id where run_id = $1 order by u.tier, m.name", null, runId);
        using var reader = command.ExecuteReader();
        var usage = new List<Usage>();
        while (reader.Read())
        {
            usage.Add(new Usage(reader.GetInt32(0), reader.GetString(1), reader.GetInt64(2), reader.GetInt64(3), reader.GetInt64(4),
                reader.GetInt64(5), reader.GetInt64(6), reader.GetInt64(7), reader.GetInt64(8), reader.GetInt64(9), reader.GetInt64(10),
                reader.GetInt64(11)));
        }

        return Task.FromResult<IReadOnlyList<Usage>>(usage);
    }

    public Task<IReadOnlyList<ReasonCount>> ReasonsAsync(long runId, CancellationToken cancellationToken = default)
    {
        using var command = connection.Command(
            "select state, reason, count(*) from row where run_id = $1 and state > 2 group by 1, 2 order by 3 desc, 2", null, runId);
        using var reader = command.ExecuteReader();
        var reasons = new List<ReasonCount>();
        while (reader.Read())
            reasons.Add(new ReasonCount((RowState)reader.GetInt32(0), reader.Text(1) ?? "", reader.GetInt64(2)));
        return Task.FromResult<IReadOnlyList<ReasonCount>>(reasons);
    }

    public Task<IReadOnlyDictionary<long, CoveredLines>> CoveredLinesAsync(long runId, CancellationToken cancellationToken = default)
    {
        using var command = connection.Command(
            "select b.batch_id, f.line, l.line from batch b join row f on f.row_id = b.first_row_id join row l on l.row_id = b.last_row_id"
            + " where b.run_id = $1", null, runId);
        using var reader = command.ExecuteReader();
        var covered = new Dictionary<long, CoveredLines>();
        while (reader.Read())
            covered[reader.GetInt64(0)] = new CoveredLines(reader.GetString(1), reader.GetString(2));
        return Task.FromResult<IReadOnlyDictionary<long, CoveredLines>>(covered);
    }

    public async IAsyncEnumerable<StagedRow> StagedAsync(long runId, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        using var command = connection.Command(
            // A cross join keeps this order of tables: any other would sort every output.
            "select w.key, s.attempt, s.output, i.input from staging s cross join row w on w.row_id = s.row_id"
            + $" cross join row_input i on i.row_id = s.row_id where w.run_id = $1 and w.state = 2 and {Standing} order by s.row_id", null, runId);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (reader.Read())
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return new StagedRow(reader.GetString(0), reader.GetInt32(1), (byte[])reader.GetValue(2),
                SourceRow.SourceHash((byte[])reader.GetValue(3)));
        }
    }

    public async IAsyncEnumerable<EvidenceRow> EvidenceAsync(long runId, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        using var command = connection.Command(
            $"select w.key, w.line, w.state, w.reason, e.message, e.output, w.row_id, w.attempt, not {Standing} from row w left join evidence e on e.row_id = w.row_id"
            + " where w.run_id = $1 and w.state > 2 order by w.row_id", null, runId);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (reader.Read())
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return new EvidenceRow(reader.Text(0), reader.GetString(1), (RowState)reader.GetInt32(2), reader.Text(3) ?? "",
                reader.Text(4), reader.IsDBNull(5) ? default(ReadOnlyMemory<byte>) : (byte[])reader.GetValue(5))
            {
                RowId = reader.GetInt64(6), Attempt = reader.GetInt32(7), IsTakenOver = reader.GetInt32(8) != 0,
            };
        }
    }

    public async Task<IReadOnlyList<string>> AuditAsync(long runId, CancellationToken cancellationToken = default)
    {
        var findings = new List<string>();
        using var command = connection.Command(Sql.Named("audit"), null, runId);
        using var reader = command.ExecuteReader();
        while (reader.Read())
            findings.Add(reader.GetString(0));
        var ledger = await LedgerAsync(runId, cancellationToken);
        if (!ledger.Balances)
            findings.Add($"the ledger does not balance: {ledger}");
        if (HasGold(runId))
            findings.AddRange((await AuditAsync(Evals.GoldRun.IdOf(runId), cancellationToken)).Select(finding => $"gold rows: {finding}"));
        return findings;
    }
}
