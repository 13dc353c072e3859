namespace Muster.Pilots;

/// <summary>The job wants a locked pilot before its full run, and this version has none.</summary>
public sealed class PilotRequiredException(string job, string version)
    : MusterException($"{job}@{version} is not piloted, and the job says `pilot: {{ required: true }}`.",
        "Run `muster pilot`, read it, then `muster pilot --lock`; or `muster run --unpiloted`, which is recorded.")
{
    public string Job { get; } = job;

    public string Version { get; } = version;
}
