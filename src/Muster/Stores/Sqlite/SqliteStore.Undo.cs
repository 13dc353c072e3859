using Microsoft.Data.Sqlite;
using Muster.Review;
using Muster.Runs;

namespace Muster.Stores.Sqlite;

internal sealed partial class SqliteStore
{
    /// <summary>Takes a decision back: each of its rows stands again as it stood, or none does.</summary>
    public RulingOutcome Undo(MadeDecision decision, string actor, DateTimeOffset at)
    {
        using var transaction = new Transaction(connection);
        var outcome = UndoIn(transaction, decision, actor, at);
        if (outcome is RulingOutcome.Made)
            transaction.Commit();
        return outcome;
    }

    /// <summary>Takes a reviewer's last vote on an item back, with the decision that it made.</summary>
    public RulingOutcome UndoVote(long runId, string itemId, string reviewer, DateTimeOffset at)
    {
        using var transaction = new Transaction(connection);
        var item = ReadItem(transaction, itemId);
        var decision = item.State == ReviewState.Decided ? Decisions(transaction, "where item_id = $1 and undone_at is null order by decision_id desc limit 1", Number(itemId)).FirstOrDefault() : null;
        var move = ReviewMoves.Undo(item, Votes(transaction, item), reviewer, isUsed: false, at);
        if (move is not ReviewMove.Done done)
            return Refused((ReviewMove.Refused)move);
        var outcome = decision is null ? new RulingOutcome.Made(null, 0) : Restore(transaction, decision, reviewer, at);
        if (outcome is not RulingOutcome.Made made)
            return outcome;
        Record(transaction, runId, done, decision?.Name);
        transaction.Commit();
        return made with { Item = done.Item };
    }

    public MadeDecision? FindDecision(long decisionId) => Decisions(null, "where decision_id = $1", decisionId).FirstOrDefault();

    /// <summary>The decision that made a row what it is; null when none did.</summary>
    public MadeDecision? DecisionOf(long rowId) => Decisions(null,
        "where undone_at is null and decision_id = (select max(d.decision_id) from decided_row d join decision c on c.decision_id = d.decision_id where d.row_id = $1 and c.undone_at is null)", rowId)
        .FirstOrDefault();

    /// <summary>The keys of a decision's rows whose staged output it changed.</summary>
    public IReadOnlyList<string> RestagedKeys(long decisionId)
    {
        using var command = connection.Command(
            "select w.key from decided_row d join row w on w.row_id = d.row_id where d.decision_id = $1 and d.touched & $2 <> 0 and w.key is not null", null, decisionId, TouchedStaging);
        using var reader = command.ExecuteReader();
        var keys = new List<string>();
        while (reader.Read())
            keys.Add(reader.GetString(0));
        return keys;
    }

    /// <summary>Rows whose accepted answer people refused or sent back.</summary>
    public long TakenOutOfStaging(long runId) => connection.Scalar<long>(
        "select count(distinct d.row_id) from decided_row d join decision c on c.decision_id = d.decision_id"
        + " where c.run_id = $1 and c.undone_at is null and d.state = 2 and d.to_state <> 2", null, runId);

    public Task<DateTimeOffset?> DecidedAtAsync(long runId, CancellationToken cancellationToken = default)
    {
        using var command = connection.Command("select max(max(at, coalesce(undone_at, at))) from decision where run_id = $1 and restages = 1", null, runId);
        using var reader = command.ExecuteReader();
        reader.Read();
        return Task.FromResult(reader.Time(0));
    }

    private RulingOutcome UndoIn(Transaction transaction, MadeDecision decision, string actor, DateTimeOffset at)
    {
        if (decision.ItemId is null)
        {
            var outcome = Restore(transaction, decision, actor, at);
            if (outcome is RulingOutcome.Made)
                Tell(transaction, decision.RunId, ReviewEventKind.Undone, actor, at, $"{Sql.Snake(decision.Action)} {Amount.Of(decision.Rows, "row")}", decision: decision.Name);
            return outcome;
        }

        var item = ReadItem(transaction, $"i-{decision.ItemId}");
        var move = ReviewMoves.Undo(item, Votes(transaction, item), actor, isUsed: false, at);
        if (move is not ReviewMove.Done done)
            return Refused((ReviewMove.Refused)move);
        var restored = Restore(transaction, decision, actor, at);
        if (restored is not RulingOutcome.Made made)
            return restored;
        Record(transaction, decision.RunId, done, decision.Name);
        return made with { Item = done.Item };
    }

    private RulingOutcome Restore(SqliteTransaction transaction, MadeDecision decision, string actor, DateTimeOffset at)
    {
        var run = ReadRuns(transaction, "where run_id = $1", decision.RunId).Single();
        if (connection.Execute("update decision set undone_at = $1, undone_by = $2 where decision_id = $3 and undone_at is null",
            transaction, Sql.Text(at), actor, decision.Id) == 0)
            return new RulingOutcome.Refused(ReviewRefusal.NothingToUndo, $"{decision.Name} was taken back before.");
        if (FirstMovedOn(transaction, decision) is { } moved)
            return moved;

        var books = new long[8];
        long failed = 0;
        using (var command = connection.Command("select state, to_state, attempt, count(*) from decided_row where decision_id = $1 group by 1, 2, attempt > 0", transaction, decision.Id))
        using (var reader = command.ExecuteReader())
        {
            while (reader.Read())
            {
                var (from, to, attempt, rows) = ((RowState)reader.GetInt32(0), (RowState)reader.GetInt32(1), reader.GetInt32(2), reader.GetInt64(3));
                books[Number(to)] -= rows;
                books[Number(from)] += rows;
                failed += ((IsFailure(from, attempt) ? 1 : 0) - (IsFailure(to, attempt) ? 1 : 0)) * rows;
            }
        }

        connection.Execute(Sql.Named("undo_decision"), transaction, decision.Id);
        connection.Execute("update run set failed = max(0, failed + $1) where run_id = $2", transaction, failed, decision.RunId);
        MoveBooks(transaction, decision.RunId, books);
        if (decision.Action == Decision.Rerun)
            CloseAgain(transaction, run);
        UndoIssue(transaction, decision.Id);
        return new RulingOutcome.Made(decision.Name, decision.Rows);
    }

    /// <summary>A row that was decided again, asked again or purged since does not go back.</summary>
    private RulingOutcome.Refused? FirstMovedOn(SqliteTransaction transaction, MadeDecision decision)
    {
        using var command = connection.Command(Sql.Named("decision_used"), transaction, decision.Id);
        using var reader = command.ExecuteReader();
        RulingOutcome.Refused? first = null;
        while (reader.Read())
        {
            var name = reader.Text(0) is { } key ? Excerpt.Of(key) : reader.GetString(1);
            first = first is null
                ? new RulingOutcome.Refused(ReviewRefusal.AlreadyUsed, reader.GetString(2) switch
                {
                    "decided" => $"{name} was decided again since {decision.Name}; take that back first.",
                    "purged" => $"{name} was purged; nothing is left to put back.",
                    _ => $"{name} was asked again since {decision.Name}; its new answer is decided on its own.",
                })
                : first with { More = first.More + 1 };
        }

        return first;
    }

    /// <summary>A run that was done before rows were sent back is done again when none of them waits any more.</summary>
    private void CloseAgain(SqliteTransaction transaction, Run run)
    {
        if (run.State != RunState.Running || HasOpenRows(transaction, run.Id))
            return;
        connection.Execute(
            "update run set state = 'done', ended_at = (select ended_before from decision where run_id = $1 and ended_before is not null order by decision_id desc limit 1)"
            + " where run_id in ($1, -$1) and exists (select 1 from decision where run_id = $1 and ended_before is not null)", transaction, run.Id);
    }

    private List<MadeDecision> Decisions(SqliteTransaction? transaction, string where, params object?[] values)
    {
        using var command = connection.Command(
            $"select decision_id, run_id, action, actor, at, reason, note, rows, undone_at, undone_by, item_id from decision {where}", transaction, values);
        using var reader = command.ExecuteReader();
        var decisions = new List<MadeDecision>();
        while (reader.Read())
        {
            decisions.Add(new MadeDecision(reader.GetInt64(0), reader.GetInt64(1), Sql.Parse<Decision>(reader.GetString(2)), reader.GetString(3), Sql.Time(reader.GetString(4)),
                reader.Text(5), reader.Text(6), reader.GetInt64(7))
            {
                UndoneAt = reader.Time(8), UndoneBy = reader.Text(9), ItemId = reader.IsDBNull(10) ? null : reader.GetInt64(10),
            });
        }

        return decisions;
    }
}
