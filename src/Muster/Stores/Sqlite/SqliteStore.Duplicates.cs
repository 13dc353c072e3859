using Muster.Batches;
using Muster.Results;

namespace Muster.Stores.Sqlite;

internal sealed partial class SqliteStore
{
    public Task<bool> RecordDuplicateAsync(long batchId, string remoteId, DateTimeOffset at, CancellationToken cancellationToken = default) =>
        Task.FromResult(1 == connection.Execute(
            "insert into duplicate (remote_id, batch_id, found_at) values ($1, $2, $3) on conflict do nothing", null, remoteId, batchId, Sql.Text(at)));

    public Task BookDuplicateAsync(string remoteId, DuplicateBill bill, CancellationToken cancellationToken = default)
    {
        connection.Execute(
            "update duplicate set succeeded = $1, input_tokens = $2, output_tokens = $3, cache_tokens = $4, cost_pico = $5, unpriced = $6,"
            + " archive_file = $7, archive_bytes = $8, archive_sha256 = $9, archive_lines = $10, archive_raw_bytes = $11"
            + " where remote_id = $12 and succeeded is null",
            null, bill.Succeeded, bill.InputTokens, bill.OutputTokens, bill.CacheTokens, bill.CostPicoUsd, bill.Unpriced,
            bill.Archive?.File, bill.Archive?.Bytes, bill.Archive?.Sha256, bill.Archive?.Lines, bill.Archive?.RawBytes, remoteId);
        return Task.CompletedTask;
    }

    public Task<IReadOnlyList<Duplicate>> DuplicatesAsync(long runId, CancellationToken cancellationToken = default)
    {
        using var command = connection.Command(
            "select d.remote_id, d.batch_id, d.succeeded, d.input_tokens, d.output_tokens, d.cache_tokens, d.cost_pico, d.unpriced, d.archive_file,"
            + " d.archive_bytes, d.archive_sha256, d.archive_lines, d.archive_raw_bytes"
            + " from duplicate d join batch b on b.batch_id = d.batch_id where b.run_id = $1 order by d.found_at, d.remote_id", null, runId);
        using var reader = command.ExecuteReader();
        var duplicates = new List<Duplicate>();
        while (reader.Read())
        {
            var archive = reader.IsDBNull(8)
                ? null
                : new Archive(reader.GetString(8), reader.GetInt64(9), reader.GetString(10), reader.GetInt32(11), reader.GetInt64(12));
            var bill = reader.IsDBNull(2)
                ? null
                : new DuplicateBill(reader.GetInt64(2), reader.GetInt64(3), reader.GetInt64(4), reader.GetInt64(5), reader.GetInt64(6), reader.GetInt64(7), archive);
            duplicates.Add(new Duplicate(reader.GetString(0), reader.GetInt64(1), bill));
        }

        return Task.FromResult<IReadOnlyList<Duplicate>>(duplicates);
    }
}
