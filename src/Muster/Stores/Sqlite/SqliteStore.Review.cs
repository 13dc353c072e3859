using Microsoft.Data.Sqlite;
using Muster.Review;
using Muster.Runs;

namespace Muster.Stores.Sqlite;

internal sealed partial class SqliteStore
{
    /// <summary>More samples than this tell nothing that fewer do not, and are held in memory while they are drawn.</summary>
    private const int MaxSample = 10_000;

    private const string ItemColumns =
        "i.item_id, w.key, i.kind, i.priority, i.incl_prob, i.min_votes, i.state, i.decision, i.opened_at, i.lease_by, i.lease_until, i.lease_number, w.line";

    /// <summary>
    /// An item is about the answer that it was opened for: a row that was asked again, moved by other means, or taken over by a rerun, is not
    /// offered.
    /// </summary>
    private string LiveItems(SqliteTransaction? transaction = null) =>
        "review_item i join row w on w.row_id = i.row_id and w.attempt = i.attempt and w.state in (2, 6, 7) where i.run_id = $1 and i.state <> 'decided'"
        + $" and {StandingIn(transaction)}";

    /// <summary>Puts into the queue what is to be there and is not yet: rows that wait for people, those that were named, and the sample.</summary>
    public ReviewFilling FillReview(long runId, ReviewWants wants, DateTimeOffset at)
    {
        using var transaction = new Transaction(connection);
        var added = AddWaiting(transaction, runId, at);
        foreach (var row in wants.Quarantined)
            added += AddItem(transaction, runId, row, ReviewKind.Quarantine, 1, at);
        long sampled = 0;
        if (wants.Everything)
            added += AddEverything(transaction, runId, at);
        else
            sampled = AddSample(transaction, runId, wants, at);
        transaction.Commit();
        return new ReviewFilling(added + sampled, sampled);
    }

    /// <summary>Gives a reviewer the item of a key, or the next one that is free; null when there is none.</summary>
    /// <param name="key">Null for the next.</param>
    /// <param name="seed">Which places of the queue go to sampled rows.</param>
    /// <param name="only">The items that may be the next one; null for all.</param>
    public ReviewMove? TakeReview(long runId, string reviewer, string? key, ulong seed, DateTimeOffset now, IReadOnlySet<string>? only = null)
    {
        using var transaction = new Transaction(connection);
        if ((key is null ? NextItem(transaction, runId, reviewer, seed, now, only) : ItemOfKey(transaction, runId, key)) is not { } item)
            return null;
        return Commit(transaction, runId, ReviewMoves.Take(item, Votes(transaction, item), reviewer, now));
    }

    public ReviewMove RenewReview(long runId, string itemId, string reviewer, long lease, DateTimeOffset now) =>
        MoveItem(runId, itemId, item => ReviewMoves.Renew(item, reviewer, lease, now));

    public ReviewMove ReleaseReview(long runId, string itemId, string reviewer, long lease, DateTimeOffset now) =>
        MoveItem(runId, itemId, item => ReviewMoves.Release(item, reviewer, lease, now));

    /// <summary>Records a vote; when it decides, the row moves in the same transaction. A refusal changes nothing.</summary>
    /// <param name="lease">The lease it is made under; null takes one for it.</param>
    /// <param name="ruling">What is done with the row when the vote decides; null for votes that rule nothing.</param>
    public RulingOutcome Vote(long runId, ReviewVote vote, long? lease, RowsDecision? ruling)
    {
        using var transaction = new Transaction(connection);
        var item = ReadItem(transaction, vote.ItemId);
        var votes = Votes(transaction, item);
        if (lease is null && item.LeaseBy == vote.Reviewer && item.LeaseUntil > vote.At)
            lease = item.LeaseNumber;
        if (lease is null)
        {
            var taken = ReviewMoves.Take(item, votes, vote.Reviewer, vote.At);
            if (taken is not ReviewMove.Done { Item: var leased } done)
                return Refused((ReviewMove.Refused)taken);
            Record(transaction, runId, done);
            (item, lease) = (leased, leased.LeaseNumber);
        }

        var move = ReviewMoves.Vote(item, votes, vote, lease.Value);
        if (move is not ReviewMove.Done voted)
            return Refused((ReviewMove.Refused)move);
        var outcome = voted.Item.State == ReviewState.Decided && ruling is not null
            ? Apply(transaction, ruling with { ItemId = Number(item.Id) })
            : new RulingOutcome.Made(null, 0);
        if (outcome is not RulingOutcome.Made made)
            return outcome;
        Record(transaction, runId, voted, made.Decision);
        transaction.Commit();
        return made with { Item = voted.Item };
    }

    private static RulingOutcome.Refused Refused(ReviewMove.Refused move) => new(move.Why, move.Text);

    private ReviewMove MoveItem(long runId, string itemId, Func<ReviewItem, ReviewMove> rule)
    {
        using var transaction = new Transaction(connection);
        return Commit(transaction, runId, rule(ReadItem(transaction, itemId)));
    }

    private ReviewMove Commit(Transaction transaction, long runId, ReviewMove move)
    {
        if (move is ReviewMove.Done done)
        {
            Record(transaction, runId, done);
            transaction.Commit();
        }

        return move;
    }

    /// <summary>The item's new state, its vote and what the trail says of it.</summary>
    private void Record(SqliteTransaction transaction, long runId, ReviewMove.Done move, string? decision = null)
    {
        var (item, id) = (move.Item, Number(move.Item.Id));
        Expect(connection.Execute(
            "update review_item set state = $1, decision = $2, lease_by = $3, lease_until = $4, lease_number = $5 where item_id = $6", transaction,
            Sql.Snake(item.State), item.Decision is { } decided ? Sql.Snake(decided) : null, item.LeaseBy, Sql.Text(item.LeaseUntil), item.LeaseNumber, id), 1, "Moving a review item");
        if (move.Vote is { UndoneAt: { } undoneAt } undone)
        {
            Expect(connection.Execute("update review_vote set undone_at = $1 where item_id = $2 and reviewer = $3 and at = $4 and undone_at is null",
                transaction, Sql.Text(undoneAt), id, undone.Reviewer, Sql.Text(undone.At)), 1, "Taking back a vote");
        }
        else if (move.Vote is { } vote)
        {
            connection.Execute(
                "insert into review_vote (item_id, reviewer, decision, edited, reason, note, seconds, is_blind, at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
                transaction, id, vote.Reviewer, Sql.Snake(vote.Decision), vote.EditedJson is { } edited ? System.Text.Encoding.UTF8.GetBytes(edited) : null,
                vote.Reasons.FirstOrDefault(), vote.Reasons.ElementAtOrDefault(1), vote.Seconds, vote.IsBlind ? 1 : 0, Sql.Text(vote.At));
        }

        foreach (var told in move.Events)
            Tell(transaction, runId, told.Kind, told.Actor, told.At, told.Detail, id, told.Kind is ReviewEventKind.Decided or ReviewEventKind.Undone ? decision : null);
    }

    private void Tell(
        SqliteTransaction transaction, long runId, ReviewEventKind kind, string actor, DateTimeOffset at, string detail, long? item = null, string? decision = null) =>
        connection.Execute(
            "insert into review_event (run_id, item_id, row_id, decision_id, kind, actor, at, detail)"
            + " values ($1, $2, (select row_id from review_item where item_id = $2), $3, $4, $5, $6, $7)",
            transaction, runId, item, decision is null ? null : MadeDecision.NumberOf(decision), Sql.Snake(kind), actor, Sql.Text(at), detail);

    private ReviewItem? NextItem(SqliteTransaction transaction, long runId, string reviewer, ulong seed, DateTimeOffset now, IReadOnlySet<string>? only)
    {
        var live = LiveItems(transaction);
        if (only is not null)
        {
            Select(transaction, only);
            live += " and i.item_id in (select item_id from temp.muster_selected)";
        }

        // A reviewer whose process died finds what it held.
        if (ReadItems(transaction, $"{live} and i.lease_by = $2 and i.lease_until > $3 order by i.item_id limit 1", runId, reviewer, Sql.Text(now)) is [var held])
            return held;
        var place = connection.Scalar<long>("select count(*) from review_item where run_id = $1 and (state = 'decided' or lease_until > $2)", transaction, runId, Sql.Text(now));
        var free = $"{live} and (i.lease_until is null or i.lease_until <= $2)"
            + " and not exists (select 1 from review_vote v where v.item_id = i.item_id and v.reviewer = $3 and v.undone_at is null)";
        var sampleFirst = ReviewOrder.IsSample(place, seed) ? 1 : 0;
        const string order = "order by (i.kind = 'sample') <> $4, i.priority desc, i.opened_at, i.item_id limit 1";
        return ReadItems(transaction, $"{free} {order}", runId, Sql.Text(now), reviewer, sampleFirst).FirstOrDefault();
    }

    /// <summary>Puts the items into a table that queries can join: however many of the queue are free, one is read.</summary>
    private void Select(SqliteTransaction transaction, IReadOnlySet<string> items)
    {
        connection.Execute("drop table if exists temp.muster_selected", transaction);
        connection.Execute("create table temp.muster_selected (item_id integer primary key)", transaction);
        using var insert = new Statement(connection, "insert into temp.muster_selected (item_id) values (?1)");
        foreach (var item in items)
            insert.With(Number(item)).Run();
    }

    private ReviewItem? ItemOfKey(SqliteTransaction transaction, long runId, string key) =>
        ReadItems(transaction, "review_item i join row w on w.row_id = i.row_id and w.attempt = i.attempt where i.run_id = $1 and (w.key = $2 or w.line = $2) order by i.state = 'decided', i.item_id desc", runId, key).FirstOrDefault();

    private ReviewItem ReadItem(SqliteTransaction transaction, string id) =>
        ReadItems(transaction, "review_item i join row w on w.row_id = i.row_id where i.item_id = $1", Number(id)).Single();

    private List<ReviewItem> ReadItems(SqliteTransaction? transaction, string from, params object?[] values)
    {
        using var command = connection.Command($"select {ItemColumns} from {from}", transaction, values);
        using var reader = command.ExecuteReader();
        var items = new List<ReviewItem>();
        while (reader.Read())
            items.Add(Item(reader));
        return items;
    }

    private static ReviewItem Item(SqliteDataReader reader) => new()
    {
        Id = Name(reader.GetInt64(0)),
        RowKey = reader.Text(1) ?? reader.GetString(12),
        Kind = Sql.Parse<ReviewKind>(reader.GetString(2)),
        Priority = reader.GetDouble(3),
        InclusionProbability = reader.GetDouble(4),
        MinVotes = reader.GetInt32(5),
        State = Sql.Parse<ReviewState>(reader.GetString(6)),
        Decision = reader.Text(7) is { } decision ? Sql.Parse<Decision>(decision) : null,
        OpenedAt = Sql.Time(reader.GetString(8)),
        LeaseBy = reader.Text(9),
        LeaseUntil = reader.Time(10),
        LeaseNumber = reader.GetInt64(11),
    };

    private List<ReviewVote> Votes(SqliteTransaction? transaction, ReviewItem item)
    {
        using var command = connection.Command(
            "select reviewer, decision, edited, reason, note, seconds, is_blind, at, undone_at from review_vote where item_id = $1 order by vote_id", transaction, Number(item.Id));
        using var reader = command.ExecuteReader();
        var votes = new List<ReviewVote>();
        while (reader.Read())
        {
            var edited = reader.IsDBNull(2) ? null : System.Text.Encoding.UTF8.GetString((byte[])reader.GetValue(2));
            IReadOnlyList<string> reasons = reader.Text(4) is { } note ? [reader.Text(3) ?? "", note] : reader.Text(3) is { } reason ? [reason] : [];
            votes.Add(new ReviewVote(item.Id, reader.GetString(0), Sql.Parse<Decision>(reader.GetString(1)), edited, reasons, reader.GetDouble(5),
                reader.GetInt64(6) != 0, Sql.Time(reader.GetString(7)), reader.Time(8)));
        }

        return votes;
    }

    private static string Name(long item) => $"i-{item}";

    private static long Number(string itemId) => long.Parse(itemId.AsSpan(2), System.Globalization.CultureInfo.InvariantCulture);
}
