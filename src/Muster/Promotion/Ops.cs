using Muster.Verdicts;

namespace Muster.Promotion;

/// <summary>The words of the database for what the code names by enums.</summary>
internal static class Ops
{
    private static readonly string[] Words = ["insert", "update", "unchanged", "conflict", "source_changed", "missing", "constraint"];

    internal static PromotionOp Op(string word) => (PromotionOp)Array.IndexOf(Words, word);

    internal static string Word(PromotionOp op) => Words[(int)op];

    internal static string? Reason(PromotionOp op) => op switch
    {
        PromotionOp.Conflict => Reasons.PromotionConflict,
        PromotionOp.SourceChanged => Reasons.SourceChanged,
        PromotionOp.Constraint => Reasons.TargetConstraint,
        _ => null,
    };

    internal static PromotionState State(string word) => word switch
    {
        "live" => PromotionState.Live,
        "rolled_back" => PromotionState.RolledBack,
        _ => PromotionState.Final,
    };

    internal static UndoOutcome? Undo(string? word) => word switch
    {
        null => null,
        "restored" => UndoOutcome.Restored,
        "deleted" => UndoOutcome.Deleted,
        _ => UndoOutcome.Conflict,
    };
}
