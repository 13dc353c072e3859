namespace Muster.Stores;

/// <summary>How long and how large; a test makes them small.</summary>
internal sealed record StoreLimits
{
    public static StoreLimits Default { get; } = new();

    /// <summary>How long another program's lock on the database is waited for, in whole seconds, at least 1.</summary>
    public int LockWaitSeconds { get; init; } = 30;

    /// <summary>The database grows to so many pages and is then full; null leaves it to the disk.</summary>
    public long? MaxPages { get; init; }
}
