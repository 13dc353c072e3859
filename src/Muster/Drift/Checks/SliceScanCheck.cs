using Muster.Statistics;

namespace Muster.Drift.Checks;

/// <summary>
/// A17: rows of one slice fail, are cut off or come back empty more than the rest of the run. Where the reference has the slice, its own
/// excess there is taken off; a batch never has one, and is compared with the rest alone.
/// </summary>
internal sealed class SliceScanCheck : ICheck
{
    private static readonly Floors Excess = new(0.03, 0.10);

    // Batches follow the source's order, so an empty field may be the source's own.
    private static readonly Floors WarnOnly = new(0.10, double.PositiveInfinity);

    public string Id => "A17";

    public string Title => "one slice against the rest";

    public IEnumerable<Measurement> Measure(DriftInput input)
    {
        var current = input.Current;
        if (current.Slices.Count < 2)
            return [Measurement.None(Id, "", $"No slice has {SliceTable.MinRows} rows.")];
        var before = input.Reference?.Slices.ToDictionary(slice => slice.Name) ?? [];
        var found = current.Slices.Skip(1).SelectMany(slice => Slice(input, slice, before)).ToList();
        return found.Count > 0 ? found : [Measurement.None(Id, "", Text.NoReference)];
    }

    private IEnumerable<Measurement> Slice(DriftInput input, SliceProfile slice, Dictionary<string, SliceProfile> before)
    {
        var all = input.Current.Slices[0];
        var reference = input.Reference?.Slices[0];
        var same = before.GetValueOrDefault(slice.Name);
        if (!slice.IsBatch && (same is null || reference is null))
            yield break;
        yield return Compare(slice, "", "is not accepted", Excess, one => new Share(one.NotAccepted, one.N), all, same, reference);
        yield return Compare(slice, "", "is cut off", Excess, one => new Share(one.CutOff, one.N), all, same, reference);
        for (var i = 0; i < input.Current.Fields.Count; i++)
        {
            var (field, pointer) = (i, input.Current.Fields[i].Pointer);
            var other = input.Reference?.Fields.Select((one, at) => (one, at)).FirstOrDefault(pair => pair.one.Pointer == pointer, (one: null!, at: -1)).at ?? -1;
            if (slice.IsBatch || other >= 0)
            {
                yield return Compare(slice, pointer, "is null or empty", slice.IsBatch ? WarnOnly : Excess,
                    one => new Share(one.Empty[ReferenceEquals(one, same) || ReferenceEquals(one, reference) ? other : field], one.Answered), all, same, reference);
            }
        }
    }

    private Measurement Compare(SliceProfile slice, string field, string what, Floors floors, Func<SliceProfile, Share> share,
        SliceProfile all, SliceProfile? same, SliceProfile? reference)
    {
        Share here = share(slice), rest = Rest(share(all), here);
        var z = here.Value - rest.Value;
        var variance = Variance(here, rest);
        var usual = "";
        if (same is not null && reference is not null)
        {
            Share then = share(same), others = Rest(share(reference), then);
            z -= then.Value - others.Value;
            variance += Variance(then, others);
            usual = $", {Text.Of(then)} before";
        }

        var score = variance > 0 ? z / Math.Sqrt(variance) : 0;
        return new Measurement(Id, field, slice.Name, Text.Of(here), Text.Of(rest),
            $"{(field.Length == 0 ? "The row" : field)} {what} in {Text.Of(here)} of the {here.N:N0} rows of slice {slice.Name}{usual}; in the rest {Text.Of(rest)}.")
        {
            // Against the rest of the same run the test is exact; a known excess can only make it less likely.
            P = Math.Max(Proportions.P(here.Hits, here.N, rest.Hits, rest.N, Tail.Greater), MathNet.Numerics.Distributions.Normal.CDF(0, 1, -score)),
            Effect = z,
            Floors = floors,
            N = Math.Min(here.N, rest.N),
            MinN = SliceTable.MinRows,
            Scan = $"{field} {what}",
            Select = field.Length > 0 ? FindingSelector.In(slice.Predicates) : FindingSelector.NotAccepted(slice.Predicates),
            Strength = score,
        };
    }

    private static Share Rest(Share all, Share part) => new(all.Hits - part.Hits, all.N - part.N);

    // Smoothed, so that a slice without a single hit is not taken for one without spread.
    private static double Variance(Share left, Share right)
    {
        var pooled = (left.Hits + right.Hits + 1.0) / (left.N + right.N + 2.0);
        return left.N == 0 || right.N == 0 ? 0 : pooled * (1 - pooled) * (1.0 / left.N + 1.0 / right.N);
    }
}
