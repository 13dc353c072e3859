namespace Muster.Runs;

/// <summary>How the rows of a run went up the tiers, and what each tier used.</summary>
/// <param name="Flows">Every row once.</param>
/// <param name="Uses">The usage, parted where rows went on.</param>
/// <param name="ReservedPicoUsd">By tier, what its batches were estimated to cost before they were sent.</param>
internal sealed record Ladder(IReadOnlyList<RowFlow> Flows, IReadOnlyList<TierUse> Uses, IReadOnlyDictionary<int, long> ReservedPicoUsd);

/// <summary>Rows that stand alike.</summary>
/// <param name="Tier">The tier a row was last asked at, or waits for, from 0.</param>
/// <param name="IsAsked">False for rows that no request was made of.</param>
internal sealed record RowFlow(int Tier, RowState State, bool IsAsked, long Rows);

/// <param name="HasClimbed">True for requests of rows that went on to a further tier.</param>
internal sealed record TierUse(Usage Usage, bool HasClimbed);

/// <summary>Asks how accepted outputs are spread over the known values of one property.</summary>
/// <param name="Property">At the top of the output; without quotation marks and backslashes.</param>
/// <param name="SourceColumn">Place of the source column that holds an earlier value; null for none.</param>
internal sealed record ValueQuery(string Property, int? SourceColumn, IReadOnlyList<string> Known);

/// <summary>Rows with the same value before and after, each as its place among the known values.</summary>
internal sealed record ValuePair(int Before, int After, long Rows)
{
    /// <summary>Null, missing or empty.</summary>
    public const int None = -1;

    /// <summary>A value that is not among the known ones.</summary>
    public const int Other = -2;
}
