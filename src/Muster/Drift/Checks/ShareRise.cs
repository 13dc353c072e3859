using Muster.Statistics;

namespace Muster.Drift.Checks;

/// <summary>The measurement that most checks make: a share that rose against the reference's.</summary>
internal static class ShareRise
{
    public static Measurement Of(string check, string field, Share current, Share reference, Floors floors, long minN, string what)
    {
        var interval = Proportions.Newcombe(current.Hits, current.N, reference.Hits, reference.N);
        return new Measurement(check, field, "", Text.Of(current), Text.Of(reference),
            $"{what} in {Text.Of(current)} of {current.N:N0} rows, {Text.Of(reference)} before ({Text.Points(interval)}).")
        {
            P = Proportions.P(current.Hits, current.N, reference.Hits, reference.N, Tail.Greater),
            Effect = current.Value - reference.Value,
            Floors = floors,
            N = Math.Min(current.N, reference.N),
            MinN = minN,
        };
    }
}
