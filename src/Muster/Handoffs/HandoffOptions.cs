namespace Muster.Handoffs;

public sealed record HandoffOptions
{
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>The run's name; null takes the newest full run, or the newest where there is none.</summary>
    public string? Run { get; init; }

    /// <summary>The job file that the runbook's commands name. Default: <c>NAME.job.yaml</c> in the job's folder.</summary>
    public string? JobFile { get; init; }

    /// <summary>The service that the runbook names; null for the public one. What stands before an @ in it is left out.</summary>
    public Uri? BaseUrl { get; init; }

    /// <summary>A price file of your own; null takes <c>MUSTER_PRICES</c>, and without it the built-in prices.</summary>
    public string? PriceFile { get; init; }

    public HandoffRows Rows { get; init; } = HandoffRows.With;

    public HandoffReplace Replace { get; init; } = HandoffReplace.OwnUnchanged;

    /// <summary>Values that must not stand in any file, besides those that the environment and the job name.</summary>
    internal IReadOnlyList<string> Secrets { get; init; } = [];
}
