namespace Muster;

/// <summary>
/// Root of every refusal that crosses the public border. <see cref="Exception.Message"/> says what happened, where and with
/// which value; <see cref="Hint"/> says what to do next. The command line prints them as <c>Error:</c> and <c>Try:</c>.
/// </summary>
public class MusterException(string message, string hint, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>The next step for the reader, one sentence.</summary>
    public string Hint { get; } = hint;

    /// <summary>The process exit code that this refusal ends in; see <see cref="ExitCodes"/>.</summary>
    public virtual int ExitCode => ExitCodes.Error;
}

/// <summary>What a script may branch on. The list is a contract: codes are added, never changed.</summary>
public static class ExitCodes
{
    public const int Ok = 0;
    public const int Error = 1;
    public const int Usage = 2;

    /// <summary>The ledger does not balance, or a gate says ABORT.</summary>
    public const int Unbalanced = 3;

    /// <summary>A gate could not decide: too little was graded.</summary>
    public const int Inconclusive = 4;

    /// <summary>Money, failed rows or failed batches beyond what the job allows.</summary>
    public const int BudgetExceeded = 6;
    public const int StalePlan = 7;
    public const int StillProcessing = 75;
    public const int Detached = 130;
}
