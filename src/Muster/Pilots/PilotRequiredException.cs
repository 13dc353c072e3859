namespace Muster.Pilots;

/// <summary>A full run, or a rerun of every row, asks only of a version whose pilot passed and was locked, and this version has none.</summary>
public sealed class PilotRequiredException : MusterException
{
    /// <param name="since">What was locked before and differs now, as a sentence; null when no version was locked.</param>
    /// <param name="verb">The command that was refused.</param>
    internal PilotRequiredException(string job, string version, string? since, string verb = "run")
        : base($"{job}@{version} is not piloted: no pilot of this version is locked.{(since is null ? "" : $" {since}")}",
            $"Run `muster pilot`, read it, then `muster pilot --lock`; or `muster {verb} --unpiloted`, which is recorded.")
    {
        Job = job;
        Version = version;
    }

    public string Job { get; }

    public string Version { get; }

    public override int ExitCode => ExitCodes.Unbalanced;
}
