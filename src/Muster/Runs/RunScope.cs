using Muster.Evals;
using Muster.Pilots;

namespace Muster.Runs;

/// <summary>What a new run asks: all rows, rows picked for a stage before the full run, or the cases of an eval set.</summary>
internal sealed record RunScope(PilotStage Stage)
{
    public static RunScope Full { get; } = new(PilotStage.Full);

    /// <summary>Rows to pick; null for the stage's own number.</summary>
    public int? Rows { get; init; }

    /// <summary>Null for <see cref="DefaultSeed"/>.</summary>
    public ulong? Seed { get; init; }

    /// <summary>Makes the run an eval's or a judge's, and its stage irrelevant.</summary>
    public RunCases? Cases { get; init; }

    /// <summary>A pilot that is repeated asks the same rows, so that two versions of a job can be compared.</summary>
    public const ulong DefaultSeed = 1;

    public string Kind => Cases?.Kind ?? KindOf(Stage);

    public bool IsFull => Cases is null && Stage == PilotStage.Full;

    public static RunScope Eval(EvalSet set) => new(PilotStage.Pilot) { Cases = new RunCases(RunKinds.Eval, StoredEvalSet.Of(set)) };

    /// <param name="judged">The run whose answers are judged.</param>
    public static RunScope Judge(EvalSet set, Run judged) => new(PilotStage.Pilot) { Cases = new RunCases(RunKinds.Judge, StoredEvalSet.Of(set, judged.Id)) };

    public static string KindOf(PilotStage stage) => stage.ToString().ToLowerInvariant();

    public static PilotStage StageOf(string kind) => Enum.Parse<PilotStage>(kind, ignoreCase: true);
}

/// <summary>The cases that a run is about.</summary>
/// <param name="Kind">Of the run.</param>
internal sealed record RunCases(string Kind, StoredEvalSet Set);
