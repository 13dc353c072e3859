namespace Muster.Pilots;

/// <summary>A version of a job whose pilot passed and was read: its full run is no longer called unpiloted.</summary>
/// <param name="RunId">The pilot.</param>
/// <param name="Who">The account that locked it.</param>
/// <param name="PassRate">Of all picked rows.</param>
/// <param name="Rows">Picked rows.</param>
/// <param name="EvalSetSha256">Of the file that was written, in lower-case hex.</param>
internal sealed record PilotLock(
    string Job, string JobVersion, long RunId, DateTimeOffset LockedAt, string Who, double PassRate, long Rows, string EvalSetSha256)
{
    /// <summary>Of <see cref="Rows"/>, those that people had decided when it was locked; null for a lock that did not count them.</summary>
    public long? Read { get; init; }
}
