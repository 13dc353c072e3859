namespace Muster.Reports;

public sealed record ReportOptions
{
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>The run's name; null takes the newest full run, or the newest where there is none.</summary>
    public string? Run { get; init; }

    /// <summary>The job file that its commands name; null leaves it out of them.</summary>
    public string? JobFile { get; init; }

    /// <summary>A price file of your own; null takes <c>MUSTER_PRICES</c>, and without it the built-in prices.</summary>
    public string? PriceFile { get; init; }
}
