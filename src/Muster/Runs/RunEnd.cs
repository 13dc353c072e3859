namespace Muster.Runs;

public enum RunOutcome
{
    /// <summary>Every row is in a terminal state.</summary>
    Done,

    /// <summary>The last run answered this version over this source; nothing was sent.</summary>
    NothingToDo,

    /// <summary>An account-level cause or the spending cap; running again resumes.</summary>
    Paused,

    /// <summary>The books do not balance.</summary>
    Unbalanced,

    /// <summary>More rows failed than the job allows.</summary>
    OverFailureBudget,
    Canceled,

    /// <summary>The time to wait is over; the work goes on at the remote.</summary>
    StillProcessing,
}

/// <summary>Where a call to run left the run.</summary>
/// <param name="Why">For a run that stopped: the reason code and what was seen.</param>
public sealed record RunEnd(RunOutcome Outcome, Run Run, Ledger Ledger, string? Why)
{
    public int ExitCode => Outcome switch
    {
        RunOutcome.Done or RunOutcome.NothingToDo or RunOutcome.Canceled => ExitCodes.Ok,
        RunOutcome.Unbalanced => ExitCodes.Unbalanced,
        RunOutcome.OverFailureBudget => ExitCodes.BudgetExceeded,
        RunOutcome.Paused when Verdicts.ReasonCode.Of(Why) == Verdicts.Reasons.CostCap => ExitCodes.BudgetExceeded,
        RunOutcome.StillProcessing => ExitCodes.StillProcessing,
        _ => ExitCodes.Error,
    };
}
