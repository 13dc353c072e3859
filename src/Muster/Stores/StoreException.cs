namespace Muster.Stores;

/// <summary>The store cannot be opened or used: held by another process, damaged, newer than this program, or unwritable.</summary>
public class StoreException(string message, string hint, Exception? inner = null) : MusterException(message, hint, inner);

/// <summary>Another process works on the store. Reading beside it and leaving a request to cancel are possible.</summary>
/// <param name="owner">Who holds it, as <c>process 17, run catalog, since 2026-03-02 14:05:11Z</c>; empty when it left no note.</param>
public sealed class StoreHeldException(string folder, string owner)
    : StoreException($"Another process is working on {folder}{(owner.Length > 0 ? $" ({owner})" : "")}.",
        "Wait for it, watch it with `muster watch`, or end that process; reading with `muster status` works meanwhile.")
{
    public string Owner { get; } = owner;
}
