using Microsoft.Data.Sqlite;
using Muster.Batches;
using Muster.Results;

namespace Muster.Stores.Sqlite;

internal sealed partial class SqliteStore
{
    private const string BatchColumns =
        "batch_id, name, run_id, tier, state, nonce, requests, body_bytes, body_sha256, api_version, sealed_at, gate_at, why, remote_id,"
        + " proof, remote_status, processing, succeeded, errored, canceled, expired, created_at, expires_at, ended_at, archived_at,"
        + " cancel_initiated_at, next_poll_at, archive_file, archive_bytes, archive_sha256, archive_lines, archive_raw_bytes, first_row_id,"
        + " last_row_id, listed_until, lane";

    private List<Batch> ReadBatches(string where, params object?[] values)
    {
        using var command = connection.Command($"select {BatchColumns} from batch {where}", null, values);
        using var reader = command.ExecuteReader();
        var batches = new List<Batch>();
        while (reader.Read())
        {
            batches.Add(new Batch
            {
                Id = reader.GetInt64(0),
                Name = reader.GetString(1),
                RunId = reader.GetInt64(2),
                Tier = reader.GetInt32(3),
                State = Sql.Parse<BatchState>(reader.GetString(4)),
                Nonce = reader.GetString(5),
                Requests = reader.GetInt32(6),
                BodyBytes = reader.GetInt64(7),
                BodySha256 = reader.GetString(8),
                ApiVersion = reader.GetString(9),
                SealedAt = Sql.Time(reader.GetString(10)),
                GateAt = reader.Time(11),
                Why = reader.Text(12),
                RemoteId = reader.Text(13),
                Proof = reader.Text(14) is { } proof ? Sql.Parse<Proof>(proof) : null,
                Remote = reader.IsDBNull(15) ? null : ReadRemote(reader),
                NextPollAt = reader.Time(26),
                Archive = reader.IsDBNull(27)
                    ? null
                    : new Archive(reader.GetString(27), reader.GetInt64(28), reader.GetString(29), reader.GetInt32(30), reader.GetInt64(31)),
                FirstRowId = reader.GetInt64(32),
                LastRowId = reader.GetInt64(33),
                ListedUntil = reader.Time(34),
                Lane = Sql.Parse<Lane>(reader.GetString(35)),
            });
        }

        return batches;
    }

    private static RemoteBatch ReadRemote(SqliteDataReader reader) =>
        new(reader.GetString(13), Sql.Parse<RemoteStatus>(reader.GetString(15)),
            new RequestCounts(reader.GetInt32(16), reader.GetInt32(17), reader.GetInt32(18), reader.GetInt32(19), reader.GetInt32(20)),
            Sql.Time(reader.GetString(21)), Sql.Time(reader.GetString(22)), reader.Time(23), reader.Time(24), reader.Time(25));
}
