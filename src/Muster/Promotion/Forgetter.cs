namespace Muster.Promotion;

/// <summary>What a purge takes out of a target's promotion log. The target's own rows stay as they are: they are not ours.</summary>
/// <param name="RunId">The run as the target knows it.</param>
/// <param name="Keys">Keys whose images go, in every promotion of the target; null for all of this run's promotions.</param>
/// <param name="StandIn">What is written where a key was.</param>
public sealed record ForgetRequest(string RunId, IReadOnlyCollection<string>? Keys, Func<string, string> StandIn);

/// <summary>Removes images and keys from the promotion log. A row without its key is left alone by a rollback.</summary>
internal sealed class Forgetter(PromotionWork work)
{
    /// <returns>Lines of the log that lost their images.</returns>
    internal long Forget(ForgetRequest request)
    {
        var database = work.Database;
        if (!ReceiptReader.HasTables(database))
            return 0;
        database.Run("pragma secure_delete = on");
        database.Connection.CreateFunction("muster_stand_in", (string key) => request.StandIn(key), isDeterministic: true);
        database.Run("begin immediate");
        // An unapplied plan quotes values in its examples; planning again costs nothing.
        database.Run(
            """
            delete from main.muster_plan_row where plan in (select seq from main.muster_plan where target = $target and ($all = 0 or run_id = $run));
            delete from main.muster_plan where target = $target and ($all = 0 or run_id = $run);
            """, ("$target", work.Table), ("$run", request.RunId), ("$all", request.Keys is null ? 1 : 0));
        var forgotten = request.Keys is null ? Run(request.RunId) : request.Keys.Sum(Key);
        database.Run("commit");
        database.Run("pragma wal_checkpoint(truncate)");
        return forgotten;
    }

    private long Run(string runId)
    {
        var database = work.Database;
        const string those = "(select seq from main.muster_promotion where target = $target and run_id = $run)";
        var lines = database.Run(
            $"""
            update main.muster_promotion_row set before = null, after = null, detail = null, key = muster_stand_in(key)
            where promotion in {those} and key not like 'purged-%'
            """, ("$target", work.Table), ("$run", runId));
        database.Run(
            "update main.muster_promotion set state = 'final', ended_at = $at where target = $target and run_id = $run and state = 'live'",
            ("$target", work.Table), ("$run", runId), ("$at", work.Time.GetUtcNow().ToString("O")));
        return lines;
    }

    private long Key(string key) => work.Database.Run(
        """
        update main.muster_promotion_row set before = null, after = null, detail = null, key = muster_stand_in(key)
        where key = $key and promotion in (select seq from main.muster_promotion where target = $target)
        """, ("$key", key), ("$target", work.Table));
}
