namespace Muster.Runs;

/// <summary>What surrounds a pipeline: clock, chance, patience and who listens.</summary>
public sealed record PipelineOptions
{
    public TimeProvider Time { get; init; } = TimeProvider.System;

    public Chance Chance { get; init; } = Chance.Unguessable();

    /// <summary>
    /// How long after a create of unknown outcome its absence from the list is not believed. Default 15 min, because the real
    /// service's delay is unknown; environment <c>MUSTER_QUIET_PERIOD</c>, in seconds.
    /// </summary>
    public TimeSpan QuietPeriod { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>Seconds between polls of a batch, instead of the server's hint; null follows the hint. For simulators.</summary>
    public TimeSpan? PollInterval { get; init; }

    /// <summary>A price file of your own instead of the shipped one; null for the shipped one.</summary>
    public string? PriceFile { get; init; }

    /// <summary>Goes on although more rows failed than the job allows; the run's log says so.</summary>
    public bool IgnoreFailureBudget { get; init; }

    /// <summary>Finishes an unfinished run with the definition it was opened with, although the job file says otherwise by now.</summary>
    public bool AsOpened { get; init; }

    /// <summary>Opens a new run although the last one answered this version over this source; every row is asked and paid again.</summary>
    public bool Anew { get; init; }

    /// <summary>Gives up waiting, not the work, after so long; null waits for the end.</summary>
    public TimeSpan? Timeout { get; init; }

    public IProgress<RunEvent>? Progress { get; init; }
}
