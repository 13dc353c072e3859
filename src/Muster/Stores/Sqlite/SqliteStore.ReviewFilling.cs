using Microsoft.Data.Sqlite;
using Muster.Review;
using Muster.Runs;

namespace Muster.Stores.Sqlite;

internal sealed partial class SqliteStore
{
    // Both, because SQLite takes the partial index of rows set aside only for its own words.
    private const string Waiting = "w.state = 7 and w.state > 2";

    private const string NoItem = "not exists (select 1 from review_item i where i.row_id = w.row_id and i.attempt = w.attempt)";

    /// <summary>Rows that passed by themselves and stand: accepted, and never decided, drawn or taken over.</summary>
    private string Untouched(SqliteTransaction transaction) =>
        $"w.run_id = $1 and w.state = 2 and {NoItem} and {StandingIn(transaction)} and not exists (select 1 from decided_row d where d.row_id = w.row_id)";

    /// <summary>One row of each reason first, then those whose reason is the most frequent.</summary>
    private long AddWaiting(SqliteTransaction transaction, long runId, DateTimeOffset at)
    {
        var waiting = $"w.run_id = $1 and {Waiting} and {NoItem} and {StandingIn(transaction)}";
        var reasons = new List<(string Reason, long Rows)>();
        using (var command = connection.Command(
            $"select coalesce(w.reason, ''), count(*) from row w where {waiting} group by 1", transaction, runId))
        using (var reader = command.ExecuteReader())
        {
            while (reader.Read())
                reasons.Add((reader.GetString(0), reader.GetInt64(1)));
        }

        long added = 0;
        foreach (var (reason, rows) in reasons)
        {
            var priority = ReviewOrder.Priority(rows);
            added += connection.Execute(
                "insert into review_item (run_id, row_id, attempt, kind, priority, incl_prob, min_votes, state, opened_at)"
                + " select w.run_id, w.row_id, w.attempt, 'human', case when row_number() over (order by w.row_id) = 1 then $2 else 0 end + $3, 1, 1, 'open', $4"
                + $" from row w where {waiting} and coalesce(w.reason, '') = $5 order by w.row_id",
                transaction, runId, ReviewOrder.FirstOfItsKind, priority, Sql.Text(at), reason);
        }

        return added;
    }

    private int AddItem(SqliteTransaction transaction, long runId, long row, ReviewKind kind, double chance, DateTimeOffset at) => connection.Execute(
        "insert into review_item (run_id, row_id, attempt, kind, priority, incl_prob, min_votes, state, opened_at)"
        + " select run_id, row_id, attempt, $3, 0, $4, 1, 'open', $5 from row where run_id = $1 and row_id = $2 and state in (2, 6, 7) on conflict do nothing",
        transaction, runId, row, Sql.Snake(kind), chance, Sql.Text(at));

    private long AddEverything(SqliteTransaction transaction, long runId, DateTimeOffset at) => connection.Execute(
        "insert into review_item (run_id, row_id, attempt, kind, priority, incl_prob, min_votes, state, opened_at)"
        + " select w.run_id, w.row_id, w.attempt, case w.state when 2 then 'sample' else 'quarantine' end, 0, 1, 1, 'open', $2 from row w"
        + $" where w.run_id = $1 and w.state in (2, 6) and w.key is not null and {NoItem} and {StandingIn(transaction)} order by w.row_id", transaction, runId, Sql.Text(at));

    private long AddSample(SqliteTransaction transaction, long runId, ReviewWants wants, DateTimeOffset at)
    {
        var suspects = connection.Scalar<long>("select count(*) from review_item where run_id = $1 and kind <> 'sample'", transaction, runId);
        var drawn = connection.Scalar<long>($"select count(*) from {Drawn(transaction)}", transaction, runId);
        var passed = connection.Scalar<long>($"select count(*) from row w where {Untouched(transaction)}", transaction, runId);
        var plan = ReviewSample.Plan([new PassedCount("accepted", passed + drawn)], suspects, wants.AtLeast, wants.Share);
        var wanted = Math.Min(plan.Sum(share => share.Sampled), MaxSample) - drawn;
        if (wanted <= 0 || passed == 0)
            return 0;
        long added = 0;
        foreach (var row in Draw(transaction, runId, (int)Math.Min(wanted, passed), wants.Seed))
            added += AddItem(transaction, runId, row, ReviewKind.Sample, Math.Min(1, (double)(wanted + drawn) / (passed + drawn)), at);
        return added;
    }

    /// <summary>The rows with the lowest places of the shuffled order, in that order. Holds as many as are drawn.</summary>
    /// <summary>Samples that were decided or still can be; those of rows that a rerun took over meanwhile are neither.</summary>
    private string Drawn(SqliteTransaction? transaction = null) =>
        $"review_item i join row w on w.row_id = i.row_id where i.run_id = $1 and i.kind = 'sample' and (i.state = 'decided' or {StandingIn(transaction)})";

    private List<long> Draw(SqliteTransaction transaction, long runId, int rows, ulong seed)
    {
        var lowest = new PriorityQueue<long, ulong>(Comparer<ulong>.Create((a, b) => b.CompareTo(a)));
        using var command = connection.Command($"select w.row_id from row w where {Untouched(transaction)}", transaction, runId);
        using var reader = command.ExecuteReader();
        while (reader.Read())
        {
            var row = reader.GetInt64(0);
            var place = ReviewSample.Place(seed, row);
            if (lowest.Count < rows)
                lowest.Enqueue(row, place);
            else if (lowest.TryPeek(out _, out var highest) && place < highest)
                lowest.DequeueEnqueue(row, place);
        }

        return [.. lowest.UnorderedItems.OrderBy(item => item.Priority).Select(item => item.Element)];
    }

    /// <summary>What waits for people and what they did.</summary>
    public ReviewAccount ReviewAccount(long runId, DateTimeOffset now)
    {
        long Count(string sql, params object?[] more) => connection.Scalar<long>($"select count(*) from {sql}", null, [runId, .. more]);
        var rows = new SortedDictionary<Decision, long>();
        using (var command = connection.Command(
            "select action, sum(rows) from decision where run_id = $1 and undone_at is null group by action", null, runId))
        using (var reader = command.ExecuteReader())
        {
            while (reader.Read())
                rows[Sql.Parse<Decision>(reader.GetString(0))] = reader.GetInt64(1);
        }

        var queued = LiveItems();
        const string live = "decided_row d join decision c on c.decision_id = d.decision_id and c.undone_at is null join row w on w.row_id = d.row_id and w.attempt = d.attempt";
        var byHand = Count($"(select distinct d.row_id from {live} where c.run_id = $1 and w.state = 2 and d.state <> 2 and d.to_state = 2)");
        var takenOut = Count($"(select distinct d.row_id from {live} where c.run_id = $1 and w.state <> 2 and d.state = 2 and d.to_state <> 2)");
        var succeeded = Standing == "1"
            ? connection.Scalar<long>("select rows from ledger where run_id = $1 and state = 2", null, runId)
            : Count($"row w where w.run_id = $1 and w.state = 2 and {Standing}");
        const string looked = "review_item where run_id = $1 and kind = 'sample' and state = 'decided'";
        return new ReviewAccount(
            Count(queued), Count($"{queued} and i.lease_until > $2", Sql.Text(now)), Count($"{queued} and i.state = 'escalated'"),
            Count($"row w where w.run_id = $1 and {Waiting} and {NoItem} and {Standing}"), rows,
            Count($"(select distinct d.row_id from {live} where c.run_id = $1 and c.action = 'waive' and w.state = d.to_state)"),
            new DefectRate(succeeded - byHand + takenOut, Count(Drawn()), Count(looked), Count($"{looked} and decision <> 'accept'")));
    }
}
