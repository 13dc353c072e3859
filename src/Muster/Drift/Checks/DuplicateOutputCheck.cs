using Muster.Statistics;

namespace Muster.Drift.Checks;

/// <summary>A11: the same output for many rows.</summary>
internal sealed class DuplicateOutputCheck : ICheck
{
    private const long MinRows = 200;

    // Below this share a group of equal outputs is what a catalog has anyway.
    private const double MinShare = 0.01;
    private static readonly Floors Ratio = new(2, 5);

    public string Id => "A11";

    public string Title => "duplicate outputs";

    public IEnumerable<Measurement> Measure(DriftInput input)
    {
        if (input.Reference is not { } reference)
            return [Measurement.None(Id, "", Text.NoReference)];
        OutputGroupProfile now = input.Current.Groups, before = reference.Groups;
        Share share = new(now.Largest, now.N), was = new(before.Largest, before.N);
        var ratio = share.Value / Math.Max(was.Value, 1.0 / Math.Max(1, before.N));
        return
        [
            new Measurement(Id, "", "", $"{Text.Of(share)}, {Text.Percent(now.Distinct / Math.Max(1, now.N))} different",
                $"{Text.Of(was)}, {Text.Percent(before.Distinct / Math.Max(1, before.N))} different",
                $"The most frequent output answers {Text.Of(share)} of {now.N:N0} rows, {Text.Of(was)} before.")
            {
                // The largest of many groups is compared, so chance has that many tries.
                P = Math.Min(1, Proportions.P(share.Hits, share.N, was.Hits, was.N, Tail.Greater) * Math.Max(1, now.Distinct)),
                Effect = share.Value >= MinShare ? ratio : 1,
                Floors = Ratio,
                N = Math.Min(now.N, before.N),
                MinN = MinRows,
            },
        ];
    }
}
