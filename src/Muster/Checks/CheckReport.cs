namespace Muster.Checks;

public enum CheckSeverity
{
    /// <summary>Worth knowing; nothing needs to change.</summary>
    Note,

    /// <summary>The run goes on and may cost or lose something.</summary>
    Warning,

    /// <summary>The job cannot be run, or its result could not be promoted.</summary>
    Fault,
}

/// <summary>One thing found before anything was sent.</summary>
/// <param name="Where">The file and line, or the field of the job file, as <c>tiers[1].max_tokens</c>.</param>
/// <param name="What">What was found there, with the value cut and escaped.</param>
/// <param name="Hint">The next step.</param>
public sealed record CheckFinding(CheckSeverity Severity, string Where, string What, string Hint)
{
    public override string ToString() => Where.Length == 0 ? What : $"{Where}: {What}";
}

/// <summary>Everything that can be known of a job without sending anything.</summary>
/// <param name="Source">Null when the source cannot be read.</param>
/// <param name="Forecast">Null when no request can be rendered.</param>
public sealed record CheckReport(
    string Job, string Version, IReadOnlyList<CheckFinding> Findings, SourceCheck? Source, Forecast? Forecast)
{
    public bool IsRunnable => Findings.All(finding => finding.Severity != CheckSeverity.Fault);
}

/// <summary>What the source holds: records = rows + merged, and rows = askable + set aside.</summary>
/// <param name="IsSample">True when reading stopped before the end because only so many records were asked for.</param>
/// <param name="HashedKeys">Rows whose key does not stand readable in the <c>custom_id</c>.</param>
/// <param name="AreDuplicatesComplete">False when there were more keys than are remembered; the run itself finds every one.</param>
public sealed record SourceCheck(
    IReadOnlyList<string> Paths, IReadOnlyList<string> Columns, long Records, long Merged, long Askable, long HashedKeys, bool IsSample,
    bool AreDuplicatesComplete, IReadOnlyList<SetAsideReason> SetAside)
{
    public long Rows => Records - Merged;

    public long SetAsideRows => SetAside.Sum(reason => reason.Rows);
}

/// <param name="Places">The first three, as <c>products.csv:17: what was found</c>.</param>
public sealed record SetAsideReason(string Reason, long Rows, IReadOnlyList<string> Places);

/// <summary>What a run would send and cost, by estimate.</summary>
/// <param name="Batches">Batches of the first tier, packed as a run packs them.</param>
/// <param name="LargestAt">Where the largest request's row stands.</param>
/// <param name="SampledRows">Rows whose tokens were estimated; the rest is in proportion to its bytes.</param>
/// <param name="EscalatedShare">The assumed share of a tier's rows that the next tier is asked about.</param>
/// <param name="ReservedPicoUsd">What the first tier's batches would hold against the cap while they are under way; null without a price.</param>
public sealed record Forecast(
    long Requests, int Batches, long BodyBytes, int LargestRequestBytes, string? LargestAt, long SampledRows, double EscalatedShare,
    IReadOnlyList<TierForecast> Tiers, DateOnly PricesAsOf, long? ReservedPicoUsd)
{
    /// <summary>Null when a tier's model has no price.</summary>
    public long? BatchPicoUsd => Sum(tier => tier.BatchPicoUsd);

    public long? SyncPicoUsd => Sum(tier => tier.SyncPicoUsd);

    private long? Sum(Func<TierForecast, long?> part) => Tiers.Any(tier => part(tier) is null) ? null : Tiers.Sum(part);
}

/// <param name="Tier">From 1, as people count.</param>
/// <param name="SharedTokens">Tokens of every request that are the same for all rows.</param>
/// <param name="BatchPicoUsd">At the batch price; null when the model has no price.</param>
/// <param name="SyncPicoUsd">The same requests one by one.</param>
public sealed record TierForecast(
    int Tier, string Model, long Requests, long SharedTokens, long InputTokens, long OutputTokens, long? BatchPicoUsd, long? SyncPicoUsd);

/// <summary>How far reading is.</summary>
internal sealed record CheckProgress(long Records);

public sealed record CheckOptions
{
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Reads only so many records of the source; null reads all.</summary>
    public long? Records { get; init; }

    /// <summary>A price file of your own; null takes <c>MUSTER_PRICES</c>, and without it the built-in prices.</summary>
    public string? PriceFile { get; init; }

    /// <summary>The share of a tier's rows that the next tier is assumed to be asked about, 0 to 1. Default 0.05.</summary>
    public double EscalatedShare { get; init; } = 0.05;

    internal IProgress<CheckProgress>? Progress { get; init; }
}
