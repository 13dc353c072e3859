using Microsoft.Data.Sqlite;
using Muster.Review;
using Muster.Runs;

namespace Muster.Stores.Sqlite;

internal sealed partial class SqliteStore
{
    private const int TouchedStaging = 1, TouchedEvidence = 2;

    /// <summary>Does what a person decided with all of the rows, or with none.</summary>
    public RulingOutcome Decide(RowsDecision decision)
    {
        using var transaction = new Transaction(connection);
        var outcome = Apply(transaction, decision);
        if (outcome is RulingOutcome.Made)
            transaction.Commit();
        return outcome;
    }

    private RulingOutcome Apply(SqliteTransaction transaction, RowsDecision decision)
    {
        string? endedBefore = null;
        if (decision.Action == Decision.Rerun && RefuseRerun(transaction, decision.RunId, out endedBefore) is { } over)
            return over;
        var id = connection.Scalar<long>("select coalesce(max(decision_id), 0) + 1 from decision", transaction);
        long? issueId = null;
        if (decision.Issue is { } issue && MoveIssueOf(transaction, decision.RunId, issue, MadeDecision.NameOf(id), out issueId) is { } refusedIssue)
            return refusedIssue;
        connection.Execute(
            "insert into decision (decision_id, run_id, action, actor, at, reason, note, rows, restages, item_id, issue_id, ended_before)"
            + " values ($1, $2, $3, $4, $5, $6, $7, $8, 0, $9, $10, $11)", transaction,
            id, decision.RunId, Sql.Snake(decision.Action), decision.Actor, Sql.Text(decision.At), decision.Reason, decision.Note, decision.Rows.Count,
            decision.ItemId, issueId, endedBefore);

        RulingOutcome.Refused? refused = null;
        var books = new long[8];
        long failed = 0, moved = 0;
        var restages = false;
        foreach (var wanted in decision.Rows)
        {
            var row = ReadDecidable(transaction, decision.RunId, wanted.RowId);
            var ruling = Rule(decision, wanted, row);
            if (ruling is RowRuling.Refused no)
                refused = refused is null ? new RulingOutcome.Refused(no.Why, no.Text) : refused with { More = refused.More + 1 };
            if (ruling is not RowRuling.Moves to || (refused is not null && !decision.SkipsRefused))
                continue;
            moved++;
            restages |= Move(transaction, id, decision, wanted, row, to);
            books[Number(row.State)]--;
            books[Number(to.To)]++;
            failed += (IsFailure(to.To, row.Attempt) ? 1 : 0) - (IsFailure(row.State, row.Attempt) ? 1 : 0);
        }

        if (refused is not null && (moved == 0 || !decision.SkipsRefused))
            return refused;
        connection.Execute("update decision set restages = $1, rows = $2 where decision_id = $3", transaction, restages ? 1 : 0, moved, id);
        connection.Execute("update run set failed = max(0, failed + $1) where run_id = $2", transaction, failed, decision.RunId);
        MoveBooks(transaction, decision.RunId, books);
        if (endedBefore is not null)
            connection.Execute("update run set state = 'running', ended_at = null where run_id in ($1, -$1) and state = 'done'", transaction, decision.RunId);
        // A vote tells of its own decision.
        if (decision.ItemId is null)
            Tell(transaction, decision.RunId, ReviewEventKind.Decided, decision.Actor, decision.At, $"{Sql.Snake(decision.Action)} {Amount.Of(moved, "row")}", decision: MadeDecision.NameOf(id));
        return new RulingOutcome.Made(MadeDecision.NameOf(id), moved)
        {
            ReopensRun = endedBefore is not null, Skipped = refused is null ? 0 : refused.More + 1, WhySkipped = refused?.Text,
        };
    }

    private static RowRuling Rule(RowsDecision decision, RowDecision wanted, DecidableRow row)
    {
        var ruled = new RuledRow(row.Key, row.Line, row.State, row.Reason, row.Reruns) { IsPurged = row.IsPurged };
        if (row.Attempt != wanted.Attempt)
            return new RowRuling.Refused(ReviewRefusal.RowMoved, $"{ruled.Name} was asked again since it was looked at.");
        var ruling = RowRulings.Of(decision.Action, ruled, decision.Reason);
        // Where nothing is staged there must be something to stage.
        return ruling is RowRuling.Moves { To: RowState.Succeeded } && wanted.Output.IsEmpty && row.State != RowState.Succeeded
            ? new RowRuling.Refused(ReviewRefusal.NoOutput, $"{ruled.Name} has no answer that could be accepted.")
            : ruling;
    }

    /// <summary>Writes the row as it becomes and keeps it as it was.</summary>
    /// <returns>True when what is staged changed.</returns>
    private bool Move(SqliteTransaction transaction, long id, RowsDecision decision, RowDecision wanted, DecidableRow row, RowRuling.Moves to)
    {
        var stages = to.To == RowState.Succeeded && !wanted.Output.IsEmpty;
        var unstages = row.State == RowState.Succeeded && to.To != RowState.Succeeded;
        var notes = decision.Action == Decision.Reject;
        var touched = (stages || unstages ? TouchedStaging : 0) | (notes ? TouchedEvidence : 0);
        connection.Execute(
            "insert into decided_row (decision_id, row_id, item_id, item_state, attempt, state, tier, spent, tries, variant, reason, touched, staged_attempt, staged,"
            + " evidence_attempt, message, output, to_state, to_reason, to_output)"
            + " values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20)", transaction,
            id, row.Id, row.ItemId, row.ItemState, row.Attempt, Number(row.State), row.Tier, row.Spent, row.Tries, row.Variant, row.Reason, touched,
            stages || unstages ? row.StagedAttempt : null, stages || unstages ? row.Staged : null,
            notes ? row.EvidenceAttempt : null, notes ? row.Message : null, notes ? row.Output : null,
            Number(to.To), to.Reason, stages ? wanted.Output.ToArray() : null);
        // Sent back, a row begins anew at its tier; what was spent on it stays spent.
        var isRerun = decision.Action == Decision.Rerun;
        Expect(connection.Execute(
            "update row set state = $1, reason = $2, tries = $3, variant = $4 where row_id = $5 and state = $6 and attempt = $7", transaction,
            Number(to.To), to.Reason, isRerun ? 0 : row.Tries, isRerun ? 0 : row.Variant, row.Id, Number(row.State), row.Attempt), 1, "Deciding a row");
        if (stages || unstages)
            connection.Execute("delete from staging where row_id = $1", transaction, row.Id);
        if (stages)
            connection.Execute("insert into staging (row_id, attempt, output) values ($1, $2, $3)", transaction, row.Id, row.Attempt, wanted.Output.ToArray());
        if (notes)
        {
            connection.Execute(
                "insert into evidence (row_id, attempt, message, output) values ($1, $2, $3, $4)"
                + " on conflict (row_id) do update set attempt = excluded.attempt, message = excluded.message, output = excluded.output",
                transaction, row.Id, row.Attempt, decision.Note ?? $"rejected by {decision.Actor}", row.Staged ?? row.Output);
        }

        // Decided outside the queue, its place there is closed too; a vote closes its own.
        if (row.ItemId is { } item && item != decision.ItemId)
        {
            connection.Execute(
                "update review_item set state = 'decided', decision = $1, lease_by = null, lease_until = null where item_id = $2 and state <> 'decided'",
                transaction, Sql.Snake(decision.Action), item);
        }

        return stages || unstages;
    }

    private RulingOutcome.Refused? RefuseRerun(SqliteTransaction transaction, long runId, out string? endedBefore)
    {
        endedBefore = null;
        var run = ReadRuns(transaction, "where run_id = $1", runId).Single();
        if (run.State is RunState.Canceled or RunState.Canceling or RunState.Reading)
            return new RulingOutcome.Refused(ReviewRefusal.RunOver, $"{run.Name} is {RunStates.Word(run.State)}: no row of it is asked again.");
        if (run.State != RunState.Done)
            return null;
        // `muster run` goes on with one unfinished run; a done one behind a newer run would never be looked at.
        if (ReadRuns(transaction, "where job = $1 and run_id > $2 order by run_id limit 1", run.Job, runId).FirstOrDefault() is { } newer)
            return new RulingOutcome.Refused(ReviewRefusal.RunOver, $"{run.Name} is done and {newer.Name} came after it: no row of {run.Name} is asked again.");
        endedBefore = Sql.Text(run.EndedAt);
        return null;
    }

    /// <summary>As the failure budget counts: asked, and given up.</summary>
    private static bool IsFailure(RowState state, int attempt) =>
        attempt > 0 && state is RowState.Errored or RowState.Expired or RowState.Canceled or RowState.Quarantined;

    private DecidableRow ReadDecidable(SqliteTransaction transaction, long runId, long rowId)
    {
        using var command = connection.Command(
            "select w.key, w.line, w.state, w.attempt, w.tier, w.spent, w.tries, w.variant, w.reason, s.attempt, s.output, e.attempt, e.message, e.output,"
            + " (select count(*) from decided_row d join decision c on c.decision_id = d.decision_id where d.row_id = w.row_id and c.action = 'rerun' and c.undone_at is null),"
            + " exists (select 1 from purged_row p where p.row_id = w.row_id),"
            + " i.item_id, i.state from row w left join staging s on s.row_id = w.row_id left join evidence e on e.row_id = w.row_id"
            + " left join review_item i on i.row_id = w.row_id and i.attempt = w.attempt and i.state <> 'decided' where w.row_id = $1 and w.run_id = $2",
            transaction, rowId, runId);
        using var reader = command.ExecuteReader();
        if (!reader.Read())
            throw new StoreException($"Row {rowId} is not of this run.", "Run `muster reconcile`; keep the folder as it is for a report.");
        byte[]? Blob(int column) => reader.IsDBNull(column) ? null : (byte[])reader.GetValue(column);
        int? Int(int column) => reader.IsDBNull(column) ? null : reader.GetInt32(column);
        return new DecidableRow(rowId, reader.Text(0), reader.GetString(1), (RowState)reader.GetInt32(2), reader.GetInt32(3), reader.GetInt32(4), reader.GetInt32(5),
            reader.GetInt32(6), reader.GetInt32(7), reader.Text(8), Int(9), Blob(10), Int(11), reader.Text(12), Blob(13), reader.GetInt32(14), reader.GetInt64(15) != 0,
            reader.IsDBNull(16) ? null : reader.GetInt64(16), reader.Text(17));
    }

    private sealed record DecidableRow(
        long Id, string? Key, string Line, RowState State, int Attempt, int Tier, int Spent, int Tries, int Variant, string? Reason,
        int? StagedAttempt, byte[]? Staged, int? EvidenceAttempt, string? Message, byte[]? Output, int Reruns, bool IsPurged, long? ItemId, string? ItemState);
}
