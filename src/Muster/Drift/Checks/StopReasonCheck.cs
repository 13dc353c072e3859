namespace Muster.Drift.Checks;

/// <summary>A9: outputs stop for other reasons, or pile up under the cap.</summary>
internal sealed class StopReasonCheck : ICheck
{
    private const long MinRows = 100;
    private static readonly Floors Rise = new(0.005, 0.02);

    public string Id => "A9";

    public string Title => "stop reasons";

    public IEnumerable<Measurement> Measure(DriftInput input)
    {
        if (input.Reference is not { } reference)
            return [Measurement.None(Id, "", Text.NoReference)];
        RunProfile current = input.Current;
        long now = current.StopReasons.Values.Sum(), before = reference.StopReasons.Values.Sum();
        var stops = current.StopReasons.Keys.Union(reference.StopReasons.Keys).Where(stop => stop != "end_turn").Order(StringComparer.Ordinal)
            .Select(stop => ShareRise.Of(Id, "", new Share(current.StopReasons.GetValueOrDefault(stop), now),
                new Share(reference.StopReasons.GetValueOrDefault(stop), before), Rise, MinRows, $"Answers end with {Excerpt.Of(stop)}"));
        return stops.Append(ShareRise.Of(Id, "", current.NearCap, reference.NearCap, Rise, MinRows, "Answers end within 2 % of max_tokens"));
    }
}
