using Muster.Runs;

namespace Muster.Cli.Output;

/// <summary>The command that comes next, as it is typed in this folder.</summary>
/// <param name="job">The job file as it was named, or null for the only one here.</param>
internal sealed class NextStep(string? job, bool hasTarget)
{
    public string Of(RunReport report) => report.Run.State switch
    {
        RunState.Done or RunState.Canceled when !report.Run.IsFull() => Command("pilot"),
        RunState.Reading or RunState.Running or RunState.Paused or RunState.Canceling when !report.Run.IsFull() => Stage(report.Run.Kind),
        RunState.Done when hasTarget && report.Ledger.Succeeded > 0 => Command("promote"),
        RunState.Done => Command("report"),
        RunState.Held when report.Run.Why?.StartsWith(Verdicts.Reasons.Budget, StringComparison.Ordinal) == true => Command("report"),
        RunState.Held => Command("reconcile"),
        RunState.Reading or RunState.Running or RunState.Paused or RunState.Canceling or RunState.Canceled => Command("run"),
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    /// <summary>The command that runs a stage, or goes on with it.</summary>
    public string Stage(string kind) => $"{Command("pilot")}{(kind == "pilot" ? "" : $" --stage {kind}")}";

    public string Command(string verb) => Command(verb, job);

    public static string Command(string verb, string? job) => job is null ? $"muster {verb}" : $"muster {verb} {Quoted(job)}";

    /// <summary>The job file for a command that takes it as an option, or nothing.</summary>
    public static string JobOption(string? job) => job is null ? "" : $" --job {Quoted(job)}";

    public static string Quoted(string path) => path.All(c => char.IsLetterOrDigit(c) || "-_./\\:".Contains(c, StringComparison.Ordinal)) ? path : $"\"{path}\"";
}
