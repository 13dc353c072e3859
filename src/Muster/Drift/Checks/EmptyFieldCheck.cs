namespace Muster.Drift.Checks;

/// <summary>A3: a field that is empty more often.</summary>
internal sealed class EmptyFieldCheck : ICheck
{
    private const long MinRows = 100;
    private static readonly Floors Rise = new(0.005, 0.03);

    public string Id => "A3";

    public string Title => "empty fields";

    public IEnumerable<Measurement> Measure(DriftInput input)
    {
        if (input.Reference is not { } reference)
            return [Measurement.None(Id, "", Text.NoReference)];
        var pairs = input.Current.Fields.Join(reference.Fields, field => field.Pointer, field => field.Pointer, (current, before) => (current, before)).ToList();
        return pairs.Count == 0
            ? [Measurement.None(Id, "", "The two runs have no field in common.")]
            : pairs.Select(pair => ShareRise.Of(Id, pair.current.Pointer, pair.current.Empty, pair.before.Empty, Rise, MinRows, $"{pair.current.Pointer} is null or empty"));
    }
}
