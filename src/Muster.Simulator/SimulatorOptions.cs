using Muster.Simulator.Faults;

namespace Muster.Simulator;

/// <summary>How a simulated API starts. Every default describes the documented service.</summary>
public sealed record SimulatorOptions
{
    /// <summary>TCP port on 127.0.0.1; 0 takes a free one.</summary>
    public int Port { get; init; }

    /// <summary>Same seed and same inputs give the same ids, answers, faults and durations.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Virtual seconds per real second; 0 stops the clock except for <see cref="VirtualClock.Advance"/>.</summary>
    public double Speed { get; init; } = 1;

    /// <summary>Batches end at once; <see cref="TimeToEndMin"/> and <see cref="TimeToEndMax"/> are then irrelevant.</summary>
    public bool Instant { get; init; }

    /// <summary>The first virtual instant; null takes the real one, or the last one kept in <see cref="StateFolder"/> when later.</summary>
    public DateTimeOffset? StartAt { get; init; }

    /// <summary>Where batches survive a restart; null keeps requests in a temporary folder that goes with the simulator.</summary>
    public string? StateFolder { get; init; }

    public string ApiKey { get; init; } = "sk-sim";

    /// <summary>Further keys, each with the name of the workspace it belongs to; <see cref="ApiKey"/> belongs to <c>default</c>.</summary>
    public IReadOnlyDictionary<string, string> OtherKeys { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary><c>schema</c>, <c>labels</c>, <c>echo</c> or <c>oracle</c>.</summary>
    public string Engine { get; init; } = "schema";

    /// <summary>For <c>oracle</c>: expected answers by key, with accuracy and bias by model and slice; docs/simulator.md has the form.</summary>
    public string? OracleFile { get; init; }

    /// <summary>For <c>oracle</c>: share of right answers by substring of the model id, where the file does not say; a model that matches none answers right always.</summary>
    public IReadOnlyDictionary<string, double> OracleAccuracy { get; init; } = new Dictionary<string, double>(StringComparer.Ordinal);

    public FaultPlan Faults { get; init; } = FaultPlan.None;

    /// <summary>Calls per virtual minute over all batch endpoints (4,000 is the Scale tier); null switches the limit off.</summary>
    public int? RequestsPerMinute { get; init; } = 4_000;

    /// <summary>Unfinished requests over all batches (500,000 is the Scale tier); null switches the limit off.</summary>
    public int? QueuedRequests { get; init; } = 500_000;

    /// <summary>Shortest time from create to end: 55 s is the shortest one recorded in 2026.</summary>
    public TimeSpan TimeToEndMin { get; init; } = TimeSpan.FromSeconds(55);

    /// <summary>Longest time from create to end: 11 min is the longest one recorded. Beyond 24 h the rest of a batch expires.</summary>
    public TimeSpan TimeToEndMax { get; init; } = TimeSpan.FromMinutes(11);

    public int MaxRequestsPerBatch { get; init; } = 100_000;

    /// <summary>Limit of a create body; 256 MB is documented. A longer body is a 413.</summary>
    public long MaxBodyBytes { get; init; } = 256L * 1024 * 1024;

    /// <summary>Limit of a sync and a token-counting body; 32 MB is documented.</summary>
    public long MaxSyncBodyBytes { get; init; } = 32L * 1024 * 1024;

    /// <summary>Models accepted besides the documented ones.</summary>
    public IReadOnlyList<string> ExtraModels { get; init; } = [];

    public WireSwitches Wire { get; init; } = new();
}

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

    /// <summary>Sampling parameters under 2026-10-21 refuse the whole create and not the item.</summary>
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
