using Muster.Pilots;

namespace Muster.Runs;

/// <summary>Tells runs over all rows from runs over picked ones.</summary>
internal static class RunKinds
{
    public const string Full = "full";

    /// <summary>Asks the cases of an eval set.</summary>
    public const string Eval = "eval";

    /// <summary>Asks a model about the answers of another run.</summary>
    public const string Judge = "judge";

    public static bool IsFull(this Run run) => run.Kind == Full;

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
        Eval or Judge => "eval",
        _ when RunScope.StageOf(kind) == PilotStage.Pilot => "pilot",
        _ => $"pilot --stage {kind}",
    };
}
