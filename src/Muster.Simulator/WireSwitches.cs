namespace Muster.Simulator;

/// <summary>Where recordings differ or nothing was recorded: a client has to hold for both settings of each.</summary>
public sealed record WireSwitches
{
    /// <summary>Reads settings of the form <c>name=value</c>, names in snake_case, on top of the defaults.</summary>
    /// <exception cref="SimulatorException">A name or a value is not known; the message names it.</exception>
    public static WireSwitches Parse(IReadOnlyList<string> settings) => WireSettings.Parse(settings);

    public bool RateLimitHeaders { get; init; } = true;

    /// <summary>Compress replies for a client that asks for gzip.</summary>
    public bool Gzip { get; init; }

    /// <summary>Timestamps as <c>…Z</c> without fraction, as documented, and not as recorded.</summary>
    public bool ZuluTimestamps { get; init; }

    /// <summary>With <see cref="ZuluTimestamps"/>: six digits of fraction before the Z.</summary>
    public bool ZuluFraction { get; init; }

    /// <summary>Counts move while a batch is in progress.</summary>
    public bool LiveCounts { get; init; }

    /// <summary>Cancel of a canceling or ended batch is a 400 and not a 200 without change.</summary>
    public bool RefuseLateCancel { get; init; }

    /// <summary>Delete of a canceled batch is a 400.</summary>
    public bool RefuseDeleteOfCanceled { get; init; }

    /// <summary>Status of a results request after 29 days.</summary>
    public int ArchivedResultsStatus { get; init; } = 404;

    /// <summary>The 413 is the edge's HTML page and not JSON.</summary>
    public bool HtmlTooLarge { get; init; }

    /// <summary>Each download has another line order.</summary>
    public bool ReshuffleResults { get; init; }

    /// <summary>Content type of results; empty sends none.</summary>
    public string ResultsContentType { get; init; } = "application/x-jsonl";

    /// <summary><c>A</c> and <c>a</c> are the same custom_id.</summary>
    public bool CaseInsensitiveIds { get; init; }

    /// <summary>Sampling parameters under 2026-10-21 refuse the whole create and not the request.</summary>
    public bool RefuseSamplingAtCreate { get; init; }

    /// <summary>Create bodies without Content-Length are a 400.</summary>
    public bool RefuseChunkedCreate { get; init; }

    /// <summary>A doubled <c>anthropic-version</c> header counts by its first value and is not a 400.</summary>
    public bool TakeFirstVersion { get; init; }

    /// <summary>Create bodies may come with <c>Content-Encoding: gzip</c>; the size limit counts what they decode to.</summary>
    public bool GzipCreateBodies { get; init; }

    /// <summary>The 404 of an unknown batch says <c>Not found</c>, as in 2024, also for a batch of another workspace.</summary>
    public bool ShortNotFound { get; init; }

    /// <summary>Status of any call for a batch that was deleted.</summary>
    public int DeletedStatus { get; init; } = 404;

    /// <summary>A Range request on results is a 416 and not the whole file.</summary>
    public bool RefuseRange { get; init; }

    /// <summary>Text of the 400 for too many requests; empty takes the simulator's own.</summary>
    public string TooManyText { get; init; } = "";

    /// <summary>Text of the 429 for a full queue; empty takes the simulator's own.</summary>
    public string QueueFullText { get; init; } = "";

    /// <summary>Share of a batch's requests that read a prefix which only a sync call has warmed; 16 % were measured.</summary>
    public double CacheHitRateAfterSync { get; init; } = 0.16;

    /// <summary>Share of requests with a warm prefix that read it from the cache.</summary>
    public double CacheHitRate { get; init; } = 0.98;

    /// <summary>Result lines end in CRLF.</summary>
    public bool CrLfResults { get; init; }

    /// <summary>Ceiling of a results download; 0 is none.</summary>
    public long ResultsBytesPerSecond { get; init; }
}
