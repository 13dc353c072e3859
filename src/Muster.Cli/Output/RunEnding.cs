using Muster.Runs;

namespace Muster.Cli.Output;

/// <summary>Why a command that runs something came back, in a sentence.</summary>
internal static class RunEnding
{
    /// <summary>Null for a run that is done with nothing left to look at.</summary>
    public static string? Sentence(RunEnd end) => end.Outcome switch
    {
        RunOutcome.Done => end.Why is { } left ? $"Left to look at: {Figures.Clean(left)}." : null,
        RunOutcome.NothingToDo => $"Nothing to do: {end.Run.Name} answered this version of the job over this source. To ask again: --anew.{Left(end)}",
        RunOutcome.Paused => $"Paused, no row is blamed: {Figures.Clean(end.Why ?? "")}",
        RunOutcome.Unbalanced => $"Held, the books do not balance: {Figures.Clean(end.Why ?? "")}",
        RunOutcome.Held => $"Held, results cannot be had: {Figures.Clean(end.Why ?? "")}",
        RunOutcome.OverFailureBudget => $"Held, more failed than the budget allows: {Figures.Clean(end.Why ?? "")}. To go on all the same: --ignore-failure-budget.",
        RunOutcome.Canceled => $"Canceled; what finished before is kept.{Left(end)}",
        RunOutcome.StillProcessing => "Still processing: the time to wait is over, the work goes on at the remote.",
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    private static string Left(RunEnd end) => end.Why is { } left ? $" Left to look at: {Figures.Clean(left)}." : "";
}
