using Muster.Stores;
using Muster.Stores.Sqlite;

namespace Muster.Review;

/// <summary>
/// The store's one writer lock, taken for a single move and given back: reviewers share a store by turns of a few milliseconds, and a lease
/// in the store, not the lock, says whose row it is. Where a run holds the lock for as long as it works, the turn is refused.
/// </summary>
internal sealed class StoreTurn(string folder, TimeProvider time)
{
    /// <summary>In the note beside the lock: another turn is worth waiting for, a run is not.</summary>
    private const string Purpose = "review";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    /// <summary>Between taking the lock and writing the note the note is that of whoever held it before, perhaps of a run that was killed.</summary>
    private static readonly TimeSpan Doubt = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(15);

    public string Folder => folder;

    /// <exception cref="StoreHeldException">Another process works on the store.</exception>
    public async Task<T> TakeAsync<T>(Func<SqliteStore, T> move, CancellationToken cancellationToken = default)
    {
        var began = time.GetTimestamp();
        while (true)
        {
            try
            {
                await using var store = SqliteStore.Open(folder, Purpose, time);
                return move(store);
            }
            catch (StoreHeldException held) when (time.GetElapsedTime(began) < (IsTurn(held) ? Patience : Doubt))
            {
                await Task.Delay(Pause, time, cancellationToken);
            }
        }
    }

    /// <summary>Reads beside whoever writes.</summary>
    /// <exception cref="ReviewException">There is no store.</exception>
    public async Task<T> ReadAsync<T>(Func<SqliteStore, Task<T>> read)
    {
        await using var store = SqliteStore.OpenForReading(folder) ?? throw new ReviewException(ReviewRefusal.RunOver, $"There is no store in {folder}.", "muster run");
        return await read(store);
    }

    // A note that is being written reads as empty.
    private static bool IsTurn(StoreHeldException held) => held.Owner.Length == 0 || held.Owner.Contains($", {Purpose}, ", StringComparison.Ordinal);
}
