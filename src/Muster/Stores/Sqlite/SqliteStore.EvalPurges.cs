using System.Text.Json;
using Microsoft.Data.Sqlite;
using Muster.Evals;
using Muster.Purges;

namespace Muster.Stores.Sqlite;

internal sealed partial class SqliteStore
{
    /// <summary>The words of purged rows in what evals keep of a run: the copy of its set, the keys in its grades, what held its promotion.</summary>
    /// <param name="keys">Null for the whole run.</param>
    private void PurgeEvals(SqliteTransaction transaction, long runId, IReadOnlyCollection<string>? keys, StandIn standIn)
    {
        var gone = keys?.ToHashSet(StringComparer.Ordinal);
        PurgeGrades(transaction, runId, gone, standIn);
        PurgeEvalSet(transaction, runId, gone);
        using var command = connection.Command("select override_id, holds from promotion_override where run_id = $1", transaction, runId);
        using var reader = command.ExecuteReader();
        var cut = new List<long>();
        while (reader.Read())
        {
            if (gone is null || gone.Any(key => reader.GetString(1).Contains(JsonEncodedText.Encode(key).ToString(), StringComparison.Ordinal)))
                cut.Add(reader.GetInt64(0));
        }

        reader.Close();
        foreach (var id in cut)
            connection.Execute("update promotion_override set holds = '[\"purged\"]' where override_id = $1", transaction, id);
    }

    private void PurgeGrades(SqliteTransaction transaction, long runId, HashSet<string>? gone, StandIn standIn)
    {
        using var command = connection.Command("select grade_id, grade from eval_grade where run_id = $1", transaction, runId);
        using var reader = command.ExecuteReader();
        var rewritten = new List<(long Id, string Grade)>();
        while (reader.Read())
        {
            var grade = GradeJson.Read(reader.GetString(1), "", 1, "", "");
            rewritten.Add((reader.GetInt64(0), GradeJson.Write(grade with
            {
                Cases = [.. grade.Cases.Select(one => gone?.Contains(one.Key) != false ? one with { Key = standIn.Of(one.Key) } : one)],
            })));
        }

        reader.Close();
        foreach (var (id, grade) in rewritten)
            connection.Execute("update eval_grade set grade = $1 where grade_id = $2", transaction, grade, id);
    }

    /// <summary>The file is its owner's; of our copy nothing is needed once every run of it is over.</summary>
    private void PurgeEvalSet(SqliteTransaction transaction, long runId, HashSet<string>? gone)
    {
        const string others = " and not exists (select 1 from eval_run o join run r on r.run_id = o.run_id where o.set_hash = eval_set.hash and r.state not in ('done', 'canceled'))";
        var body = connection.Command("select s.body from eval_run r join eval_set s on s.hash = r.set_hash where r.run_id = $1", transaction, runId);
        using (body)
        {
            if (body.ExecuteScalar() is not byte[] bytes
                || (gone is not null && !EvalSetReader.Read(bytes, "the store", schemaJson: null).Cases.Any(one => gone.Contains(one.Key))))
                return;
        }

        connection.Execute($"update eval_set set body = null where hash = (select set_hash from eval_run where run_id = $1){others}", transaction, runId);
    }
}
