using MathNet.Numerics.Distributions;
using Muster.Statistics;

namespace Muster.Drift.Checks;

/// <summary>A13: outputs speak of their own inputs less than they did, as when they are joined to other rows.</summary>
internal sealed class PairingCheck : ICheck
{
    private const long MinRows = 300;

    // Outputs that hardly quote their inputs cannot tell whose they are.
    private const double MinGap = 0.05;
    private static readonly Floors Loss = new(1 - 0.97, 1 - 0.95);

    public string Id => "A13";

    public string Title => "outputs beside their own inputs";

    public IEnumerable<Measurement> Measure(DriftInput input)
    {
        if (input.Reference is not { } reference)
            return [Measurement.None(Id, "", Text.NoReference)];
        Moments now = input.Current.Pairing.Gap, before = reference.Pairing.Gap;
        if (before.N >= MinRows && before.Mean < MinGap)
            return [Measurement.None(Id, "", "Outputs share too few words with their inputs to tell whose they are.")];
        var index = before.Mean > 0 ? now.Mean / before.Mean : 1;
        var error = before.Mean > 0 ? Math.Sqrt(now.Error + index * index * before.Error) / before.Mean : double.PositiveInfinity;
        var upper = index + Proportions.Z95 * error;
        return
        [
            new Measurement(Id, "", "", $"{index:0.000}", "1",
                $"Outputs quote their own input {index:0.000} times as much, against another row's, as before (at most {upper:0.000} at 95 %); below 0.97 they may belong to other rows.")
            {
                P = error > 0 ? Normal.CDF(0, 1, (index - 1) / error) : 1,
                Effect = upper < 1 ? 1 - index : 0,
                Floors = Loss,
                N = Math.Min(now.N, before.N),
                MinN = MinRows,
            },
        ];
    }
}
