using Muster.Runs;

namespace Muster.Pilots;

/// <summary>A run over picked rows with what it says.</summary>
/// <param name="Missing">Batches whose answers are no longer kept: their tokens are in no percentile.</param>
internal sealed record PilotAccount(Run Run, RunPick Pick, IReadOnlyList<PickedResult> Rows, PilotReport Report, int Missing)
{
    /// <summary>Of the smoke's few rows no share is judged.</summary>
    public bool IsJudged => RunScope.StageOf(Run.Kind) is PilotStage.Pilot or PilotStage.Dry;
}
