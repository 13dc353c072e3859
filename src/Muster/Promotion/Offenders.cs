using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Muster.Promotion;

/// <summary>
/// The rows that the target's own rules refuse. A bulk statement that fails says which rule, not which row: the rows are then tried
/// one by one, the whole transaction is undone, and it runs again without those that failed.
/// </summary>
internal sealed class Offenders
{
    // Each round takes at least one row out; rules that need more rounds than this depend on each other in a way we do not see.
    private const int MaxRounds = 20;

    private readonly TargetDatabase _database;
    private readonly Dictionary<string, string> _details = [];
    private int _rounds;
    private bool _transactionLost;

    internal Offenders(TargetDatabase database)
    {
        _database = database;
        database.Run("drop table if exists temp.muster_excluded; "
            + "create temp table muster_excluded (key text primary key, detail text not null) without rowid");
    }

    /// <summary>Writes in bulk. When a rule refuses, finds the rows, ends the transaction and answers false: begin again.</summary>
    internal bool Tried(Action write, Action writeEach)
    {
        _database.Run("savepoint muster_write");
        SqliteException refusal;
        try
        {
            if (!_transactionLost)
            {
                write();
                _database.Run("release muster_write");
                return true;
            }

            refusal = new SqliteException("a trigger of the target ends the transaction", raw.SQLITE_CONSTRAINT);
        }
        catch (SqliteException e) when (Refuses(e))
        {
            refusal = e;
        }

        // A trigger that ends the transaction is met again, row by row, in the next round.
        var lostNow = !_database.InTransaction;
        if (!lostNow)
        {
            _database.Run("rollback to muster_write");
            writeEach();
        }

        _transactionLost = lostNow;
        Again(refusal, lostNow);
        return false;
    }

    /// <summary>Commits. Rules that wait for the end of the transaction refuse here.</summary>
    internal bool Committed(TargetShape shape, long promotion)
    {
        try
        {
            _database.Run("commit");
            return true;
        }
        catch (SqliteException e) when (Refuses(e))
        {
            var keys = shape.Table.WithoutRowId ? [] : _database.List(
                $"""
                select r.key from pragma_foreign_key_check($table) f
                cross join main.{shape.Name} t on t.rowid = f.rowid
                cross join main.muster_promotion_row r
                    on r.promotion = $promotion and r.key = cast(t.{shape.Key} as text) and r.op in ('insert', 'update')
                """,
                r => r.GetString(0), ("$table", shape.Table.Name), ("$promotion", promotion));
            foreach (var key in keys) _details.TryAdd(key, Rule(e));
            Again(e, mayFindNone: false);
            return false;
        }
    }

    /// <summary>Runs a statement for one key after the other and notes those that are refused.</summary>
    internal void Each(string keys, string sql, long promotion)
    {
        if (!_database.InTransaction) return;
        using var list = _database.Command(keys, ("$promotion", promotion));
        using var reader = list.ExecuteReader();
        using var one = _database.Command(sql, ("$promotion", promotion), ("$key", ""));
        while (reader.Read())
        {
            var key = reader.GetString(0);
            one.Parameters["$key"].Value = key;
            try
            {
                one.ExecuteNonQuery();
            }
            catch (SqliteException e) when (Refuses(e))
            {
                _details.TryAdd(key, Rule(e));
                // A trigger may end the transaction; what follows would be written outside of it, for good.
                if (!_database.InTransaction) return;
            }
        }
    }

    private void Again(SqliteException e, bool mayFindNone)
    {
        if (_database.InTransaction) _database.Run("rollback");
        var known = _database.Scalar<long>("select count(*) from temp.muster_excluded");
        if ((_details.Count == known && !mayFindNone) || ++_rounds > MaxRounds)
        {
            throw new TargetException(
                $"The target refuses the promotion and the rows cannot be told: {Rule(e)}. Nothing was written.",
                "Look at the constraint, and promote a part at a time to find the row.", e);
        }

        _database.Run("begin");
        using (var insert = new BulkInsert(_database, "insert or ignore into temp.muster_excluded (key, detail) values (?, ?)"))
        {
            foreach (var (key, detail) in _details)
            {
                insert.Text(1, key);
                insert.Text(2, detail);
                insert.Step();
            }
        }

        _database.Run("commit");
    }

    private static bool Refuses(SqliteException e) =>
        e.SqliteErrorCode is raw.SQLITE_CONSTRAINT or raw.SQLITE_MISMATCH or raw.SQLITE_TOOBIG;

    // "SQLite Error 19: 'CHECK constraint failed: price >= 0'."
    private static string Rule(SqliteException e)
    {
        var from = e.Message.IndexOf('\'');
        var to = e.Message.LastIndexOf('\'');
        return to > from ? e.Message[(from + 1)..to] : e.Message;
    }
}
