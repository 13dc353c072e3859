using System.Text.Json;
using Muster.Runs;

namespace Muster.Stores.Sqlite;

/// <summary>What a report counts over all rows of a run. The database counts; no row is held.</summary>
internal sealed partial class SqliteStore
{
    public async Task<Ladder> LadderAsync(long runId, CancellationToken cancellationToken = default)
    {
        var flows = Flows(runId);
        var furthest = flows.Select(flow => flow.Tier).DefaultIfEmpty(0).Max();
        var uses = new List<TierUse>();
        foreach (var usage in await UsageAsync(runId, cancellationToken))
        {
            var climbed = usage.Tier < furthest ? Climbed(runId, usage) : null;
            uses.Add(new TierUse(climbed is null ? usage : Less(usage, climbed), HasClimbed: false));
            if (climbed is not null)
                uses.Add(new TierUse(climbed, HasClimbed: true));
        }

        return new Ladder(flows, uses, Reserved(runId));
    }

    public Task<IReadOnlyList<ValuePair>> ValuesAsync(long runId, ValueQuery query, CancellationToken cancellationToken = default)
    {
        // A path has no escape for these; the contract's reader leaves such properties out.
        if (query.Property.AsSpan().ContainsAny('"', '\\'))
            throw new ArgumentException($"{query.Property} cannot be written as a path.", nameof(query));
        using var command = connection.Command(Sql.Named("value_pairs"), null, runId, $"$.\"{query.Property}\"",
            query.SourceColumn is { } column ? $"$[{column}]" : null, JsonSerializer.Serialize(query.Known));
        using var reader = command.ExecuteReader();
        var counts = new SortedDictionary<(int Before, int After), long>();
        while (reader.Read())
        {
            cancellationToken.ThrowIfCancellationRequested();
            var pair = (reader.GetInt32(0), reader.GetInt32(1));
            counts[pair] = counts.GetValueOrDefault(pair) + 1;
        }

        return Task.FromResult<IReadOnlyList<ValuePair>>([.. counts.Select(count => new ValuePair(count.Key.Before, count.Key.After, count.Value))]);
    }

    /// <summary>Counted as they pass: a group by would sort all rows first, and hold them.</summary>
    private List<RowFlow> Flows(long runId)
    {
        using var command = connection.Command("select tier, state, attempt > 0 from row where run_id = $1", null, runId);
        using var reader = command.ExecuteReader();
        var counts = new SortedDictionary<(int Tier, int State, bool IsAsked), long>();
        while (reader.Read())
        {
            var place = (reader.GetInt32(0), reader.GetInt32(1), reader.GetBoolean(2));
            counts[place] = counts.GetValueOrDefault(place) + 1;
        }

        return [.. counts.Select(count => new RowFlow(count.Key.Tier, (RowState)count.Key.State, count.Key.IsAsked, count.Value))];
    }

    private Usage? Climbed(long runId, Usage of)
    {
        using var command = connection.Command(Sql.Named("climbed_use"), null, runId, of.Tier, of.Model);
        using var reader = command.ExecuteReader();
        return reader.Read() && reader.GetInt64(0) > 0
            ? new Usage(of.Tier, of.Model, reader.GetInt64(0), reader.GetInt64(1), reader.GetInt64(2), reader.GetInt64(3), reader.GetInt64(4), reader.GetInt64(5),
                reader.GetInt64(6), reader.GetInt64(7), reader.GetInt64(8), reader.GetInt64(9))
            : null;
    }

    private static Usage Less(Usage all, Usage part) => new(all.Tier, all.Model, all.Requests - part.Requests, all.InputTokens - part.InputTokens, all.OutputTokens - part.OutputTokens,
        all.CacheWrite5mTokens - part.CacheWrite5mTokens, all.CacheWrite1hTokens - part.CacheWrite1hTokens, all.CacheReadTokens - part.CacheReadTokens, all.ThinkingTokens - part.ThinkingTokens,
        all.CostPicoUsd - part.CostPicoUsd, all.SyncPicoUsd - part.SyncPicoUsd, all.Unpriced - part.Unpriced);

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
