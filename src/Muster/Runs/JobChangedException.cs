namespace Muster.Runs;

/// <summary>The job file no longer says what an unfinished run was opened with.</summary>
public sealed class JobChangedException(string run, string openedVersion, string currentVersion)
    : MusterException($"The job changed since {run} was opened: version {openedVersion} then, {currentVersion} now.",
        "Finish it as it was with `muster run --as-opened`, or end it with `muster cancel` and run the new version.")
{
    public string Run { get; } = run;

    public string OpenedVersion { get; } = openedVersion;

    public string CurrentVersion { get; } = currentVersion;
}
