using System.Runtime.CompilerServices;
using Microsoft.Data.Sqlite;
using Muster.Drift;
using Muster.Results;
using Muster.Runs;
using Muster.Selections;
using Muster.Verdicts;

namespace Muster.Stores.Sqlite;

internal sealed partial class SqliteStore
{
    private const double PicoPerUsd = 1e12;

    // A cross join keeps this order of tables: the rows of a run lie together, and any other order would sort them.
    private const string AnsweredRows =
        """
        select w.key, w.line, w.state, w.tier, w.variant, w.reason, i.input, coalesce(s.output, e.output), b.name, t.type, n.name,
               t.input_tokens, t.output_tokens, t.cache_5m, t.cache_1h, t.cache_read, t.thinking, t.cost_pico
        from row w not indexed
        left join row_input i on i.row_id = w.row_id
        left join staging s on s.row_id = w.row_id
        left join evidence e on w.state = 7 and e.row_id = w.row_id
        left join batch b on b.batch_id = w.batch_id
        left join request q on q.batch_id = w.batch_id and q.row_id = w.row_id
        left join result t on t.request_id = q.request_id
        left join model n on n.model_id = t.model_id
        """;

    /// <summary>Rows of one run of a family that no later rerun took over, in source order, with what answered them last.</summary>
    /// <param name="maxTokens">By tier.</param>
    public async IAsyncEnumerable<RunRow> AnsweredRowsAsync(Run run, IReadOnlyList<int> maxTokens, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        using var command = connection.Command($"{AnsweredRows} where w.run_id = $1 and {Standing} order by w.row_id", null, run.Id);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (reader.Read())
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return Answered(reader, maxTokens);
        }
    }

    /// <summary>The row of a key as it stands; null when the family has none.</summary>
    public (RunRow Row, RowState State)? Answer(RunFamily family, string key)
    {
        foreach (var run in family.Runs)
        {
            using var command = connection.Command(
                $"{AnsweredRows.Replace("row w not indexed", "row w", StringComparison.Ordinal)} where w.run_id = $1 and w.key = $2 and {Standing}", null, run.Id, key);
            using var reader = command.ExecuteReader();
            if (reader.Read())
                return (Answered(reader, []), (RowState)reader.GetInt32(2));
        }

        return null;
    }

    /// <summary>How many rows a run has, and the sum of the hashes of their keys, without a look at what answered them.</summary>
    public LedgerCount CountKeys(Run run)
    {
        using var command = connection.Command("select coalesce(key, line) from row where run_id = $1", null, run.Id);
        using var reader = command.ExecuteReader();
        var (rows, sum) = (0L, 0UL);
        while (reader.Read())
        {
            rows++;
            unchecked
            {
                sum += Profiler.KeyHash(reader.GetString(0));
            }
        }

        return new LedgerCount(rows, sum);
    }

    private static RunRow Answered(SqliteDataReader reader, IReadOnlyList<int> maxTokens)
    {
        var (state, tier, reason) = ((RowState)reader.GetInt32(2), reader.GetInt32(3), reader.Text(5));
        var isAnswered = !reader.IsDBNull(9) && reader.GetInt32(9) == (int)ResultType.Succeeded;
        return new RunRow
        {
            Key = reader.Text(0) ?? reader.GetString(1),
            Input = Bytes(reader, 6),
            Output = Bytes(reader, 7),
            Reason = state == RowState.Succeeded ? null : reason ?? Reasons.Canceled,
            Batch = reader.Text(8),
            StopReason = isAnswered ? StopReasonOf(reason) : null,
            Model = isAnswered ? reader.Text(10) : null,
            Tokens = isAnswered ? Tokens(reader) : default,
            // The larger cap of a second try is the model's affair, so such a row has none that is known here.
            MaxTokens = reader.GetInt32(4) == (int)Requests.VariantKind.LargerCap ? 0 : maxTokens.ElementAtOrDefault(tier),
            CostUsd = reader.IsDBNull(17) ? 0 : reader.GetInt64(17) / PicoPerUsd,
        };
    }

    private static TokenCounts Tokens(SqliteDataReader reader) => new(
        reader.GetInt64(11), reader.GetInt64(12), reader.GetInt64(13), reader.GetInt64(14), reader.GetInt64(15), reader.GetInt64(16), 0, InUs: false);

    /// <summary>The stop reason stands in the archives alone; the reason code of the last answer follows from it.</summary>
    private static string StopReasonOf(string? reason) => reason switch
    {
        Reasons.MaxTokens => "max_tokens",
        Reasons.Refusal => "refusal",
        not null when reason.StartsWith(Reasons.StopUnexpected + ".", StringComparison.Ordinal) => reason[(Reasons.StopUnexpected.Length + 1)..],
        _ => "end_turn",
    };
}
