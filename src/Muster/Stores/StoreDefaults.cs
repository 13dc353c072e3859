namespace Muster.Stores;

/// <summary>Numbers of the embedded store; measured figures are in docs/store.md.</summary>
internal static class StoreDefaults
{
    public const string DatabaseName = "muster.db";

    /// <summary>Rows in one transaction: beyond this the commit is no longer what costs.</summary>
    public const int RowsPerTransaction = 10_000;

    /// <summary>Larger pages than SQLite's 4,096 are 2 to 3 times as fast for rows of about 1 KB.</summary>
    public const int PageBytes = 16_384;

    public const int CacheKibibytes = 16_384;

    /// <summary>A reader beside the writer asks for counts and short lists.</summary>
    public const int ReaderCacheKibibytes = 4_096;

    /// <summary>"Must" in ASCII: a file without it is not ours and is not queried.</summary>
    public const int ApplicationId = 0x4D757374;

    public const int SchemaVersion = 9;
}
