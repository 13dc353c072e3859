using Muster.Drift.Checks;
using Muster.Statistics;

namespace Muster.Drift;

/// <summary>
/// The two locks: a difference counts when it is statistically real (false discoveries over all comparisons of the report) and big
/// enough (the check's floor).
/// </summary>
internal static class DriftJudge
{
    public const double WarnQ = 0.05;
    public const double BlockQ = 0.001;
    private const int MaxAlso = 3;

    public static IReadOnlyList<ICheck> Checks { get; } =
    [
        new LedgerCheck(), new ReasonMixCheck(), new EmptyFieldCheck(), new TopValueCheck(), new CategoryMixCheck(), new ConfusionCheck(),
        new UnseenCategoryCheck(), new LengthRatioCheck(), new StopReasonCheck(), new DuplicateOutputCheck(), new PairingCheck(),
        new GoldCheck(), new TransitionCheck(), new SliceScanCheck(), new EconomicsCheck(), new ModelIdCheck(),
    ];

    public static DriftReport Judge(DriftInput input)
    {
        var measured = Checks.SelectMany(check => check.Measure(input).Select(measurement => (Check: check, Measurement: measurement))).ToList();
        var tested = measured.Where(pair => IsTested(pair.Measurement)).Select(pair => pair.Measurement).ToList();
        var q = FalseDiscovery.Q([.. tested.Select(measurement => measurement.P!.Value)]);
        var qOf = new Dictionary<object, double>(ReferenceEqualityComparer.Instance);
        for (var i = 0; i < tested.Count; i++)
            qOf[tested[i]] = q[i];
        var findings = Checks.SelectMany(check => Collapse([.. measured.Where(pair => ReferenceEquals(pair.Check, check))
            .Select(pair => new Judged(pair.Measurement, Find(pair.Measurement, check, qOf)))]));
        return new DriftReport([.. findings], tested.Count);
    }

    private static bool IsTested(Measurement measurement) => measurement is { Given: null, P: not null } && measurement.N >= measurement.MinN;

    private static DriftFinding Find(Measurement measurement, ICheck check, Dictionary<object, double> qOf)
    {
        double? q = qOf.TryGetValue(measurement, out var found) ? found : null;
        var severity = measurement.Given ?? (q is null ? Severity.NotApplicable
            : q <= BlockQ && measurement.Effect >= measurement.Floors.Block ? Severity.Block
            : q <= WarnQ && measurement.Effect >= measurement.Floors.Warn ? Severity.Warn : Severity.Ok);
        var sentence = measurement.Given is null && q is null
            ? $"{measurement.N:N0} rows are fewer than the {measurement.MinN:N0} that this check needs."
            : measurement.Sentence;
        return new DriftFinding(measurement.Check, check.Title, measurement.Field, measurement.Slice, measurement.Measured, measurement.Reference, q, severity, sentence)
        {
            Select = severity is Severity.Warn or Severity.Block ? measurement.Select : null,
        };
    }

    // A scan looks at the same rows through many slices: the strongest hit is shown, the others are named with it.
    private static IEnumerable<DriftFinding> Collapse(IReadOnlyList<Judged> judged)
    {
        foreach (var plain in judged.Where(one => one.Measurement.Scan is null))
            yield return plain.Finding;
        var scans = judged.Where(one => one.Measurement.Scan is not null).ToList();
        var hits = scans.Where(one => one.Finding.Severity is Severity.Warn or Severity.Block).GroupBy(one => one.Measurement.Scan!).ToList();
        foreach (var hit in hits)
        {
            var ordered = hit.OrderByDescending(one => one.Finding.Severity).ThenByDescending(one => one.Measurement.Strength).ToList();
            var also = ordered.Skip(1).Select(one => one.Measurement.Slice.Length == 0 ? "all rows" : one.Measurement.Slice).ToList();
            var rest = also.Count == 0 ? "" : $" Also seen in {string.Join("; ", also.Take(MaxAlso))}{(also.Count > MaxAlso ? $" and {also.Count - MaxAlso} more slices" : "")}.";
            yield return ordered[0].Finding with { Sentence = ordered[0].Finding.Sentence + rest };
        }

        var quiet = scans.Where(one => one.Finding.Severity == Severity.Ok && !hits.Exists(hit => hit.Any(other => other.Finding.Field == one.Finding.Field))).ToList();
        foreach (var field in quiet.GroupBy(one => one.Finding.Field))
        {
            var least = field.MinBy(one => one.Finding.Q)!.Finding;
            yield return least with
            {
                Slice = "", Measured = "", Reference = "", Sentence = $"{Amount.Of(field.Count(), "comparison")} over slices, none beyond the floor; the least likely is {(least.Slice.Length == 0 ? "all rows" : least.Slice)}.",
            };
        }
    }

    private sealed record Judged(Measurement Measurement, DriftFinding Finding);
}
