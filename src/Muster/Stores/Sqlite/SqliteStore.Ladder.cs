using System.Text.Json;
using Muster.Runs;

namespace Muster.Stores.Sqlite;

/// <summary>What a report counts over all rows of a run. The database counts; no row is held.</summary>
internal sealed partial class SqliteStore
{
    public Task<Ladder> LadderAsync(long runId, CancellationToken cancellationToken = default) =>
        Task.FromResult(new Ladder(Flows(runId), Uses(runId), Reserved(runId)));

    public Task<IReadOnlyList<ValuePair>> ValuesAsync(long runId, ValueQuery query, CancellationToken cancellationToken = default)
    {
        // A path has no escape for these; the contract's reader leaves such properties out.
        if (query.Property.AsSpan().ContainsAny('"', '\\'))
            throw new ArgumentException($"{query.Property} cannot be written as a path.", nameof(query));
        using var command = connection.Command(Sql.Named("value_pairs"), null, runId, $"$.\"{query.Property}\"",
            query.SourceColumn is { } column ? $"$[{column}]" : null, JsonSerializer.Serialize(query.Known));
        using var reader = command.ExecuteReader();
        var pairs = new List<ValuePair>();
        while (reader.Read())
            pairs.Add(new ValuePair(reader.GetInt32(0), reader.GetInt32(1), reader.GetInt64(2)));
        return Task.FromResult<IReadOnlyList<ValuePair>>(pairs);
    }

    private List<RowFlow> Flows(long runId)
    {
        using var command = connection.Command(
            "select tier, state, attempt > 0, count(*) from row where run_id = $1 group by 1, 2, 3 order by 1, 2, 3", null, runId);
        using var reader = command.ExecuteReader();
        var flows = new List<RowFlow>();
        while (reader.Read())
            flows.Add(new RowFlow(reader.GetInt32(0), (RowState)reader.GetInt32(1), reader.GetBoolean(2), reader.GetInt64(3)));
        return flows;
    }

    private List<TierUse> Uses(long runId)
    {
        using var command = connection.Command(Sql.Named("ladder_use"), null, runId);
        using var reader = command.ExecuteReader();
        var uses = new List<TierUse>();
        while (reader.Read())
        {
            uses.Add(new TierUse(new Usage(reader.GetInt32(0), reader.GetString(1), reader.GetInt64(3), reader.GetInt64(4), reader.GetInt64(5), reader.GetInt64(6),
                reader.GetInt64(7), reader.GetInt64(8), reader.GetInt64(9), reader.GetInt64(10), reader.GetInt64(11), reader.GetInt64(12)), reader.GetBoolean(2)));
        }

        return uses;
    }

    private Dictionary<int, long> Reserved(long runId)
    {
        using var command = connection.Command(
            "select tier, sum(reserved_pico) from batch where run_id = $1 and state <> 'withdrawn' group by tier", null, runId);
        using var reader = command.ExecuteReader();
        var reserved = new Dictionary<int, long>();
        while (reader.Read())
            reserved[reader.GetInt32(0)] = reader.GetInt64(1);
        return reserved;
    }
}
