using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Muster.Stores.Sqlite;

/// <summary>
/// A transaction that can be disposed of after SQLite rolled it back by itself, as it does when a commit finds the disk full. The
/// library's own then tries to roll back what is no longer open, and its failure would hide the reason.
/// </summary>
internal sealed class Transaction(SqliteConnection connection) : IDisposable
{
    private readonly SqliteTransaction inner = connection.BeginTransaction();
    private bool committed;

    public static implicit operator SqliteTransaction(Transaction transaction) => transaction.inner;

    public void Commit()
    {
        inner.Commit();
        committed = true;
    }

    public void Dispose()
    {
        // Gives the library something to roll back.
        if (!committed && IsClosed)
            raw.sqlite3_exec(connection.Handle, "begin");
        inner.Dispose();
        if (!IsClosed)
            raw.sqlite3_exec(connection.Handle, "rollback");
    }

    private bool IsClosed => raw.sqlite3_get_autocommit(connection.Handle) != 0;
}
