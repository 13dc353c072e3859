using Muster.Pilots;

namespace Muster.Runs;

/// <summary>Tells runs over all rows from runs over picked ones.</summary>
internal static class RunKinds
{
    public const string Full = "full";
    public const string Rerun = "rerun";

    /// <summary>Asks the cases of an eval set.</summary>
    public const string Eval = "eval";

    /// <summary>Asks a model about the answers of another run.</summary>
    public const string Judge = "judge";

    public static bool IsFull(this Run run) => run.Kind == Full;

    /// <summary>A run over a frozen selection of a full run's rows.</summary>
    public static bool IsRerun(this Run run) => run.Kind == Rerun;

    /// <summary>A run of a pilot's stages.</summary>
    public static bool IsPilot(this Run run) => run.IsOverPickedRows() && run.Kind is not (Eval or Judge);

    /// <summary>A run over rows or cases that were picked to judge a version by: never promoted, and no sample of the source.</summary>
    public static bool IsOverPickedRows(this Run run) => !run.IsFull() && !run.IsRerun();

    /// <summary>The newest full run; where there is none, the newest of any kind.</summary>
    public static Run? Newest(IEnumerable<Run> ofJob)
    {
        Run? newest = null;
        foreach (var run in ofJob)
        {
            if (newest is null || run.IsFull() || !newest.IsFull())
                newest = run;
        }

        return newest;
    }

    /// <summary>The command that goes on with a run of a kind.</summary>
    public static string Verb(string kind) => kind switch
    {
        Full => "run",
        Rerun => Rerun,
        Eval or Judge => "eval",
        _ when RunScope.StageOf(kind) == PilotStage.Pilot => "pilot",
        _ => $"pilot --stage {kind}",
    };
}
