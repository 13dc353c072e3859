using Muster.Runs;

namespace Muster.Pilots;

/// <summary>How one picked row ended.</summary>
/// <param name="PicoUsd">What all its requests cost together.</param>
internal sealed record PilotRow(string Key, Stratum Stratum, RowState State, string? Reason, long PicoUsd);

/// <summary>One answer of the pilot; a row that was asked again has several.</summary>
/// <param name="Tier">From 1.</param>
/// <param name="OutputTokens">As returned, thinking included: <c>max_tokens</c> caps both together.</param>
/// <param name="WasCut">True when it stopped at <c>max_tokens</c>: its true length is unknown.</param>
internal sealed record PilotAnswer(int Tier, int OutputTokens, bool WasCut);

/// <summary>What the projection needs to know of the full run and of the pilot's course.</summary>
/// <param name="FullRows">Rows the full run would ask.</param>
/// <param name="QueuedRequests">Requests that may be unfinished at once.</param>
/// <param name="Rounds">How long each round of the pilot took from submission to its end: the first ask, then re-asks and escalations.</param>
/// <param name="Pass">The share that the job wants accepted, or null.</param>
/// <param name="Seed">Of the resampling.</param>
internal sealed record PilotCourse(long FullRows, int QueuedRequests, IReadOnlyList<TimeSpan> Rounds, double? Pass, ulong Seed);

/// <summary>One tier as the pilot used it.</summary>
/// <param name="MaxTokens">The job's cap.</param>
/// <param name="ModelMaxTokens">The model's own, or null when unknown.</param>
internal sealed record PilotTier(int Tier, string Model, int MaxTokens, int? ModelMaxTokens);

/// <summary>An interval for a share: hits of so many. Wilson's, at 95 %.</summary>
internal delegate Bounds ShareBounds(long hits, long of);

internal readonly record struct Bounds(double Low, double High);
