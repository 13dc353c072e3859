namespace Muster.Runs;

public enum RunOutcome
{
    /// <summary>Every row is in a terminal state.</summary>
    Done,

    /// <summary>The last run answered this version over this source; nothing was sent.</summary>
    NothingToDo,

    /// <summary>An account-level cause, the spending cap or creates that never arrive; running again resumes.</summary>
    Paused,

    /// <summary>The books do not balance.</summary>
    Unbalanced,

    /// <summary>More rows failed than the job allows.</summary>
    OverFailureBudget,

    /// <summary>Results of a batch cannot be had; its rows stay in flight, and running again tries again.</summary>
    Held,
    Canceled,

    /// <summary>The time to wait is over; the work goes on at the remote.</summary>
    StillProcessing,
}

/// <summary>Where a call to run left the run.</summary>
/// <param name="Why">For a run that stopped: the reason code and what was seen. For one that is over: what is left to look at, as batches of unknown owner.</param>
public sealed record RunEnd(RunOutcome Outcome, Run Run, Ledger Ledger, string? Why)
{
    /// <summary>Batches that were made twice at the remote and are billed beside the rows: such a run ends with a code that is not 0.</summary>
    public int Duplicates { get; init; }

    public int ExitCode => Outcome switch
    {
        RunOutcome.Done or RunOutcome.NothingToDo when Duplicates > 0 => ExitCodes.Unbalanced,
        RunOutcome.NothingToDo or RunOutcome.Canceled when Verdicts.ReasonCode.Of(Why) == Verdicts.Reasons.Accounting => ExitCodes.Unbalanced,
        RunOutcome.Done or RunOutcome.NothingToDo or RunOutcome.Canceled => ExitCodes.Ok,
        RunOutcome.Unbalanced or RunOutcome.Held => ExitCodes.Unbalanced,
        RunOutcome.OverFailureBudget => ExitCodes.BudgetExceeded,
        RunOutcome.Paused when Verdicts.ReasonCode.Of(Why) == Verdicts.Reasons.CostCap => ExitCodes.BudgetExceeded,
        RunOutcome.StillProcessing => ExitCodes.StillProcessing,
        _ => ExitCodes.Error,
    };
}
