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
