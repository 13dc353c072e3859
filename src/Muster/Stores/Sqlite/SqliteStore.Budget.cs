namespace Muster.Stores.Sqlite;

internal sealed partial class SqliteStore
{
    public Task<int> FailedBatchesAsync(long runId, CancellationToken cancellationToken = default) =>
        Task.FromResult((int)connection.Scalar<long>(
            "select count(*) from batch where run_id = $1 and state = 'settled' and lane = 'batch' and 2 * failed > requests", null, runId));
}
