using Muster.Verdicts;

namespace Muster.Stores.Sqlite;

internal sealed partial class SqliteStore
{
    // The remote's counts rule out most batches; only of the others are the requests looked at.
    public Task<int> FailedBatchesAsync(long runId, CancellationToken cancellationToken = default) =>
        Task.FromResult((int)connection.Scalar<long>(
            "select count(*) from batch b where b.run_id = $1 and b.state = 'settled' and 2 * (b.errored + b.expired) > b.requests and b.requests <"
            + " 2 * (select count(*) from request r join result s on s.request_id = r.request_id join row w on w.row_id = r.row_id"
            + " where r.batch_id = b.batch_id and (s.type = 3 or (s.type = 1 and substr(coalesce(w.reason, ''), 1, length($2)) <> $2)))",
            null, runId, Reasons.RowInvalid));
}
