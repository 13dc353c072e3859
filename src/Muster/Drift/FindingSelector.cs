using Muster.Selections;

namespace Muster.Drift;

/// <summary>Writes the selector of the rows that a finding is about; null where a profile's name stands for several values.</summary>
internal static class FindingSelector
{
    /// <param name="value">What they were answered.</param>
    /// <param name="slices">Predicates, as <see cref="SliceProfile.Predicates"/>.</param>
    public static string? Answered(string pointer, string value, IReadOnlyList<string> slices) =>
        IsOne(value) ? Of([new SelectorTerm(SelectorField.Pointer, pointer, false, [new SelectorValue(value)])], slices) : null;

    public static string? NotAccepted(IReadOnlyList<string> slices) => Of([Term(SelectorField.State, "succeeded") with { Negated = true }], slices);

    public static string? In(IReadOnlyList<string> slices) => Of([], slices);

    private static string? Of(IReadOnlyList<SelectorTerm> terms, IReadOnlyList<string> slices) =>
        slices.All(slice => IsOne(slice[(slice.IndexOf('=', StringComparison.Ordinal) + 1)..])) ? new Selector([.. terms, .. slices.Select(Predicate)]).ToString() : null;

    private static bool IsOne(string name) => name is not (Profiler.OtherCategories or SliceTable.OtherValues or SliceTable.LaterBatches);

    private static SelectorTerm Predicate(string predicate) => predicate.StartsWith(SliceProfile.BatchDimension + "=", StringComparison.Ordinal)
        ? Term(SelectorField.Batch, predicate[(SliceProfile.BatchDimension.Length + 1)..])
        : Term(SelectorField.Slice, predicate);

    private static SelectorTerm Term(SelectorField field, string value) => new(field, null, false, [new SelectorValue(value)]);
}
