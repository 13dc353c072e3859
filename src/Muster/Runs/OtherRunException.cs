namespace Muster.Runs;

/// <summary>A run of another kind is unfinished: two runs of a job do not go on side by side.</summary>
public sealed class OtherRunException(string run, string kind, string wantedKind)
    : MusterException($"{run} is an unfinished {kind} run; a {wantedKind} run begins when it has ended.",
        $"Finish it with `muster {RunKinds.Verb(kind)}`, or end it with `muster cancel`.")
{
    public string Run { get; } = run;

    public string Kind { get; } = kind;
}
