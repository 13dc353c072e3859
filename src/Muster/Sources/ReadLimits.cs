namespace Muster.Sources;

/// <summary>What bounds the reader's memory and patience. Tests make the buffer tiny so that records cross its every boundary.</summary>
internal sealed record ReadLimits
{
    public static readonly ReadLimits Default = new();

    /// <summary>Bytes of the first buffer; it doubles for a longer record, up to <see cref="MaxRecordBytes"/>.</summary>
    public int BufferBytes { get; init; } = 256 * 1024;

    /// <summary>A record longer than this is set aside; the API takes no request of 32 MB, and half of that is plenty for one row.</summary>
    public int MaxRecordBytes { get; init; } = 16 * 1024 * 1024;

    /// <summary>Records of a JSONL source that are looked at for its columns.</summary>
    public int JsonlSample { get; init; } = 1_000;

    /// <summary>Columns of a JSONL source; an object keyed by ids would otherwise make each id a column.</summary>
    public int MaxColumns { get; init; } = 10_000;

    /// <summary>Unpacked bytes from which <see cref="MaxGzipRatio"/> is enforced.</summary>
    public long GzipRatioFrom { get; init; } = 64L * 1024 * 1024;

    /// <summary>Unpacked bytes per packed byte; deflate ends at 1,032 and text seldom passes 50.</summary>
    public long MaxGzipRatio { get; init; } = 1_000;
}
