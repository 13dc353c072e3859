using Muster.Runs;

namespace Muster.Pilots;

/// <summary>A run over picked rows with what it says.</summary>
/// <param name="Missing">Batches whose answers are no longer kept: their tokens are in no percentile.</param>
internal sealed record PilotAccount(Run Run, RunPick Pick, IReadOnlyList<PickedResult> Rows, PilotReport Report, int Missing)
{
    /// <summary>Rows that people decided.</summary>
    public int Read => Rows.Count(row => row.Ruling is not null);

    /// <summary>Rows that <c>muster review --pilot</c> still offers.</summary>
    public int Unread => Rows.Count(row => row.IsUnread);

    /// <summary>Of the smoke's few rows no share is judged.</summary>
    public bool IsJudged => RunScope.StageOf(Run.Kind) is PilotStage.Pilot or PilotStage.Dry;
}
