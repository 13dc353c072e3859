namespace Muster.Pilots;

/// <summary>The stages of a job's first way to its table, each run only when a person has read the one before.</summary>
internal enum PilotStage { Smoke, Pilot, Dry, Full }

/// <summary>What each stage is for, how many rows it asks, and what follows.</summary>
internal static class PilotStages
{
    /// <summary>Between the 5 and 10 rows that show whether anything works at all.</summary>
    public const int SmokeRows = 8;

    /// <summary>Enough random rows (150) to know a cost within some ten percent.</summary>
    public const int DryRows = 500;

    /// <summary>Rows of a stage; null for all of them.</summary>
    public static int? RowsOf(PilotStage stage, int pilotRows) => stage switch
    {
        PilotStage.Smoke => SmokeRows,
        PilotStage.Pilot => pilotRows,
        PilotStage.Dry => DryRows,
        _ => null,
    };

    public static PilotStage? After(PilotStage stage) => stage == PilotStage.Full ? null : stage + 1;
}
