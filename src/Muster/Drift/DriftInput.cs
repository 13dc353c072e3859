using Muster.Evals;

namespace Muster.Drift;

/// <summary>What the ledger and the store say about the rows that the profile was built from.</summary>
/// <param name="Rows">Rows of the run.</param>
/// <param name="KeySum">Sum of <see cref="Profiler.KeyHash"/> over their keys; null once some of them were purged.</param>
internal sealed record LedgerCount(long Rows, ulong? KeySum = null);

/// <summary>All that the checks compare.</summary>
/// <param name="Current">The run that is judged.</param>
/// <param name="Reference">The last accepted run of the same contract; null when there is none.</param>
internal sealed record DriftInput(RunProfile Current, RunProfile? Reference)
{
    public LedgerCount? Ledger { get; init; }

    /// <summary>Model ids that the job names itself.</summary>
    public IReadOnlyList<string> JobModels { get; init; } = [];

    /// <summary>Rows of this run that are cases of the eval set, beside the reference's or, without one, the locked baseline's; null when there is no set.</summary>
    public EvalComparison? Gold { get; init; }

    /// <summary>True where the job calls its keys sensitive: no sentence names one.</summary>
    public bool HidesKeys { get; init; }

    /// <summary>From what is known or was answered before to what was answered now, for rows where both are known.</summary>
    public Transitions? Transitions { get; init; }
}
