using Muster.Jobs;
using Muster.Promotion;
using Muster.Runs;

namespace Muster.Cli.Output;

/// <summary>The command that comes next, as it is typed in this folder.</summary>
/// <param name="job">The job file as it was named, or null for the only one here.</param>
internal sealed class NextStep(string? job, bool hasTarget)
{
    /// <summary>As <see cref="Of(RunReport)"/>, but a run whose promotion stands in the target needs none.</summary>
    public async Task<string> OfAsync(RunReport report, Job definition, TimeProvider time, CancellationToken cancellationToken)
    {
        if (report.Run.State == RunState.Done && definition.Target is { } target && await IsPromotedAsync(Targets.Open(target, time), report.Run, cancellationToken))
            return Command("report");
        return Of(report);
    }

    public string Of(RunReport report) => report.Run.State switch
    {
        RunState.Done when report.Run.IsRerun() && hasTarget && report.Ledger.Succeeded > 0 => $"{Command("promote")} --run {report.Run.Name}",
        RunState.Canceled when report.Run.IsRerun() => Command("report"),
        RunState.Running or RunState.Paused or RunState.Canceling when report.Run.IsRerun() => Command("rerun"),
        RunState.Done or RunState.Canceled when !report.Run.IsFull() => report.Run.Kind is RunKinds.Eval or RunKinds.Judge ? Command("eval") : Command("pilot"),
        RunState.Reading or RunState.Running or RunState.Paused or RunState.Canceling when !report.Run.IsFull() => Stage(report.Run.Kind),
        RunState.Done when hasTarget && report.Ledger.Succeeded > 0 => Command("promote"),
        RunState.Done => Command("report"),
        RunState.Held when report.Run.Why?.StartsWith(Verdicts.Reasons.Budget, StringComparison.Ordinal) == true => Command("report"),
        RunState.Held => Command("reconcile"),
        // To run again would ask and pay for every row again.
        RunState.Canceled when hasTarget && report.Ledger.Succeeded > 0 && report.Ledger.Succeeded == report.Ledger.Rows => Command("promote") + " --partial",
        RunState.Reading or RunState.Running or RunState.Paused or RunState.Canceling or RunState.Canceled => Command("run"),
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    private static async Task<bool> IsPromotedAsync(ITarget target, Run run, CancellationToken cancellationToken)
    {
        try
        {
            return (await target.ReceiptsAsync(cancellationToken)).Any(receipt => receipt.RunId == Promotions.RunIdOf(run) && receipt.State == PromotionState.Live);
        }
        catch (TargetException)
        {
            // The promotion is the next step, and it names the target's trouble.
            return false;
        }
    }

    /// <summary>The command that runs a stage, or goes on with it.</summary>
    public string Stage(string kind) => kind is RunKinds.Eval or RunKinds.Judge ? Command("eval") : $"{Command("pilot")}{(kind == "pilot" ? "" : $" {kind}")}";

    public string Command(string verb) => Command(verb, job);

    public static string Command(string verb, string? job) => job is null ? $"muster {verb}" : $"muster {verb} {Quoted(job)}";

    /// <summary>The job file for a command that takes it as an option, or nothing.</summary>
    public static string JobOption(string? job) => job is null ? "" : $" --job {Quoted(job)}";

    /// <summary>A path or a key as it is typed. Keys come from the source: what a shell would run or expand stands in single quotes.</summary>
    public static string Quoted(string path) =>
        path.All(c => char.IsLetterOrDigit(c) || "-_./\\:".Contains(c, StringComparison.Ordinal)) ? path
        : path.AsSpan().IndexOfAny("\"$`!") < 0 ? $"\"{path}\"" : Shell.Quoted(path);
}
