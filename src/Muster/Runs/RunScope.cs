using Muster.Pilots;

namespace Muster.Runs;

/// <summary>What a new run asks: all rows, or rows picked for a stage before the full run.</summary>
internal sealed record RunScope(PilotStage Stage)
{
    public static RunScope Full { get; } = new(PilotStage.Full);

    /// <summary>Goes on with a rerun, which was opened with its rows; opens none.</summary>
    public static RunScope Rerun { get; } = new(PilotStage.Full) { IsRerun = true };

    public bool IsRerun { get; private init; }

    /// <summary>Rows to pick; null for the stage's own number.</summary>
    public int? Rows { get; init; }

    /// <summary>Null for <see cref="DefaultSeed"/>.</summary>
    public ulong? Seed { get; init; }

    /// <summary>A pilot that is repeated asks the same rows, so that two versions of a job can be compared.</summary>
    public const ulong DefaultSeed = 1;

    public string Kind => IsRerun ? RunKinds.Rerun : KindOf(Stage);

    public static string KindOf(PilotStage stage) => stage.ToString().ToLowerInvariant();

    public static PilotStage StageOf(string kind) => Enum.Parse<PilotStage>(kind, ignoreCase: true);
}
