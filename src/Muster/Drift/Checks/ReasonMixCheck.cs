namespace Muster.Drift.Checks;

/// <summary>A2: a reason code that rose, or is new.</summary>
internal sealed class ReasonMixCheck : ICheck
{
    private const long MinRows = 100;
    private static readonly Floors Rise = new(0.005, 0.02);

    public string Id => "A2";

    public string Title => "mix of reason codes";

    public IEnumerable<Measurement> Measure(DriftInput input)
    {
        if (input.Reference is not { } reference)
            return [Measurement.None(Id, "", Text.NoReference)];
        var codes = input.Current.Reasons.Keys.Union(reference.Reasons.Keys).Order(StringComparer.Ordinal).DefaultIfEmpty("any reason");
        return codes.Select(code => ShareRise.Of(Id, "",
            new Share(input.Current.Reasons.GetValueOrDefault(code), input.Current.Rows), new Share(reference.Reasons.GetValueOrDefault(code), reference.Rows),
            Rise, MinRows, $"{code} is the outcome"));
    }
}
