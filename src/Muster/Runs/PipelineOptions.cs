using System.Globalization;

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

    /// <summary>
    /// Between polls of a batch, instead of the server's hint. Default null, which follows the hint; environment
    /// <c>MUSTER_POLL_INTERVAL</c>, in seconds. For simulators.
    /// </summary>
    public TimeSpan? PollInterval { get; init; }

    /// <summary>A price file of your own instead of the shipped one; null for the shipped one.</summary>
    public string? PriceFile { get; init; }

    /// <summary>Goes on although more rows or batches failed than the job allows.</summary>
    public bool IgnoreFailureBudget { get; init; }

    /// <summary>Finishes an unfinished run with the definition it was opened with, although the job file says otherwise by now.</summary>
    public bool AsOpened { get; init; }

    /// <summary>Opens a new run although the last one answered this version over this source; every row is asked and paid again.</summary>
    public bool Anew { get; init; }

    /// <summary>
    /// Opens a full run although no pilot of its version is locked; the run says so for good. Default false, which refuses it unless the
    /// job says <c>pilot: { required: false }</c>.
    /// </summary>
    public bool Unpiloted { get; init; }

    /// <summary>What a new run asks. Default: all rows.</summary>
    internal RunScope Scope { get; init; } = RunScope.Full;

    /// <summary>Gives up waiting, not the work, after so long; null waits for the end.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>How long a run may go without looking whether a cancel was requested. Default 1 s.</summary>
    internal TimeSpan LongestSleep { get; init; } = TimeSpan.FromSeconds(1);

    internal Stores.StoreLimits Store { get; init; } = Stores.StoreLimits.Default;

    public IProgress<RunEvent>? Progress { get; init; }

    /// <summary>Where alerts are sent; null sends none. What is worth one stands in the job.</summary>
    public Alerts.AlertOptions? Alerts { get; init; }

    /// <summary>The defaults, with <c>MUSTER_QUIET_PERIOD</c> and <c>MUSTER_POLL_INTERVAL</c> (seconds) where they are set.</summary>
    /// <exception cref="MusterException">A variable is set to something that is not a number of seconds in its range.</exception>
    public static PipelineOptions FromEnvironment()
    {
        var options = new PipelineOptions();
        return options with
        {
            QuietPeriod = Seconds("MUSTER_QUIET_PERIOD", 0.1, 86_400) ?? options.QuietPeriod,
            PollInterval = Seconds("MUSTER_POLL_INTERVAL", 0.01, 3_600),
        };
    }

    private static TimeSpan? Seconds(string variable, double least, double most)
    {
        if (Environment.GetEnvironmentVariable(variable) is not { Length: > 0 } text)
            return null;
        if (!double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var seconds) || !(seconds >= least && seconds <= most))
            throw new MusterException($"{variable} is {Excerpt.Quoted(text)}, which is not a number of seconds from {least} to {most}.",
                $"Set it to seconds, for example {variable}=2, or unset it.");
        return TimeSpan.FromSeconds(seconds);
    }
}
