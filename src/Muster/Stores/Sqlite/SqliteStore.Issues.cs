using Microsoft.Data.Sqlite;
using Muster.Review;
using Muster.Runs;

namespace Muster.Stores.Sqlite;

internal sealed partial class SqliteStore
{
    private const string IssueColumns =
        "issue_id, fingerprint, reason, pointer, example, contract_version, first_seen, last_seen, rows, state, owner, note, rerun_id, known_change,"
        + " muted_until, muted_above, muted_contract";

    /// <summary>The issues of a job, oldest first.</summary>
    public IReadOnlyList<Issue> Issues(string job) => ReadIssues(null, "where job = $1 order by issue_id", job);

    /// <summary>
    /// Counts a run's issues as they are now: new ones get their number, more rows of a known one are a sighting, and one that was being fixed
    /// and has no row left, in a run with no open one, is resolved. Counting the same rows again changes nothing.
    /// </summary>
    /// <param name="elsewhere">Fingerprints of rows that a rerun asks again and has not answered: these are not resolved.</param>
    /// <returns>The issues that somebody should look at: resolved or muted ones that are back.</returns>
    public IReadOnlyList<Issue> CountIssues(Run run, IReadOnlyList<IssueGroup> groups, string contract, DateTimeOffset at, IReadOnlySet<string>? elsewhere = null)
    {
        using var transaction = new Transaction(connection);
        var known = ReadIssues(transaction, "where job = $1", run.Job).ToDictionary(issue => issue.Fingerprint, StringComparer.Ordinal);
        var alerts = new List<Issue>();
        foreach (var group in groups)
        {
            if (!known.Remove(group.Fingerprint, out var issue))
            {
                issue = Open(transaction, run.Job, group, contract, at);
                Sight(transaction, issue, run.Id, group.Rows);
                continue;
            }

            var more = group.Rows - Sighted(transaction, issue, run.Id);
            if (more <= 0)
                continue;
            var seen = IssueMoves.SeenAgain(issue, more, contract, at);
            Write(transaction, seen.Issue);
            Sight(transaction, issue, run.Id, group.Rows);
            if (seen.Alert)
                alerts.Add(seen.Issue);
        }

        if (!HasOpenRows(transaction, run.Id))
            Resolve(transaction, run.Id, known.Values.Where(issue => elsewhere?.Contains(issue.Fingerprint) != true));
        transaction.Commit();
        return alerts;
    }

    /// <summary>Moves an issue by itself; a decision over its rows moves it along.</summary>
    public IssueMove MoveIssue(string job, string fingerprint, Func<Issue, IssueMove> rule)
    {
        using var transaction = new Transaction(connection);
        var move = rule(ReadIssues(transaction, "where job = $1 and fingerprint = $2", job, fingerprint).Single());
        if (move is IssueMove.Moved moved)
        {
            Write(transaction, moved.Issue);
            transaction.Commit();
        }

        return move;
    }

    private RulingOutcome.Refused? MoveIssueOf(SqliteTransaction transaction, long runId, IssueChange change, string decision, out long? id)
    {
        var issue = ReadIssues(transaction, "where fingerprint = $1 and job = (select job from run where run_id = $2)", change.Fingerprint, runId).Single();
        id = IssueNumber(issue.Id);
        var move = change.Move(issue, decision);
        if (move is not IssueMove.Moved moved)
            return new RulingOutcome.Refused(ReviewRefusal.IssueMoved, ((IssueMove.Refused)move).Why);
        Write(transaction, moved.Issue);
        return null;
    }

    private void UndoIssue(SqliteTransaction transaction, long decisionId)
    {
        foreach (var issue in ReadIssues(transaction, "where issue_id = (select issue_id from decision where decision_id = $1)", decisionId))
        {
            var name = MadeDecision.NameOf(decisionId);
            if ((issue.RerunId == name || issue.KnownChange == name)
                && IssueMoves.Triage(issue, issue.Owner ?? "", $"{name} was taken back") is IssueMove.Moved moved)
                Write(transaction, moved.Issue);
        }
    }

    private void Resolve(SqliteTransaction transaction, long runId, IEnumerable<Issue> absent)
    {
        foreach (var issue in absent.Where(issue => issue.State == IssueState.Fixing && Sighted(transaction, issue, runId) > 0))
        {
            Write(transaction, ((IssueMove.Moved)IssueMoves.Resolve(issue)).Issue);
            // Should it come back in this very run, it is seen again.
            Sight(transaction, issue, runId, 0);
        }
    }

    private Issue Open(SqliteTransaction transaction, string job, IssueGroup group, string contract, DateTimeOffset at)
    {
        connection.Execute(
            "insert into issue (issue_id, job, fingerprint, reason, pointer, example, contract_version, first_seen, last_seen, rows, state)"
            + " values ((select coalesce(max(issue_id), 0) + 1 from issue), $1, $2, $3, $4, $5, $6, $7, $7, $8, 'new')", transaction,
            job, group.Fingerprint, group.Reason, Fingerprint.PointerOf(group.Reason), group.Example ?? "", contract, Sql.Text(at), group.Rows);
        return ReadIssues(transaction, "where job = $1 and fingerprint = $2", job, group.Fingerprint).Single();
    }

    private long Sighted(SqliteTransaction transaction, Issue issue, long runId) => connection.Scalar<long>(
        "select coalesce((select rows from issue_sighting where issue_id = $1 and run_id = $2), 0)", transaction, IssueNumber(issue.Id), runId);

    private void Sight(SqliteTransaction transaction, Issue issue, long runId, long rows) => connection.Execute(
        "insert into issue_sighting (issue_id, run_id, rows) values ($1, $2, $3) on conflict (issue_id, run_id) do update set rows = $3",
        transaction, IssueNumber(issue.Id), runId, rows);

    private void Write(SqliteTransaction transaction, Issue issue) => Expect(connection.Execute(
        "update issue set last_seen = $1, rows = $2, state = $3, owner = $4, note = $5, rerun_id = $6, known_change = $7, muted_until = $8, muted_above = $9,"
        + " muted_contract = $10 where issue_id = $11", transaction,
        Sql.Text(issue.LastSeen), issue.Rows, Sql.Snake(issue.State), issue.Owner, issue.Note, issue.RerunId, issue.KnownChange,
        Sql.Text(issue.Mute?.Date), issue.Mute?.MoreRowsThan, issue.Mute is { NextContract: true } ? 1 : 0, IssueNumber(issue.Id)), 1, "Moving an issue");

    private List<Issue> ReadIssues(SqliteTransaction? transaction, string where, params object?[] values)
    {
        using var command = connection.Command($"select {IssueColumns} from issue {where}", transaction, values);
        using var reader = command.ExecuteReader();
        var issues = new List<Issue>();
        while (reader.Read())
        {
            var state = Sql.Parse<IssueState>(reader.GetString(9));
            issues.Add(new Issue
            {
                Id = $"Q-{reader.GetInt64(0)}",
                Fingerprint = reader.GetString(1),
                Reason = reader.GetString(2),
                Pointer = reader.GetString(3),
                Example = reader.GetString(4),
                ContractVersion = reader.GetString(5),
                FirstSeen = Sql.Time(reader.GetString(6)),
                LastSeen = Sql.Time(reader.GetString(7)),
                Rows = reader.GetInt64(8),
                State = state,
                Owner = reader.Text(10),
                Note = reader.Text(11),
                RerunId = reader.Text(12),
                KnownChange = reader.Text(13),
                Mute = state == IssueState.Muted ? new MuteUntil(reader.Time(14), reader.IsDBNull(15) ? null : reader.GetInt64(15), reader.GetInt64(16) != 0) : null,
            });
        }

        return issues;
    }

    private static long IssueNumber(string id) => long.Parse(id.AsSpan(2), System.Globalization.CultureInfo.InvariantCulture);
}
