namespace Muster.Reports;

/// <summary>How the accepted outputs are spread over the values that the contract allows a field, beside what was there before.</summary>
/// <param name="Labels">The contract's values, then none, then other.</param>
/// <param name="BeforeFrom">Where the earlier values are from; null when there are none.</param>
/// <param name="Before">Rows for each label; empty when there are no earlier values.</param>
/// <param name="Changed">Rows whose value differs from that row's earlier one; null when the earlier values are not of the same rows.</param>
internal sealed record CategoryShift(
    string Property, IReadOnlyList<string> Labels, string? BeforeFrom, IReadOnlyList<long> Before, IReadOnlyList<long> After, long? Changed)
{
    public long Rows => After.Sum();

    public long BeforeRows => Before.Sum();
}
