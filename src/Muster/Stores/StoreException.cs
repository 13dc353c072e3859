namespace Muster.Stores;

/// <summary>The store cannot be opened or used: held by another process, damaged, newer than this program, or unwritable.</summary>
public sealed class StoreException(string message, string hint, Exception? inner = null) : MusterException(message, hint, inner);
